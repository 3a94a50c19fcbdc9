//! The form that declares a bid void, and a member's bids that it is for.

use super::{
    FORM_ID, admin_page, campaign_link,
    data_table::{Column, data_table},
    form_control::{ControlKind, FormControl, controls_error_summary, form_control},
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path, messages,
};
use crate::{
    components::form_field::user_field,
    form_input::ReasonInput,
    format::{isolated, money},
    layout::render_page,
    page_context::{FormStep, PageContext, PageError},
};
use domain::{ApiError, CampaignId, ErrorCode, UserId, api::accounts::User};
use engine::OpenBid;
use leptos::{either::Either, prelude::*};

/// `/admin/campaigns/{id}/bids/{user_id}/void`.
#[component]
pub fn VoidBidPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let campaign: CampaignId = id_in_path(&context)?;
        let bidder: UserId = context.path.split('/').nth(5).unwrap_or_default().parse().map_err(|_| not_found())?;
        let bidder = context.engine.accounts.user(actor, bidder).await?;
        let bids = context.engine.void_bids.open_bids(actor, bidder.user_id).await?;
        let bid = bids.into_iter().find(|bid| bid.campaign_id == campaign).ok_or_else(not_found)?;
        let title = t.about(t.declare_void, &isolated(&bidder.username));
        if bid.void_reason.is_some() {
            let body = view! { <p class="notice">{t.bid_already_void}</p> };
            return Ok(admin_page(&context, title, body));
        }
        let input: ReasonInput = context.form_input();
        let body = match (context.form_step(), input.parse()) {
            (FormStep::Review, Ok(reason)) => {
                let rows = vec![
                    ReviewRow::new(t.campaign, None, bid.product.clone()),
                    ReviewRow::new(t.price, None, money(bid.price)),
                    ReviewRow::new(t.reason, Some(t.none.to_owned()), reason.to_string()),
                ];
                let effects = vec![t.void_effect(&isolated(&bidder.username))];
                let (action, confirm) = ("/api/ui/declare_bid_void", t.declare_void);
                let id = Some(format!("{campaign}/{}", bidder.user_id));
                form_review(&context, FormReview { action, id, input: &input, rows, effects, confirm, is_final: false })
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, &input, &bidder, Some(&error))
            }
            _ => form(&context, &input, &bidder, context.form_error().as_ref()),
        };
        Ok(form_page(&context, title, body))
    })
}

fn not_found() -> PageError {
    ErrorCode::NotFound.into()
}

fn form(context: &PageContext, input: &ReasonInput, bidder: &User, error: Option<&ApiError>) -> AnyView {
    let t = messages(context);
    let controls =
        vec![FormControl::new("reason", t.reason, &input.reason, ControlKind::Text).hint(t.void_reason_hint)];
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
                    <a class="button" href=format!("/admin/users/{}", bidder.user_id)>{t.leave}</a>
                </div>
            </form>
        </div>
    }
    .into_any()
}

/// A member's standing bids in open campaigns, each with a link to declare it void or a button to make it valid again.
pub(super) fn open_bids(context: &PageContext, bidder: &User, bids: &[OpenBid]) -> impl IntoView + use<> {
    let t = messages(context);
    let rows = bids.iter().map(|bid| {
        [
            campaign_link(context, bid.campaign_id, &bid.product).into_any(),
            money(bid.price).into_any(),
            state(context, bid).into_any(),
            deed(context, bidder, bid),
        ]
    });
    let columns = [Column::Name(t.campaign), Column::Number(t.price), Column::Text(t.status), Column::Link];
    let body = if bids.is_empty() {
        Either::Left(view! { <p class="muted">{t.open_bids_none}</p> })
    } else {
        Either::Right(data_table(t.open_bids, columns, rows))
    };
    view! {
        <section class="card" id="bids">
            <h2>{t.open_bids}</h2>
            {body}
        </section>
    }
}

fn state(context: &PageContext, bid: &OpenBid) -> impl IntoView + use<> {
    let t = messages(context);
    match &bid.void_reason {
        Some(reason) => Either::Left(t.bid_void_because(&isolated(reason))),
        None if bid.is_void => Either::Right(t.bid_void_by_account),
        None => Either::Right(t.bid_valid),
    }
}

fn deed(context: &PageContext, bidder: &User, bid: &OpenBid) -> AnyView {
    let t = messages(context);
    let (campaign, user) = (bid.campaign_id.to_string(), bidder.user_id.to_string());
    if bid.void_reason.is_some() {
        let form = view! {
            <form method="post" action="/api/ui/restore_bid">
                {user_field(context)} <input type="hidden" name="campaign_id" value=campaign />
                <input type="hidden" name="bidder_id" value=user /> <button class="small">{t.restore_bid}</button>
            </form>
        };
        form.into_any()
    } else if bid.is_void {
        ().into_any()
    } else {
        view! { <a href=format!("/admin/campaigns/{campaign}/bids/{user}/void")>{t.declare_void}</a> }.into_any()
    }
}
