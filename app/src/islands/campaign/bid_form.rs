//! The bid form and what became of the bid.

use super::state::Live;
use crate::{
    error::AppError,
    format::{fill, money},
    live::{
        phase::Phase,
        snapshot::BidState,
        standing::{Source, Standing},
    },
    server_fns::place_bid,
};
use domain::{ErrorCode, api::bids::BidOutcome};
use leptos::{either::Either, ev::SubmitEvent, html::Input, prelude::*, task::spawn_local};

pub(super) fn bid_form(live: Live) -> impl IntoView {
    let texts = live.texts();
    let over = move || !matches!(live.phase.get(), Phase::Pending | Phase::Active);
    let body = if live.me.is_some() {
        Either::Left(form(live))
    } else {
        let href = format!("/login?next=/campaigns/{}", live.campaign_id);
        Either::Right(view! { <p><a class="button primary" href=href>{texts.bid_sign_in}</a></p> })
    };
    let known = move || matches!(live.phase.get(), Phase::Ended | Phase::Cancelled);
    // While the result is awaited there is nothing to fill in, but what became of the last bid stays.
    view! {
        <section class="card bid" id="bid" hidden=known>
            <h2>{texts.bid_title}</h2>
            <div hidden=over>{body}</div>
            <p class="muted">
                {move || match live.phase.get() {
                    Phase::Pending => texts.bid_not_open,
                    Phase::Active => texts.bid_binding,
                    Phase::Settling | Phase::Ended | Phase::Cancelled => texts.bid_closed,
                }}
            </p>
            <div role="status" data-bid=move || live.bid.with(bid_name)>{move || message(live)}</div>
        </section>
    }
}

fn form(live: Live) -> impl IntoView {
    let texts = live.texts();
    let price: NodeRef<Input> = NodeRef::new();
    let sending = move || live.bid.with(|bid| *bid == BidState::Sending);
    let closed = move || live.phase.get() != Phase::Active;
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let (Some(input), false, false) = (price.get(), sending(), closed()) {
            send(live, input.value());
        }
    };
    view! {
        <form class="form" method="post" action="/api/ui/place_bid" on:submit=on_submit>
            <input type="hidden" name="campaign_id" value=live.campaign_id.to_string() />
            <fieldset disabled=closed>
                <div class="field">
                    <label for="price">{texts.bid_price}</label>
                    <input
                        type="number"
                        id="price"
                        name="price"
                        required=true
                        min=live.min_price.to_string()
                        max=domain::Money::MAX.to_string()
                        step="0.01"
                        inputmode="decimal"
                        autocomplete="off"
                        aria-describedby="price-hint"
                        node_ref=price
                    />
                    <p class="hint" id="price-hint">{fill(texts.bid_min, &[&money(live.min_price)])}</p>
                </div>
                <button class="primary" disabled=sending>{texts.bid_send}</button>
            </fieldset>
        </form>
    }
}

/// Sends a bid. Only the server's answer says whether it stands.
fn send(live: Live, price: String) {
    live.bid.set(BidState::Sending);
    spawn_local(async move {
        let answer = place_bid(live.campaign_id.to_string(), price).await;
        live.bid.set(match answer {
            Ok(outcome) => {
                let standing = standing_of(&outcome);
                live.learn_standing(standing, Source::Answer);
                if outcome.improved { BidState::Accepted(standing) } else { BidState::Kept(standing) }
            }
            Err(AppError::Refused(error)) => BidState::Refused(error),
            Err(AppError::Unanswered) => BidState::Unanswered,
        });
    });
}

fn standing_of(outcome: &BidOutcome) -> Standing {
    Standing { rank: outcome.rank, score: outcome.score, price: Some(outcome.price) }
}

fn message(live: Live) -> impl IntoView {
    let texts = live.texts();
    let told = |text: &str, standing: &Standing| {
        let price = standing.price.map(money).unwrap_or_default();
        fill(text, &[&price, &standing.rank.to_string(), &standing.score.to_string()])
    };
    let (kind, text) = match live.bid.get() {
        BidState::Idle => return None,
        BidState::Sending => ("notice", texts.bid_sending.to_owned()),
        BidState::Accepted(standing) => ("notice good", told(texts.bid_accepted, &standing)),
        BidState::Kept(standing) => ("notice", told(texts.bid_kept, &standing)),
        BidState::Refused(error) if error.code == ErrorCode::Validation => ("notice bad", texts.rule_money.to_owned()),
        BidState::Refused(error) => ("notice bad", texts.error(&error)),
        BidState::Unanswered => ("notice bad", texts.bid_unanswered.to_owned()),
    };
    Some(view! { <p class=kind>{text}</p> })
}

/// A bid's state for style sheets and tests.
fn bid_name(bid: &BidState) -> &'static str {
    match bid {
        BidState::Idle => "idle",
        BidState::Sending => "sending",
        BidState::Accepted(_) => "accepted",
        BidState::Kept(_) => "kept",
        BidState::Refused(_) => "refused",
        BidState::Unanswered => "unanswered",
    }
}
