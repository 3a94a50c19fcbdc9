//! The result of a settled campaign, in the place of the bid form.

use super::signals::{CampaignSignals, PageSession};
use crate::{
    campaign_model::snapshot::{FinalPlace, Outcome},
    format::{money, points},
};
use domain::{Coefficients, Money, Score};
use leptos::prelude::*;

pub(super) fn result_card(live: CampaignSignals) -> impl IntoView {
    move || live.result.get().map(|outcome| card(live, outcome))
}

fn card(live: CampaignSignals, outcome: Outcome) -> impl IntoView + use<> {
    let messages = live.messages;
    // Without the session, the user's own result is unknown.
    let mine = live.user_id.filter(|_| live.session.get() == PageSession::Same);
    let (name, headline) = match (mine, outcome.is_winner, outcome.place) {
        (Some(_), true, _) => ("won", messages.result_won),
        (Some(_), false, Some(_)) => ("lost", messages.result_lost),
        (Some(_), false, None) => ("none", messages.result_no_bid),
        (None, ..) => ("visitor", messages.result_visitor),
    };
    let place = outcome.place.filter(|_| mine.is_some());
    let price = place.map(|place| money(place.price));
    let price =
        price.map(|price| if outcome.is_winner { messages.result_pays(&price) } else { messages.result_bid(&price) });
    let rank = place.map(|place| messages.result_rank(&messages.ordinal(place.rank)));
    let enough = place.filter(|_| !outcome.is_winner).zip(outcome.min_winning_score);
    let enough =
        enough.and_then(|(place, last)| winning_price(place, last, &live.terms.with(|terms| terms.coefficients)));
    let enough = enough.map(|price| messages.result_would_have_won(&money(price)));
    let threshold = move || match outcome.min_winning_score {
        Some(last) => messages.result_threshold(&points(last)),
        None if live.leaderboard.with(|leaderboard| leaderboard.ranking.total == 0) => {
            messages.result_nobody.to_owned()
        }
        None => messages.result_all_won.to_owned(),
    };
    let next = match name {
        "won" => Some(("/orders", messages.result_orders)),
        "lost" => Some(("/?show=live", messages.result_live)),
        _ => None,
    };
    view! {
        <section class="card result" data-result=name role="status">
            <h2>{messages.result_title}</h2>
            <p class="result-headline">{headline}</p>
            {price.map(|price| view! { <p class="result-price" translate="no">{price}</p> })}
            {rank.map(|rank| view! { <p>{rank}</p> })}
            {enough.map(|enough| view! { <p>{enough}</p> })}
            <p class="muted">{threshold}</p>
            {next.map(|(href, text)| view! { <p><a class="button" href=href>{text}</a></p> })}
        </section>
    }
}

/// The price, in whole currency units, with which the user's bid would have won, received when it was; none if no price
/// would have.
fn winning_price(mine: FinalPlace, last: Score, coefficients: &Coefficients) -> Option<Money> {
    // Of equal scores the earlier bid is ahead, so at least a cent more than an equal score.
    let missing_cents = ((last.get() - mine.score.get()) / coefficients.alpha.get() * 100.0).floor() + 1.0;
    if !(1.0..1e12).contains(&missing_cents) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "in the range above")]
    let price = Money::from_cents(mine.price.cents() + missing_cents as i64)?;
    // The division may have been inexact.
    let gained = coefficients.alpha.get() * (price.as_f64() - mine.price.as_f64());
    let enough = if mine.score.get() + gained > last.get() { price } else { Money::from_cents(price.cents() + 1)? };
    Some(enough.rounded_up_to_unit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::score::Coefficient;

    #[test]
    fn a_losing_bid_would_have_won_with_what_its_score_lacked() {
        let with = |alpha, missing| {
            let alpha = Coefficient::new(alpha).expect("in range");
            let price = Money::from_cents(80_000).expect("in range");
            let mine = FinalPlace { rank: 4, score: Score::from_stored(1_000.0), price };
            let last = Score::from_stored(1_000.0 + missing);
            winning_price(mine, last, &Coefficients { alpha, ..Coefficients::default() }).map(Money::cents)
        };
        assert_eq!(with(1.0, 100.5), Some(90_100));
        assert_eq!(with(2.0, 100.5), Some(85_100));
        assert_eq!(with(1.0, 0.0), Some(80_100), "of equal scores the earlier one wins");
        assert_eq!(with(0.0, 10.0), None, "the price does not count");
    }
}
