//! The input of a bid forecast, from what the page knows.

use super::{leaderboard::Leaderboard, snapshot::Terms};
#[cfg(feature = "ssr")]
use domain::{
    Money, Score,
    api::{campaigns::Campaign, rankings::Ranking},
};
use domain::{
    UserId, Weight,
    forecast::{Forecaster, Rival},
};

/// Time for a bid to reach the server, in which its score falls a little.
const ARRIVAL_MS: u64 = 2_000;
/// Time to read a suggested price, decide and type it.
const HOLD_MS: u64 = 10_000;

/// A forecaster for bids of this weight at `now_ms`, in a campaign that started at `start_ms`; those of `me`, if the
/// reader is signed in.
pub(crate) fn forecaster(
    terms: &Terms,
    me: Option<UserId>,
    weight: Weight,
    start_ms: i64,
    now_ms: i64,
    leaderboard: &Leaderboard,
) -> Forecaster {
    let (ranking, position) = (&leaderboard.ranking, leaderboard.position());
    let rivals = ranking.rows.iter().filter(|row| Some(row.user_id) != me);
    let elapsed_ms = u64::try_from(now_ms - start_ms).unwrap_or(0) + ARRIVAL_MS;
    Forecaster {
        coefficients: terms.coefficients,
        min_price: terms.min_price,
        quota: terms.quota,
        weight,
        elapsed_ms,
        hold_ms: HOLD_MS,
        others: rivals.map(|row| Rival { score: row.score, price: row.price }).collect(),
        others_total: ranking.total.saturating_sub(u64::from(position.is_some())),
        min_winning_score: ranking.min_winning_score,
        mine: position.map(|position| position.score),
        rank: position.map(|position| position.rank),
    }
}

/// The price, in whole currency units, that gets a bidder of this weight into the winning places of a running campaign;
/// none if their standing bid is there, or no price suffices.
#[cfg(feature = "ssr")]
pub(crate) fn price_to_enter(
    campaign: &Campaign,
    ranking: &Ranking,
    weight: Weight,
    standing: Option<(u64, Score)>,
    now_ms: i64,
) -> Option<Money> {
    let terms = Terms::from(campaign);
    let elapsed_ms = u64::try_from(now_ms - campaign.start_time.unix_millis()).unwrap_or(0) + ARRIVAL_MS;
    let forecaster = Forecaster {
        coefficients: terms.coefficients,
        min_price: terms.min_price,
        quota: terms.quota,
        weight,
        elapsed_ms,
        hold_ms: HOLD_MS,
        // Of the others only the last winning score matters.
        others: Vec::new(),
        others_total: ranking.total_participants.saturating_sub(u64::from(standing.is_some())),
        min_winning_score: ranking.min_winning_score,
        mine: standing.map(|(_, score)| score),
        rank: standing.map(|(rank, _)| rank),
    };
    forecaster.price_to_enter().map(Money::rounded_up_to_unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign_model::snapshot::RankingView;
    use domain::{Coefficients, Money, Score, api::rankings::RankingRow, forecast::PredictedRank};

    fn user(n: u8) -> UserId {
        format!("01a20406-9e66-70cc-8ca5-698c727e7d{n:02x}").parse().expect("an id")
    }

    fn row(rank: u64, n: u8, score: f64) -> RankingRow {
        let price = Money::from_cents(80_000).expect("in range");
        RankingRow { rank, user_id: user(n), username: String::new(), score: Score::from_stored(score), price }
    }

    #[test]
    fn my_own_row_is_not_a_rival() {
        let terms = Terms { min_price: Money::MIN, quota: 2, coefficients: Coefficients::default(), version: 1 };
        let ranking = RankingView {
            rows: vec![row(1, 1, 1000.0), row(2, 9, 900.0)],
            total: 2,
            min_winning_score: Some(Score::from_stored(900.0)),
            version: 2,
        };
        let me = Some(user(9));
        let leaderboard = Leaderboard::new(ranking, 2, me, None);
        let forecaster = forecaster(&terms, me, Weight::NEW_USER, 0, 1_000_000, &leaderboard);
        assert_eq!(forecaster.others.len(), 1);
        assert_eq!(forecaster.rank, Some(2));
        assert_eq!(forecaster.price_to_enter(), None);
        let lead = forecaster.price_to_lead().expect("a price");
        assert_eq!(forecaster.forecast(lead).rank, PredictedRank::At(1));
    }
}
