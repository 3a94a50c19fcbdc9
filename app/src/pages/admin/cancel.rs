//! Calling a campaign off.

use super::{
    admin_page,
    control::{Control, Kind, control, problems},
    id_in_path,
    input::{Input, Step},
    review::{Review, Row, review},
    texts,
};
use crate::{
    drafts::CancelDraft,
    format::{count, fill, isolated},
    live::phase::Phase,
    pages::{
        form::page_user,
        visit::{Visit, page},
    },
};
use domain::{ApiError, CampaignId, api::campaigns::CampaignDetail, limits};
use leptos::prelude::*;

/// `/admin/campaigns/{id}/cancel`.
#[component]
pub fn CancelCampaignPage() -> impl IntoView {
    let input = Input::current();
    page(move |visit: Visit| async move {
        visit.admin()?;
        let t = texts(&visit);
        let id: CampaignId = id_in_path(&visit)?;
        let old = visit.engine.campaign(id).await?;
        let title = fill(t.about, &[t.campaign_cancel, &isolated(&old.campaign.product.name)]);
        let phase = Phase::of(&old.campaign, visit.engine.now());
        if matches!(phase, Phase::Ended | Phase::Cancelled) {
            return Ok(admin_page(&visit, title, view! { <p class="notice warn">{t.campaign_over}</p> }));
        }
        let draft: CancelDraft = input.draft();
        let body = match (input.step, draft.cancel()) {
            (Step::Review, Ok(cancel)) => {
                let rows = vec![
                    Row::new(
                        t.status,
                        Some(visit.texts().phase(phase).to_owned()),
                        visit.texts().phase(Phase::Cancelled),
                    ),
                    Row::new(t.reason, Some(t.none.to_owned()), cancel.reason.to_string()),
                ];
                let effects = effects(&visit, &old);
                let (action, confirm) = ("/api/ui/cancel_campaign", t.campaign_cancel);
                let id = Some(id.to_string());
                review(&visit, Review { action, id, draft: &draft, rows, effects, confirm, is_final: true })
            }
            (Step::Review, Err(error)) => {
                input.refuse(error.code.http_status());
                form(&visit, &draft, id, Some(&error))
            }
            _ => form(&visit, &draft, id, visit.form_error().as_ref()),
        };
        Ok(admin_page(&visit, title, body))
    })
}

fn form(visit: &Visit, draft: &CancelDraft, id: CampaignId, error: Option<&ApiError>) -> AnyView {
    let t = texts(visit);
    let controls =
        vec![Control::new("reason", t.reason, &draft.reason, Kind::Line(limits::REASON_CHARS_MAX)).hint(t.reason_hint)];
    let problems = problems(visit, &controls, error);
    let controls: Vec<_> = controls.into_iter().map(|it| control(visit, it, error)).collect();
    view! {
        <div class="card form-card">
            <form class="form" method="post" action=visit.path.clone()>
                {page_user(visit)}
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

fn effects(visit: &Visit, old: &CampaignDetail) -> Vec<String> {
    let t = texts(visit);
    vec![
        fill(t.cancel_effect_bids, &[&count(old.stats.total_bids), &count(old.stats.total_participants)]),
        fill(t.cancel_effect_stock, &[&old.campaign.quota.get().to_string()]),
        fill(t.cancel_effect_end, &[&visit.zone().show(old.campaign.end_time)]),
    ]
}
