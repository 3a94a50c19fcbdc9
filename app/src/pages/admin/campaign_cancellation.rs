//! The form that cancels a campaign.

use super::{
    FORM_ID, admin_page,
    closed_campaign::closed_campaign,
    form_control::{ControlKind, FormControl, controls_error_summary, form_control},
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path, messages,
};
use crate::{
    campaign_model::phase::Phase,
    components::form_field::user_field,
    form_input::ReasonInput,
    format::{count, isolated},
    layout::render_page,
    page_context::{FormStep, PageContext},
};
use domain::{ApiError, CampaignId, api::campaigns::CampaignDetail};
use leptos::prelude::*;

/// `/admin/campaigns/{id}/cancel`.
#[component]
pub fn CancelCampaignPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        context.admin()?;
        let t = messages(&context);
        let id: CampaignId = id_in_path(&context)?;
        let old = context.engine.rankings.campaign(id).await?;
        let title = t.about(t.campaign_cancel, &isolated(&old.campaign.product.name));
        let phase = Phase::of(&old.campaign, context.engine.clock.now());
        if matches!(phase, Phase::Ended | Phase::Cancelled) {
            let body = closed_campaign(&context, &old.campaign).await?;
            return Ok(admin_page(&context, title, body));
        }
        let input: ReasonInput = context.form_input();
        let body = match (context.form_step(), input.parse()) {
            (FormStep::Review, Ok(reason)) => {
                let rows = vec![
                    ReviewRow::new(
                        t.status,
                        Some(context.common_messages().phase(phase).to_owned()),
                        context.common_messages().phase(Phase::Cancelled),
                    ),
                    ReviewRow::new(t.reason, Some(t.none.to_owned()), reason.to_string()),
                ];
                let effects = effects(&context, &old);
                let (action, confirm) = ("/api/ui/cancel_campaign", t.campaign_cancel);
                let id = Some(id.to_string());
                form_review(&context, FormReview { action, id, input: &input, rows, effects, confirm, is_final: true })
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, &input, id, Some(&error))
            }
            _ => form(&context, &input, id, context.form_error().as_ref()),
        };
        Ok(form_page(&context, title, body))
    })
}

fn form(context: &PageContext, input: &ReasonInput, id: CampaignId, error: Option<&ApiError>) -> AnyView {
    let t = messages(context);
    let controls = vec![FormControl::new("reason", t.reason, &input.reason, ControlKind::Text).hint(t.reason_hint)];
    let problems = controls_error_summary(context, &controls, error);
    let controls: Vec<_> = controls.into_iter().map(|it| form_control(context, it, error)).collect();
    view! {
        <div class="card form-card">
            <form class="form" id=FORM_ID method="post" action=context.path.clone() novalidate>
                {user_field(context)}
                {problems}
                {controls}
                <div class="actions">
                    <button class="primary" name="step" value="review">{t.to_review}</button>
                    <a class="button" href=format!("/admin/campaigns/{id}")>{t.keep_campaign}</a>
                </div>
            </form>
        </div>
    }
    .into_any()
}

fn effects(context: &PageContext, old: &CampaignDetail) -> Vec<String> {
    let t = messages(context);
    vec![
        t.cancel_effect_bids(&count(old.stats.total_bids), &count(old.stats.total_participants)),
        t.cancel_effect_stock(&old.campaign.quota.get().to_string()),
        t.cancel_effect_end(&context.zone().show(old.campaign.end_time)),
    ]
}
