//! The document's title and text areas. The framework does not escape the text of these elements, so it is escaped
//! here. A test makes sure that no other file renders them.

use super::form_field::FieldAria;
use leptos::prelude::*;
use leptos_meta::Title;

/// The document's title element, escaped.
pub(crate) fn document_title(text: &str) -> impl IntoView + use<> {
    view! { <Title text=escaped(text) /> }
}

/// A text area that holds `value`.
pub(crate) fn text_area(name: &'static str, value: &str, required: bool, described: FieldAria) -> AnyView {
    let FieldAria { described_by, invalid } = described;
    // Browsers drop a line break right after the tag.
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
    fn input_stays_inside_its_text_area() {
        let described = || FieldAria { described_by: None, invalid: None };
        let html = text_area("reason", "\n</textarea><b>&amp;", true, described()).to_html();
        assert!(html.contains(">\n\n&lt;/textarea&gt;&lt;b&gt;&amp;amp;</textarea>"), "{html}");
        let empty = text_area("reason", "", false, described()).to_html();
        assert!(empty.contains(">\n</textarea>"), "{empty}");
    }

    /// The Rust sources below a directory: path and text of each.
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
    fn no_other_file_renders_unescaped_text() {
        // Our own scripts and sentences, and a title within an SVG, which the framework escapes.
        let known = [
            ("components/escaped_text.rs", "Title"),
            ("components/escaped_text.rs", "textarea"),
            ("chart.rs", "style"),
            ("chart.rs", "title"),
            ("pages/admin/campaign_monitor.rs", "script"),
            ("pages/admin/product_form.rs", "script"),
            ("pages/campaign.rs", "noscript"),
            ("shell.rs", "script"),
            ("shell/island_loader.rs", "script"),
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
            // Browsers count characters differently from the server.
            for length in ["minlength", "maxlength"] {
                assert!(!text.contains(&format!("{length}=")), "{length} in {path}");
            }
        }
    }
}
