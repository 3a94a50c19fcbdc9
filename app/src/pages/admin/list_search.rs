//! The search of a list in the admin area.

use super::messages;
use crate::{components::empty_list::empty_list, page_context::PageContext};
use domain::{ApiError, limits, validated::Search};
use leptos::prelude::*;

/// A query parameter of a list besides its search, such as a filter: name and value.
pub(super) type Parameter = (&'static str, String);

/// The URL of the list at `path` with its search and other query parameters.
pub(super) fn list_url(path: &str, others: &[Parameter], search: &Search) -> String {
    let searched = (!search.is_empty()).then_some(("q", &**search));
    let others = others.iter().map(|(name, value)| (*name, value.as_str()));
    let pairs: Vec<_> = others.chain(searched).collect();
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

/// The search form above the list at `path`, which keeps other query parameters.
pub(super) fn search_form(
    context: &PageContext,
    path: &'static str,
    label: &'static str,
    search: &Search,
    others: &[Parameter],
) -> AnyView {
    form(context, path, label, search, others, None, None)
}

/// The same with further fields.
pub(super) fn search_form_with(
    context: &PageContext,
    path: &'static str,
    label: &'static str,
    search: &Search,
    others: &[Parameter],
    fields: AnyView,
) -> AnyView {
    form(context, path, label, search, others, None, Some(fields))
}

/// In place of a list whose search is invalid: the form with the text as it was typed, and what it must be.
pub(super) fn refused_search(
    context: &PageContext,
    path: &'static str,
    label: &'static str,
    typed: &str,
    others: &[Parameter],
) -> AnyView {
    context.set_error_status(&ApiError::field("q", ""));
    form(context, path, label, typed, others, Some(search_rule(context)), None)
}

/// What the text of a search must be.
pub(super) fn search_rule(context: &PageContext) -> String {
    messages(context).search_rule(&limits::SEARCH_CHARS_MAX.to_string())
}

fn form(
    context: &PageContext,
    path: &'static str,
    label: &'static str,
    typed: &str,
    others: &[Parameter],
    wrong: Option<String>,
    fields: Option<AnyView>,
) -> AnyView {
    let t = messages(context);
    let others = others.iter().map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> });
    let others = others.collect_view();
    let (described, invalid) = if wrong.is_some() { (Some("q-error"), Some("true")) } else { (None, None) };
    view! {
        <form class="toolbar search" role="search" method="get" action=path>
            {others}
            <div class="field">
                <label for="q">{label}</label>
                <input
                    type="search"
                    id="q"
                    name="q"
                    value=typed.to_owned()
                    aria-describedby=described
                    aria-invalid=invalid
                />
            </div>
            {fields}
            <button>{t.search_button}</button>
        </form>
        {wrong.map(|wrong| view! { <p class="notice bad" id="q-error" role="alert">{wrong}</p> })}
    }
    .into_any()
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
        let active = [("status", "active".to_owned())];
        assert_eq!(list_url("/admin/users", &[], &search("")), "/admin/users");
        assert_eq!(list_url("/admin/users", &active, &search("")), "/admin/users?status=active");
        assert_eq!(list_url("/a", &active, &search("50% & 名")), "/a?status=active&q=50%25+%26+%E5%90%8D");
    }
}
