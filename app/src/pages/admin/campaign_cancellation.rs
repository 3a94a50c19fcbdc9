//! The form that cancels a campaign.

use super::{
    FORM_ID, admin_page,
    form_control::{ControlKind, FormControl, controls_error_summary, form_control},
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path, messages,
};
use crate::{
    campaign_model::phase::Phase,
    components::form_field::user_field,
    form_input::CancellationInput,
    format::{count, fill, isolated},
    layout::render_page,
    page_context::{FormStep, PageContext},
};
use domain::{ApiError, CampaignId, api::campaigns::CampaignDetail};
use leptos::prelude::*;

/// `/admin/campaigns/{id}/cancel`.
#[component]
pub fn CancelCampaignPage() -> impl IntoView {
    render_page(move |visit: PageContext| async move {
        visit.admin()?;
        let t = messages(&visit);
        let id: CampaignId = id_in_path(&visit)?;
        let old = visit.engine.rankings.campaign(id).await?;
        let title = fill(t.about, &[t.campaign_cancel, &isolated(&old.campaign.product.name)]);
        let phase = Phase::of(&old.campaign, visit.engine.clock.now());
        if matches!(phase, Phase::Ended | Phase::Cancelled) {
            return Ok(admin_page(&visit, title, view! { <p class="notice warn">{t.campaign_over}</p> }));
        }
        let draft: CancellationInput = visit.form_input();
        let body = match (visit.form_step(), draft.cancel()) {
            (FormStep::Review, Ok(cancel)) => {
                let rows = vec![
                    ReviewRow::new(
                        t.status,
                        Some(visit.common_messages().phase(phase).to_owned()),
                        visit.common_messages().phase(Phase::Cancelled),
                    ),
                    ReviewRow::new(t.reason, Some(t.none.to_owned()), cancel.reason.to_string()),
                ];
                let effects = effects(&visit, &old);
                let (action, confirm) = ("/api/ui/cancel_campaign", t.campaign_cancel);
                let id = Some(id.to_string());
                form_review(&visit, FormReview { action, id, draft: &draft, rows, effects, confirm, is_final: true })
            }
            (FormStep::Review, Err(error)) => {
                visit.set_error_status(&error);
                form(&visit, &draft, id, Some(&error))
            }
            _ => form(&visit, &draft, id, visit.form_error().as_ref()),
        };
        Ok(form_page(&visit, title, body))
    })
}

fn form(visit: &PageContext, draft: &CancellationInput, id: CampaignId, error: Option<&ApiError>) -> AnyView {
    let t = messages(visit);
    let controls = vec![FormControl::new("reason", t.reason, &draft.reason, ControlKind::Text).hint(t.reason_hint)];
    let problems = controls_error_summary(visit, &controls, error);
    let controls: Vec<_> = controls.into_iter().map(|it| form_control(visit, it, error)).collect();
    view! {
        <div class="card form-card">
            <form class="form" id=FORM_ID method="post" action=visit.path.clone()>
                {user_field(visit)}
                {problems}
                {controls}
                <div class="actions">
                    <button class="primary" name="step" value="review">{t.to_review}</button>
                    <a class="button" href=format!("/admin/campaigns/{id}")>{t.leave}</a>
                </div>
            </form>
        </div>
    }
    .into_any()
}

fn effects(visit: &PageContext, old: &CampaignDetail) -> Vec<String> {
    let t = messages(visit);
    vec![
        fill(t.cancel_effect_bids, &[&count(old.stats.total_bids), &count(old.stats.total_participants)]),
        fill(t.cancel_effect_stock, &[&old.campaign.quota.get().to_string()]),
        fill(t.cancel_effect_end, &[&visit.zone().show(old.campaign.end_time)]),
    ]
}
