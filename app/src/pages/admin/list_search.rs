//! The search of a list in the admin area.

use super::messages;
use crate::{components::empty_list::empty_list, page_context::PageContext};
use domain::validated::Search;
use leptos::prelude::*;

/// The URL of the list at `path` with its search and another query parameter, such as a filter.
pub(super) fn list_url(path: &str, other: Option<(&str, &str)>, search: &Search) -> String {
    let searched = (!search.is_empty()).then_some(("q", &**search));
    let pairs: Vec<_> = other.into_iter().chain(searched).collect();
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

/// The search form above the list at `path`, which keeps another query parameter.
pub(super) fn search_form(
    context: &PageContext,
    path: &'static str,
    label: &'static str,
    search: &Search,
    other: Option<(&'static str, &'static str)>,
) -> impl IntoView + use<> {
    let t = messages(context);
    let other = other.map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <form class="toolbar search" role="search" method="get" action=path>
            {other}
            <div class="field">
                <label for="q">{label}</label>
                <input type="search" id="q" name="q" value=search.to_string() />
            </div>
            <button>{t.search_button}</button>
        </form>
    }
}

/// In place of a list without rows: that the search found nothing, or `none` and `hint` without a search.
pub(super) fn empty_search(
    context: &PageContext,
    path: &'static str,
    search: &Search,
    none: &'static str,
    hint: &'static str,
) -> AnyView {
    let t = messages(context);
    if search.is_empty() {
        empty_list(none, hint, None).into_any()
    } else {
        empty_list(t.search_none, t.search_none_hint, Some((path, t.search_all))).into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_query_only_if_needed() {
        let search = |text: &str| text.parse::<Search>().expect("a search");
        let active = Some(("status", "active"));
        assert_eq!(list_url("/admin/users", None, &search("")), "/admin/users");
        assert_eq!(list_url("/admin/users", active, &search("")), "/admin/users?status=active");
        assert_eq!(list_url("/a", active, &search("50% & 名")), "/a?status=active&q=50%25+%26+%E5%90%8D");
    }
}
