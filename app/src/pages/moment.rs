//! Times as the pages show them.

use super::visit::Visit;
use crate::format;
use domain::Timestamp;
use leptos::prelude::*;

/// A time to the minute. The page's script rewrites it in the reader's zone.
pub(super) fn moment(visit: &Visit, at: Timestamp) -> impl IntoView + use<> {
    view! { <time data-local="minutes" datetime=at.to_string()>{format::moment(at, visit.lang)}</time> }
}

/// A time to the second.
pub(super) fn exact_moment(visit: &Visit, at: Timestamp) -> impl IntoView + use<> {
    view! { <time data-local="seconds" datetime=at.to_string()>{format::exact_moment(at, visit.lang)}</time> }
}
