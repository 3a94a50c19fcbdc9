//! The time left of a campaign in a list, and what keeps such a list up to date.

use super::time_tag::time_to_minute;
use crate::{campaign_model::phase::Phase, format::time_left, islands::ListRefresh, page_context::PageContext};
use domain::api::campaigns::Campaign;
use leptos::{either::EitherOf4, prelude::*};

/// The island that keeps the list `#campaigns` of a page up to date.
pub(crate) fn list_refresh(context: &PageContext) -> impl IntoView + use<> {
    let reader = context.user.as_ref().map(|user| user.user_id);
    view! { <ListRefresh now_ms=context.engine.clock.now().unix_millis() lang=context.lang reader=reader /> }
}

/// When a campaign in a list becomes outdated by itself, in milliseconds since the Unix epoch: at its next change of
/// phase, or at once while its result is awaited. The `ListRefresh` island reads it from `data-refresh-at`.
pub(crate) fn refresh_at(campaign: &Campaign, phase: Phase) -> Option<String> {
    let at = match phase {
        Phase::Pending => campaign.start_time,
        Phase::Active | Phase::Settling => campaign.end_time,
        Phase::Ended | Phase::Cancelled => return None,
    };
    Some(at.unix_millis().to_string())
}

/// The time left until the start or the end; after it, when the end was. The style sheet shows another text instead once
/// the row is outdated, until the list is refreshed.
pub(crate) fn campaign_countdown(context: &PageContext, campaign: &Campaign, phase: Phase) -> impl IntoView + use<> {
    let (t, live) = (context.page_messages(), context.lang.island_messages());
    let (caption, at, once_outdated) = match phase {
        Phase::Pending => (live.starts_in, campaign.start_time, t.start_has_passed),
        Phase::Active => (live.ends_in, campaign.end_time, t.time_is_up),
        Phase::Settling => {
            return EitherOf4::A(view! { <p class="campaign-time">{t.settling}</p> });
        }
        Phase::Ended => {
            return EitherOf4::B(
                view! { <p class="campaign-time">{t.ended_at} " " {time_to_minute(context, campaign.end_time)}</p> },
            );
        }
        Phase::Cancelled => {
            return EitherOf4::C(
                view! { <p class="campaign-time">{t.was_to_end} " " {time_to_minute(context, campaign.end_time)}</p> },
            );
        }
    };
    let left = time_left(at.unix_millis() - context.engine.clock.now().unix_millis(), live.days_unit);
    EitherOf4::D(view! {
        <p class="campaign-time">
            <span class="left">
                {caption} " " <strong data-until=at.unix_millis().to_string()>{left}</strong>
            </span>
            {time_to_minute(context, at)} <strong class="once-outdated">{once_outdated}</strong>
        </p>
    })
}
