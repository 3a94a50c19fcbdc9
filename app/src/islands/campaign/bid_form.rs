//! The user's standing, the bid form and the answer to the bid: one card, which on a phone stays at the bottom of the
//! screen.

#[cfg(feature = "hydrate")]
use super::armed_bid;
use super::{
    bid_answer, bid_confirmation, forecast_line,
    signals::{CampaignSignals, PageSession},
    standing_strip, suggested_prices,
};
#[cfg(feature = "ssr")]
use crate::campaign_model::price_input::TypedPrice;
use crate::{
    campaign_model::{
        phase::Phase,
        price_input::{self, PriceError},
        snapshot::BidState,
    },
    format::{amount_text, currency_symbol, money},
};
use domain::{ErrorCode, Money, unusual_price::is_unusual};
use leptos::{either::Either, ev::SubmitEvent, html::Input, prelude::*};

pub(super) fn bid_form(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let over = move || !matches!(live.phase.get(), Phase::Pending | Phase::Active);
    let body = if live.user_id.is_some() {
        Either::Left(form(live))
    } else {
        let href = format!("/login?next=/campaigns/{}", live.campaign_id);
        Either::Right(view! { <p><a class="button primary" href=href>{messages.bid_sign_in}</a></p> })
    };
    // After the end the form is hidden, unless the outcome of a failed bid is still to be shown.
    let done = move || {
        let is_shown = live.bid.with(|bid| {
            bid.is_pending() || matches!(bid, BidState::Refused(_) | BidState::Unknown | BidState::Dropped { .. })
        });
        matches!(live.phase.get(), Phase::Ended | Phase::Cancelled) && !is_shown
    };
    view! {
        <section class="card bid" id="bid" hidden=done>
            <h2 class="visually-hidden">{messages.bid_title}</h2>
            {standing_strip::standing_strip(live)}
            <div hidden=over>{body}</div>
            {bid_answer::bid_answer(live)}
            <p class="hint bid-note">
                {move || match live.phase.get() {
                    Phase::Pending => messages.bid_not_open,
                    Phase::Active => messages.bid_binding,
                    Phase::Settling | Phase::Ended | Phase::Cancelled => messages.bid_closed,
                }}
            </p>
        </section>
    }
}

fn form(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let input: NodeRef<Input> = NodeRef::new();
    // On the server the input starts with the value of a refused plain form; a browser finds that in the page.
    #[cfg(feature = "ssr")]
    let refused = use_context::<TypedPrice>().and_then(|typed| typed.0);
    #[cfg(not(feature = "ssr"))]
    let refused: Option<String> = None;
    let typed = RwSignal::new(refused.clone().unwrap_or_default());
    let min_price = move || live.terms.with(|terms| terms.min_price);
    let entered = Memo::new(move |_| typed.with(|text| price_input::parse(text)));
    let price: Memo<Option<Money>> = Memo::new(move |_| entered.get().ok());
    // No error is shown while the first value is being typed.
    let shows_error = RwSignal::new(live.bid.with_untracked(is_about_the_price));
    let error = Memo::new(move |_| if shows_error.get() { price_problem(live, entered.get()) } else { String::new() });
    let to_confirm: RwSignal<Option<Money>> = RwSignal::new(None);
    let closed = move || is_closed(live);
    #[cfg(feature = "hydrate")]
    armed_bid::send_when_due(live);
    // An open dialog in a hidden form would block the page; and a price under a raised minimum would be refused.
    Effect::new(move |_| {
        if closed() || to_confirm.get().is_some_and(|price| price < min_price()) {
            to_confirm.set(None);
        }
    });
    let pending = move || live.bid.with(BidState::is_pending);
    let fill_in = move |text: String| {
        if let Some(input) = input.get_untracked() {
            input.set_value(&text);
        }
        typed.set(text);
    };
    #[cfg(feature = "hydrate")]
    follow_page(live, input, typed, shows_error, fill_in);
    // A valid price is grouped once it is typed: more digits are read wrong more easily.
    let leave_field = move || {
        shows_error.set(typed.with_untracked(|text| !text.trim().is_empty()));
        if let Some(price) = price.get_untracked() {
            fill_in(amount_text(price));
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if pending() || closed() {
            return;
        }
        if disarm(live) {
            return;
        }
        shows_error.set(true);
        let valid = price.get_untracked().filter(|_| error.with_untracked(String::is_empty));
        let Some(price) = valid else {
            // Focusing the input makes screen readers announce its error.
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
            return;
        };
        if must_confirm(live, price) {
            to_confirm.set(Some(price));
        } else {
            place(live, price);
        }
    };
    view! {
        // With scripts, an empty price is explained like any other.
        <form
            class="form"
            method="post"
            action="/api/ui/place_bid"
            novalidate=cfg!(feature = "hydrate")
            on:submit=on_submit
        >
            {hidden_fields(live)}
            <fieldset disabled=closed>
                {suggested_prices::suggested_prices(live, price, move |price| fill_in(amount_text(price)))}
                <div class="field">
                    <label for="price">{messages.bid_price}</label>
                    <div class="bid-line">
                        <span class="price-field">
                            <span class="currency" aria-hidden="true" translate="no">{currency_symbol()}</span>
                            <input
                                // Not `number`, of which browsers hide invalid input.
                                type="text"
                                id="price"
                                name="price"
                                value=refused
                                required=true
                                inputmode="decimal"
                                autocomplete="off"
                                readonly=move || live.bid.with(is_armed)
                                enterkeyhint="send"
                                aria-describedby="price-error price-hint"
                                aria-invalid=move || error.with(|error| !error.is_empty()).then_some("true")
                                node_ref=input
                                on:input=move |event| typed.set(event_target_value(&event))
                                on:blur=move |_| leave_field()
                            />
                        </span>
                        <button class="button primary send" disabled=pending translate="no">{move || send_text(live, price.get())}</button>
                    </div>
                    {error_line(error)}
                    {forecast_line::forecast_line(live, price)}
                </div>
            </fieldset>
        </form>
        {bid_confirmation::bid_confirmation(live, to_confirm, move |price| place(live, price))}
    }
}

/// The campaign, and the user the page was rendered for: if someone else has signed in since, the bid is refused.
fn hidden_fields(live: CampaignSignals) -> impl IntoView {
    view! {
        <input type="hidden" name="campaign_id" value=live.campaign_id.to_string() />
        <input type="hidden" name="user_id" value=live.user_id.map(|user_id| user_id.to_string()) />
    }
}

fn error_line(error: Memo<String>) -> impl IntoView {
    view! {
        <p class="field-error" id="price-error" role="status" hidden=move || error.with(String::is_empty)>
            {move || error.get()}
        </p>
    }
}

/// Whether a price can be neither sent nor, with scripts, armed before the start.
pub(super) fn is_closed(live: CampaignSignals) -> bool {
    let takes_bids = match live.phase.get() {
        Phase::Active => true,
        Phase::Pending => cfg!(feature = "hydrate"),
        Phase::Settling | Phase::Ended | Phase::Cancelled => false,
    };
    !takes_bids || live.session.get() != PageSession::Same
}

/// Whether the bidder is asked again: before a bid is armed, and if the price is unusual.
fn must_confirm(live: CampaignSignals, price: Money) -> bool {
    live.phase.get_untracked() == Phase::Pending
        || live
            .forecaster
            .with(|forecaster| forecaster.as_ref().is_some_and(|forecaster| is_unusual(price, forecaster)))
}

/// Takes over what was typed before the island was mounted, and clears the price of an accepted bid.
#[cfg(feature = "hydrate")]
fn follow_page(
    live: CampaignSignals,
    input: NodeRef<Input>,
    typed: RwSignal<String>,
    shows_error: RwSignal<bool>,
    fill_in: impl Fn(String) + Copy + 'static,
) {
    Effect::new(move |_| typed.set(input.get().map(|input| input.value()).unwrap_or_default()));
    // On the first run, it is a bid of the previous page and the typed value is new.
    Effect::new(move |previous: Option<()>| {
        // Not the next one, which may have been typed meanwhile.
        let is_typed = |price| typed.with_untracked(|text| price_input::parse(text) == Ok(price));
        let accepted = matches!(live.bid.get(), BidState::Accepted { price, .. } if is_typed(price));
        if previous.is_some() && accepted {
            fill_in(String::new());
            shows_error.set(false);
        }
    });
}

/// Why the typed price cannot be bid; empty if it can.
fn price_problem(live: CampaignSignals, typed: Result<Money, PriceError>) -> String {
    let min_price = live.terms.with(|terms| terms.min_price);
    match typed {
        Ok(price) if price < min_price => live.messages.refused_low(&money(min_price)),
        Ok(_) => String::new(),
        Err(error) => live.messages.price_error(error),
    }
}

/// What the button says: what will be sent, once that is a valid price.
fn send_text(live: CampaignSignals, price: Option<Money>) -> String {
    match price.filter(|price| *price >= live.terms.with(|terms| terms.min_price)) {
        _ if live.bid.with(is_armed) => live.messages.disarm.to_owned(),
        Some(price) if live.phase.get() == Phase::Pending => live.messages.arm(&money(price)),
        Some(price) => live.messages.bid_send_price(&money(price)),
        None => live.messages.bid_send.to_owned(),
    }
}

/// Whether the last bid was refused because of its price.
fn is_about_the_price(bid: &BidState) -> bool {
    let code = if let BidState::Refused(refusal) = bid { Some(refusal.code) } else { None };
    matches!(code, Some(ErrorCode::Validation | ErrorCode::PriceTooLow))
}

/// Keeps an armed bid from being sent; `false` if there is none.
fn disarm(live: CampaignSignals) -> bool {
    let is_armed = live.bid.with_untracked(is_armed);
    if is_armed {
        live.bid.set(BidState::Idle);
    }
    is_armed
}

fn is_armed(bid: &BidState) -> bool {
    matches!(bid, BidState::Armed { .. })
}

/// Sends the bid from the browser, or keeps it for the start; without scripts the form posts itself.
#[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "only a browser sends"))]
fn place(live: CampaignSignals, price: Money) {
    #[cfg(feature = "hydrate")]
    if live.phase.get_untracked() == Phase::Pending {
        live.bid.set(BidState::Armed { price });
    } else {
        super::send_bid::send_bid(live, price);
    }
}
