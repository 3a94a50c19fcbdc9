//! The document's title and the field of several lines: the framework writes their text as it is,
//! so it is escaped here. A test makes sure that no page makes them by itself.

use super::form::Described;
use leptos::prelude::*;
use leptos_meta::Title;

/// The document's title.
pub(super) fn document_title(text: &str) -> impl IntoView + use<> {
    view! { <Title text=escaped(text) /> }
}

/// A field of several lines that holds `value`.
pub(super) fn text_area(name: &'static str, value: &str, required: bool, described: Described) -> AnyView {
    let Described { described_by, invalid } = described;
    // Browsers take a line break at the beginning for a part of the tag.
    let content = format!("\n{}", escaped(value));
    view! {
        <textarea
            id=name
            name=name
            rows="4"
            required=required
            aria-describedby=described_by
            aria-invalid=invalid
            inner_html=content
        ></textarea>
    }
    .into_any()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn what_was_typed_stays_inside_a_field_of_several_lines() {
        let described = || Described { described_by: None, invalid: None };
        let html = text_area("reason", "\n</textarea><b>&amp;", true, described()).to_html();
        assert!(html.contains(">\n\n&lt;/textarea&gt;&lt;b&gt;&amp;amp;</textarea>"), "{html}");
        let empty = text_area("reason", "", false, described()).to_html();
        assert!(empty.contains(">\n</textarea>"), "{empty}");
    }

    /// The sources of this crate below a directory: each file's path and text.
    fn sources(directory: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.display().to_string(), fs::read_to_string(&path).expect("a text")));
            }
        }
    }

    #[test]
    fn nothing_else_writes_text_as_it_is() {
        // Scripts of ours, a sentence of ours, and a title inside a drawing, which is escaped.
        let known = [
            ("pages/raw_text.rs", "Title"),
            ("pages/raw_text.rs", "textarea"),
            ("chart.rs", "title"),
            ("pages/admin/monitor.rs", "script"),
            ("pages/campaign.rs", "noscript"),
            ("shell.rs", "script"),
            ("shell/islands.rs", "script"),
        ];
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        sources(&root, &mut files);
        assert!(files.len() > 50, "the sources were found");
        for (path, text) in files {
            for element in ["Title", "title", "textarea", "script", "style", "noscript"] {
                let is_known = known.iter().any(|(file, known)| path.ends_with(file) && *known == element);
                assert!(is_known || !text.contains(&format!("<{element}")), "<{element} in {path}");
            }
            let is_known = known.iter().any(|(file, _)| path.ends_with(file));
            assert!(is_known || !text.contains("inner_html"), "inner_html in {path}");
            // Browsers count otherwise than the server.
            for length in ["minlength", "maxlength"] {
                assert!(!text.contains(&format!("{length}=")), "{length} in {path}");
            }
        }
    }
}
