//! Buttons that fill in a price: the lowest that enters the winning places, the lowest that leads, and a little more than
//! the current one.

use super::signals::CampaignSignals;
use crate::{
    campaign_model::{leaderboard::Position, phase::Phase},
    format::money,
};
use domain::{Money, forecast::Forecaster};
use leptos::prelude::*;

pub(super) fn suggested_prices(
    live: CampaignSignals,
    price: Memo<Option<Money>>,
    fill_in: impl Fn(Money) + Copy + 'static,
) -> impl IntoView {
    let messages = live.messages;
    let position = move |is: fn(Position) -> bool| live.position.get().filter(|_| !live.is_stale.get()).is_some_and(is);
    let entered = move || position(|position| position.wins).then_some(messages.step_done_enter);
    let leading = move || position(|position| position.rank == 1).then_some(messages.step_done_lead);
    // Without a connection or a session it is not known what a price would achieve.
    let is_open = Memo::new(move |_| live.phase.get() == Phase::Active);
    let is_known = Memo::new(move |_| is_open.get() && live.forecaster.with(Option::is_some));
    let amount = move |price: Option<Money>, done: Option<&'static str>| match (price, done) {
        (Some(price), _) => money(price),
        (None, Some(done)) => done.to_owned(),
        (None, None) => if is_known.get() { messages.step_none } else { "–" }.to_owned(),
    };
    // Without a bid there is nothing to raise.
    let nothing = move || (price.get().is_none() && live.position.get().is_none()).then_some("–");
    // From the typed price, or else from what makes a difference: what gets an outbid bidder in, or what improves a
    // standing bid.
    let raised = Memo::new(move |_| {
        let improves = live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_improve));
        let improves = improves.filter(|_| is_open.get())?;
        let bid = live.position.get().map(|_| live.price_to_enter.get().unwrap_or(improves));
        raised(price.get().or(bid)?.max(improves))
    });
    view! {
        <div class="steps" role="group" aria-label=messages.steps>
            {step("enter", messages.step_enter, live.price_to_enter, move |price| amount(price, entered()), fill_in)}
            {step("lead", messages.step_lead, live.price_to_lead, move |price| amount(price, leading()), fill_in)}
            {step("raise", messages.step_raise, raised, move |price| amount(price, nothing()), fill_in)}
        </div>
    }
}

/// A button that fills in `price`; without one it is disabled.
fn step(
    name: &'static str,
    label: &'static str,
    price: Memo<Option<Money>>,
    text: impl Fn(Option<Money>) -> String + Send + Sync + 'static,
    fill_in: impl Fn(Money) + Copy + 'static,
) -> impl IntoView {
    let fill = move |_| {
        if let Some(price) = price.get() {
            fill_in(price);
        }
    };
    view! {
        <button type="button" class="step" data-step=name disabled=move || price.get().is_none() on:click=fill>
            <span class="step-name">{label}</span>
            <span class="step-price" translate="no">{move || text(price.get())}</span>
        </button>
    }
}

/// A round amount, from 0.4 to 1 percent of `price`: 1, 2 or 5 times a power of ten, and at least one currency unit.
fn increment(price: Money) -> Money {
    let mut power = 100;
    while power * 1_000 <= price.cents() {
        power *= 10;
    }
    // Now the price is under a thousand times the power.
    let times = match price.cents() / power {
        ..200 => 1,
        200..500 => 2,
        _ => 5,
    };
    Money::from_cents(power * times).unwrap_or(price)
}

/// The next multiple of the increment above `price`.
fn raised(price: Money) -> Option<Money> {
    let step = increment(price).cents();
    Money::from_cents((price.cents() / step + 1) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raises_are_round_and_about_a_hundredth() {
        let cents = |cents| Money::from_cents(cents).expect("in range");
        for (price, step, next) in [
            (1, 100, 100),
            (10_000, 100, 10_100),
            (80_000, 500, 80_500),
            (80_123, 500, 80_500),
            (103_900, 1_000, 104_000),
            (250_000, 2_000, 252_000),
            (990_000, 5_000, 995_000),
        ] {
            assert_eq!(increment(cents(price)), cents(step), "{price}");
            assert_eq!(raised(cents(price)), Some(cents(next)), "{price}");
        }
        assert_eq!(raised(Money::MAX), None);
    }
}
