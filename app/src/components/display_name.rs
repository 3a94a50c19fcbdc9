//! The display of names that users entered: members' and products'.

use crate::page_context::PageContext;
use domain::validated::is_blank;
use leptos::prelude::*;

/// A name, isolated from the writing direction of the text around it. A name without visible characters, from before
/// they were required, is replaced by a word, so that a link on it can be found.
pub(crate) fn display_name(context: &PageContext, name: &str) -> impl IntoView + use<> {
    let shown = if is_blank(name) { context.page_messages().unnamed } else { name };
    view! { <bdi>{shown.to_owned()}</bdi> }
}
