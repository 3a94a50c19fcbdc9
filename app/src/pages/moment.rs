//! Times as the pages show them.

use super::visit::Visit;
use crate::format;
use domain::Timestamp;
use leptos::prelude::*;

/// A time to the minute. The page's script rewrites it in the reader's zone, and names that.
pub(super) fn moment(visit: &Visit, at: Timestamp) -> impl IntoView + use<> {
    time("minutes", at, &format::date_time_to_minute(at, visit.lang))
}

/// A time to the second.
pub(super) fn exact_moment(visit: &Visit, at: Timestamp) -> impl IntoView + use<> {
    time("seconds", at, &format::date_time_to_second(at, visit.lang))
}

/// A translator would put nodes of its own in the place of those that the script rewrites.
fn time(precision: &'static str, at: Timestamp, text: &str) -> impl IntoView + use<> {
    view! { <time data-local=precision datetime=at.to_string() translate="no">{format!("{text} UTC")}</time> }
}
