//! Times as `<time>` elements, in UTC until the page's script rewrites them in the reader's zone.

use crate::{format, page_context::PageContext};
use domain::Timestamp;
use leptos::prelude::*;

/// A time to the minute.
pub(crate) fn time_to_minute(context: &PageContext, at: Timestamp) -> impl IntoView + use<> {
    time("minutes", at, &format::date_time_to_minute(at, context.lang))
}

/// A time to the second.
pub(crate) fn time_to_second(context: &PageContext, at: Timestamp) -> impl IntoView + use<> {
    time("seconds", at, &format::date_time_to_second(at, context.lang))
}

/// Not to be translated: a translator would replace the text nodes that the script rewrites.
fn time(precision: &'static str, at: Timestamp, text: &str) -> impl IntoView + use<> {
    view! { <time data-local=precision datetime=at.to_string() translate="no">{format!("{text} UTC")}</time> }
}
