//! The line of success after a form was executed.

use crate::page_context::PageContext;
use leptos::prelude::*;

/// What the reader has just done, if this page is the one that says so.
pub(crate) fn done_line(context: &PageContext) -> Option<impl IntoView + use<>> {
    let text = context.take_deed()?.text(context.lang);
    Some(view! { <p class="notice good" role="status" data-done>{text}</p> })
}
