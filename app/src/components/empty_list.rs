//! What is shown in place of an empty list.

use super::icon::{Icon, icon};
use leptos::prelude::*;

/// A message, a hint and perhaps a link to somewhere else.
pub(crate) fn empty_list(
    text: &'static str,
    hint: &'static str,
    link: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {icon(Icon::Empty)} <p>{text}</p> <p class="muted">{hint}</p>
            {link.map(|(href, text)| view! { <a class="button" href=href>{text}</a> })}
        </div>
    }
}
