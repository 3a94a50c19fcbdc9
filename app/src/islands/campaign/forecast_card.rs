//! The forecast for the price being typed, and buttons for suggested prices.

use super::signals::{CampaignSignals, PageSession};
use crate::{
    campaign_model::leaderboard::Position,
    format::{fill, money, score},
};
use domain::{
    Money,
    forecast::{Forecast, Forecaster, PredictedRank},
};
use leptos::prelude::*;

/// What a bid of `price` would achieve, if it is a valid one.
pub(super) fn forecast_card(live: CampaignSignals, price: Memo<Option<Money>>) -> impl IntoView {
    let messages = live.messages;
    let forecast: Memo<Option<Forecast>> = Memo::new(move |_| {
        let price = price.get().filter(|price| *price >= live.terms.with(|terms| terms.min_price))?;
        live.forecaster.with(|forecaster| forecaster.as_ref().map(|forecaster| forecaster.forecast(price)))
    });
    let points = move || forecast.get().map_or_else(|| "–".to_owned(), |forecast| score(forecast.score));
    // A price that does not improve my bid has no rank of its own.
    let rank = move || match forecast.get().filter(|forecast| forecast.improves).map(|forecast| forecast.rank) {
        Some(PredictedRank::At(rank)) => rank.to_string(),
        Some(PredictedRank::After(rank)) => fill(messages.forecast_after, &[&rank.to_string()]),
        None => "–".to_owned(),
    };
    let verdict = move || match forecast.get() {
        None if live.is_stale.get() => messages.forecast_stale.to_owned(),
        None if live.session.get() != PageSession::Same => messages.standing_unknown.to_owned(),
        None if price.get().is_some() => fill(messages.bid_min, &[&money(live.terms.with(|terms| terms.min_price))]),
        None => messages.forecast_none.to_owned(),
        Some(forecast) if !forecast.improves => {
            match live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_improve)) {
                Some(least) => fill(messages.forecast_useless, &[&money(least)]),
                None => messages.forecast_useless_ever.to_owned(),
            }
        }
        Some(forecast) => {
            let text = if forecast.wins { messages.forecast_wins } else { messages.forecast_loses };
            fill(text, &[&live.quota().to_string()])
        }
    };
    view! {
        <div class="forecast" data-forecast=move || forecast.get().map_or("none", verdict_name)>
            <p class="forecast-title">{messages.forecast}</p>
            <dl class="facts" translate="no">
                <div>
                    <dt>{messages.forecast_rank}</dt>
                    <dd data-forecast-rank=rank>{rank}</dd>
                </div>
                <div>
                    <dt>{messages.forecast_score}</dt>
                    <dd>{points}</dd>
                </div>
            </dl>
            <p class="forecast-verdict" id="price-forecast">{verdict}</p>
        </div>
    }
}

/// A forecast's verdict for style sheets and tests.
fn verdict_name(forecast: Forecast) -> &'static str {
    match forecast {
        Forecast { improves: false, .. } => "useless",
        Forecast { wins: true, .. } => "wins",
        Forecast { wins: false, .. } => "loses",
    }
}

/// Buttons that fill in a price: the lowest that enters, the lowest that leads, and a little more than the current one.
pub(super) fn suggested_prices(
    live: CampaignSignals,
    price: Memo<Option<Money>>,
    fill_in: impl Fn(Money) + Copy + 'static,
) -> impl IntoView {
    let messages = live.messages;
    let enter =
        Memo::new(move |_| live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_enter)));
    let lead =
        Memo::new(move |_| live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_lead)));
    let position = move |is: fn(Position) -> bool| live.position.get().filter(|_| !live.is_stale.get()).is_some_and(is);
    let entered = move || position(|position| position.wins).then_some(messages.step_done_enter);
    let leading = move || position(|position| position.rank == 1).then_some(messages.step_done_lead);
    let raise = move |percent| {
        let base = price.get().or_else(|| Some(live.position.get()?.price)).unwrap_or(live.terms.get().min_price);
        raised(base, percent)
    };
    let top = move || fill(messages.step_enter, &[&live.quota().to_string()]);
    // Without a connection or a session it is not known what a price would achieve.
    let is_known = Memo::new(move |_| live.forecaster.with(Option::is_some));
    let amount = move |price: Option<Money>, done: Option<&'static str>| match (price, done) {
        (Some(price), _) => money(price),
        (None, Some(done)) => done.to_owned(),
        (None, None) => if is_known.get() { messages.step_none } else { "–" }.to_owned(),
    };
    let step = move |price: Option<Money>| {
        if let Some(price) = price {
            fill_in(price);
        }
    };
    view! {
        <div class="steps" role="group" aria-label=messages.steps>
            <button
                type="button"
                class="step"
                data-step="enter"
                disabled=move || enter.get().is_none()
                on:click=move |_| step(enter.get())
            >
                <span class="step-name">{top}</span>
                <span class="step-price" translate="no">{move || amount(enter.get(), entered())}</span>
            </button>
            <button
                type="button"
                class="step"
                data-step="lead"
                disabled=move || lead.get().is_none()
                on:click=move |_| step(lead.get())
            >
                <span class="step-name">{messages.step_lead}</span>
                <span class="step-price" translate="no">{move || amount(lead.get(), leading())}</span>
            </button>
            <button type="button" class="step" data-step="1" on:click=move |_| step(raise(1))>
                "+1 %"
            </button>
            <button type="button" class="step" data-step="5" on:click=move |_| step(raise(5))>
                "+5 %"
            </button>
        </div>
    }
}

/// `price` plus `percent` of it, rounded up to a cent.
fn raised(price: Money, percent: i64) -> Option<Money> {
    Money::from_cents((price.cents() * (100 + percent) + 99) / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raises_are_rounded_up_to_a_cent() {
        let cents = |cents| Money::from_cents(cents).expect("in range");
        assert_eq!(raised(cents(80_000), 1), Some(cents(80_800)));
        assert_eq!(raised(cents(1), 1), Some(cents(2)));
        assert_eq!(raised(Money::MAX, 5), None);
    }
}
