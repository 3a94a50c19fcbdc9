//! The badge of a campaign's phase.

use crate::{campaign_model::phase::Phase, page_context::PageContext};
use leptos::prelude::*;

/// The phase's name as a badge.
pub(crate) fn phase_badge(context: &PageContext, phase: Phase) -> impl IntoView + use<> {
    view! { <span class="badge" data-phase=phase.name()>{context.common_messages().phase(phase)}</span> }
}
