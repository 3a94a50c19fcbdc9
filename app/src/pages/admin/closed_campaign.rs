//! In place of the forms of a campaign that is over: how it ended, and the way to its monitor.

use super::messages;
use crate::{
    components::time_tag::time_to_second,
    format::isolated,
    page_context::{PageContext, PageError},
};
use domain::api::campaigns::Campaign;
use leptos::prelude::*;

/// Why nothing can be changed: the campaign has ended, or when and why it was cancelled.
pub(super) async fn closed_campaign(context: &PageContext, campaign: &Campaign) -> Result<AnyView, PageError> {
    let t = messages(context);
    let id = campaign.campaign_id;
    let notice = match context.engine.campaigns.cancelled_at(id).await? {
        Some(at) => {
            let reason = campaign.cancel_reason.as_ref().map(|reason| {
                view! { <p>{t.cancelled_because(&isolated(reason))}</p> }
            });
            view! {
                <div class="notice warn">
                    <p>{t.cancelled_over}</p>
                    {reason}
                    <p>{t.cancelled_at} " " {time_to_second(context, at)}</p>
                </div>
            }
            .into_any()
        }
        None => view! { <p class="notice warn">{t.campaign_over}</p> }.into_any(),
    };
    let links = view! {
        <p class="actions">
            <a class="button" href=format!("/admin/campaigns/{id}")>{t.monitor}</a>
        </p>
    };
    Ok(view! { {notice} {links} }.into_any())
}
