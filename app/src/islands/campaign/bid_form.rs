//! The bid form, and the outcome of the bid.

use super::{
    bid_confirmation, forecast_card,
    signals::{CampaignSignals, PageSession},
};
#[cfg(feature = "ssr")]
use crate::campaign_model::price_input::TypedPrice;
use crate::{
    campaign_model::{
        phase::Phase,
        price_input,
        snapshot::{BidState, Refusal},
        versioned_standing::VersionedStanding,
    },
    format::{fill, money, score},
    i18n::IslandMessages,
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
        let is_shown = live.bid.with(|bid| bid.is_pending() || matches!(bid, BidState::Refused(_) | BidState::Unknown));
        matches!(live.phase.get(), Phase::Ended | Phase::Cancelled) && !is_shown
    };
    view! {
        <section class="card bid" id="bid" hidden=done>
            <h2>{messages.bid_title}</h2>
            <div hidden=over>{body}</div>
            <p class="hint">
                {move || match live.phase.get() {
                    Phase::Pending => messages.bid_not_open,
                    Phase::Active => messages.bid_binding,
                    Phase::Settling | Phase::Ended | Phase::Cancelled => messages.bid_closed,
                }}
            </p>
            <div class="bid-answer" role="status" data-bid=move || live.bid.with(BidState::name)>
                {move || message(live)}
            </div>
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
    let error = Memo::new(move |_| match entered.get() {
        _ if !shows_error.get() => String::new(),
        Ok(price) if price < min_price() => fill(messages.refused_low, &[&money(min_price())]),
        Ok(_) => String::new(),
        Err(error) => messages.price_error(error),
    });
    let to_confirm: RwSignal<Option<Money>> = RwSignal::new(None);
    let closed = move || live.phase.get() != Phase::Active || live.session.get() != PageSession::Same;
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
    {
        // The user may have typed before the island was mounted.
        Effect::new(move |_| typed.set(input.get().map(|input| input.value()).unwrap_or_default()));
        // An accepted price is cleared; on the first run, it is a bid of the previous page and the typed value is new.
        Effect::new(move |previous: Option<()>| {
            let accepted = matches!(live.bid.get(), BidState::Accepted(_));
            if previous.is_some() && accepted && typed.with_untracked(|text| !text.is_empty()) {
                fill_in(String::new());
                shows_error.set(false);
            }
        });
    }
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if pending() || closed() {
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
        if live
            .forecaster
            .with(|forecaster| forecaster.as_ref().is_some_and(|forecaster| is_unusual(price, forecaster)))
        {
            to_confirm.set(Some(price));
        } else {
            place(live, price);
        }
    };
    view! {
        <form class="form" method="post" action="/api/ui/place_bid" on:submit=on_submit>
            <input type="hidden" name="campaign_id" value=live.campaign_id.to_string() />
            // The user the page was rendered for: if someone else has signed in since, the bid is refused.
            <input type="hidden" name="user_id" value=live.user_id.map(|user_id| user_id.to_string()) />
            <fieldset disabled=closed>
                <div class="field">
                    <label for="price">{messages.bid_price}</label>
                    <input
                        // Not `number`, of which browsers hide invalid input.
                        type="text"
                        id="price"
                        name="price"
                        value=refused
                        required=true
                        inputmode="decimal"
                        autocomplete="off"
                        aria-describedby="price-error price-hint price-forecast"
                        aria-invalid=move || error.with(|error| !error.is_empty()).then_some("true")
                        node_ref=input
                        on:input=move |event| typed.set(event_target_value(&event))
                        on:blur=move |_| shows_error.set(typed.with_untracked(|text| !text.trim().is_empty()))
                    />
                    <p class="field-error" id="price-error" role="status" hidden=move || error.with(String::is_empty)>
                        {move || error.get()}
                    </p>
                    <p class="hint" id="price-hint">{move || fill(messages.bid_min, &[&money(min_price())])}</p>
                </div>
                <div class="assist">
                    {forecast_card::suggested_prices(live, price, move |price| fill_in(price.to_string()))}
                    {forecast_card::forecast_card(live, price)}
                </div>
                <button class="button primary" disabled=pending>{messages.bid_send}</button>
            </fieldset>
        </form>
        {bid_confirmation::bid_confirmation(live, to_confirm, move |price| place(live, price))}
    }
}

/// Whether the last bid was refused because of its price.
fn is_about_the_price(bid: &BidState) -> bool {
    let code = if let BidState::Refused(refusal) = bid { Some(refusal.code) } else { None };
    matches!(code, Some(ErrorCode::Validation | ErrorCode::PriceTooLow))
}

/// Sends the bid from the browser; without scripts the form posts itself.
#[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "only a browser sends"))]
fn place(live: CampaignSignals, price: Money) {
    #[cfg(feature = "hydrate")]
    super::send_bid::send_bid(live, price);
}

fn message(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let with_standing = |text: &str, standing: VersionedStanding| {
        fill(text, &[&money(standing.price), &standing.rank.to_string(), &score(standing.score)])
    };
    let (kind, text) = match live.bid.get() {
        BidState::Idle => return None,
        BidState::Sending => ("notice", messages.bid_sending.to_owned()),
        BidState::Retrying => ("notice warn", messages.bid_retrying.to_owned()),
        BidState::Unknown => ("notice warn", messages.bid_unknown.to_owned()),
        BidState::Posted { improved: true, price } => ("notice good", fill(messages.bid_stands, &[&money(price)])),
        BidState::Posted { improved: false, price } => ("notice warn", fill(messages.bid_stood, &[&money(price)])),
        BidState::Accepted(standing) => ("notice good", with_standing(messages.bid_accepted, standing)),
        BidState::Kept(standing) => ("notice warn", with_standing(messages.bid_kept, standing)),
        BidState::Refused(refusal) => ("notice bad", refused(messages, refusal)),
    };
    Some(view! { <p class=kind>{text}</p> })
}

fn refused(messages: &IslandMessages, refusal: Refusal) -> String {
    let reason = match refusal.code {
        ErrorCode::NotAuthenticated | ErrorCode::InvalidToken => messages.refused_sign_in,
        ErrorCode::AccountInactive => messages.refused_inactive,
        ErrorCode::SessionChanged => messages.refused_changed,
        ErrorCode::CampaignNotStarted => messages.refused_not_started,
        ErrorCode::CampaignEnded => messages.refused_ended,
        ErrorCode::CampaignCancelled => messages.refused_cancelled,
        ErrorCode::PriceTooLow => messages.refused_low,
        ErrorCode::Validation => messages.refused_price,
        ErrorCode::RateLimited => messages.refused_often,
        _ => messages.refused,
    };
    let reason = fill(reason, &[&refusal.min_price.map(money).unwrap_or_default()]);
    match refusal.received_ms {
        Some(received_ms) => format!("{reason} {}", fill(messages.bid_late, &[&clock_time(received_ms)])),
        None => reason,
    }
}

/// `20:00:00.125` in the reader's zone.
#[cfg(feature = "hydrate")]
fn clock_time(at_ms: i64) -> String {
    let at = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at_ms as f64));
    let (hours, minutes, seconds) = (at.get_hours(), at.get_minutes(), at.get_seconds());
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", at.get_milliseconds())
}

/// `12:00:00.125 UTC`: the server does not know the reader's zone.
#[cfg(not(feature = "hydrate"))]
fn clock_time(at_ms: i64) -> String {
    let day_ms = at_ms.rem_euclid(86_400_000);
    let (hours, minutes, seconds) = (day_ms / 3_600_000, day_ms / 60_000 % 60, day_ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03} UTC", day_ms % 1000)
}
