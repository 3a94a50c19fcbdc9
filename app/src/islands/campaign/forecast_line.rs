//! What a bid of the price being typed would achieve, in one line under the field.

use super::signals::{CampaignSignals, PageSession};
use crate::{
    campaign_model::phase::Phase,
    format::{count, money},
    i18n::IslandMessages,
};
use domain::{
    Money,
    forecast::{Forecast, Forecaster, PredictedRank},
};
use leptos::prelude::*;

pub(super) fn forecast_line(live: CampaignSignals, price: Memo<Option<Money>>) -> impl IntoView {
    let messages = live.messages;
    let min_price = move || live.terms.with(|terms| terms.min_price);
    let forecast: Memo<Option<Forecast>> = Memo::new(move |_| {
        // Before the start there is nobody to be measured against.
        let price = price.get().filter(|price| *price >= min_price() && live.phase.get() == Phase::Active)?;
        live.forecaster.with(|forecaster| forecaster.as_ref().map(|forecaster| forecaster.forecast(price)))
    });
    // A price that does not improve my bid has no rank of its own.
    let rank = move || {
        let forecast = forecast.get().filter(|forecast| forecast.improves)?;
        Some(match forecast.rank {
            PredictedRank::At(rank) => rank.to_string(),
            PredictedRank::After(rank) => format!("after {rank}"),
        })
    };
    let text = move || match forecast.get() {
        None if live.is_stale.get() => messages.forecast_stale.to_owned(),
        // The standing above says it.
        None if live.session.get() != PageSession::Same => String::new(),
        None => lowest_price(live),
        Some(Forecast { improves: false, .. }) => {
            match live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_improve)) {
                Some(least) => messages.forecast_useless(&money(least.rounded_up_to_unit())),
                None => messages.forecast_useless_ever.to_owned(),
            }
        }
        Some(Forecast { rank, wins, .. }) => {
            let rank = predicted_text(messages, rank);
            if wins {
                messages.forecast_wins(&messages.rank_of(&rank, live.quota()))
            } else {
                messages.forecast_loses(&rank, &count(live.quota()))
            }
        }
    };
    view! {
        <p
            class="hint forecast"
            id="price-hint"
            translate="no"
            data-forecast=move || forecast.get().map_or("none", verdict_name)
            data-forecast-rank=rank
        >
            {text}
        </p>
    }
}

/// The lowest price that makes a difference to the reader.
fn lowest_price(live: CampaignSignals) -> String {
    let messages = live.messages;
    let min_price = live.terms.with(|terms| terms.min_price);
    let has_bid = live.position.get().is_some() && live.phase.get() == Phase::Active;
    let improves = live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_improve));
    match (live.price_to_enter.get(), improves) {
        (Some(price), _) if has_bid => messages.bid_to_enter(&money(price)),
        (None, Some(price)) if has_bid => messages.bid_to_improve(&money(price.rounded_up_to_unit())),
        (Some(price), _) if price > min_price => messages.bid_min_to_enter(&money(min_price), &money(price)),
        _ => messages.bid_min(&money(min_price)),
    }
}

fn predicted_text(messages: &IslandMessages, rank: PredictedRank) -> String {
    match rank {
        PredictedRank::At(rank) => messages.ordinal(rank),
        PredictedRank::After(rank) => messages.below(&messages.ordinal(rank)),
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
