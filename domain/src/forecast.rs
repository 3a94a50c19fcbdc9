//! Forecasts what a bid would achieve: its rank, and the lowest prices that enter the winning ranks or lead.
//!
//! A forecast is for one moment and one bidder, and uses the auction's own score function and total order. A score
//! never falls with the price, so the lowest price over a score is found by bisection over whole cents: no inverse
//! formula, and no rounding that could be a cent off. A score falls with time, so a suggested price still suffices
//! `hold_ms` later; without that margin it would be a cent short by the time it is typed.

use crate::{Coefficients, Money, Score, Weight};

/// A running campaign from one bidder's point of view: everything a forecast depends on.
#[derive(Clone, PartialEq, Debug)]
pub struct Forecaster {
    /// The coefficients of the score.
    pub coefficients: Coefficients,
    /// The minimum price of a bid.
    pub min_price: Money,
    /// K: how many bids win.
    pub quota: u64,
    /// The bidder's weight.
    pub weight: Weight,
    /// T: whole milliseconds from the start to the receipt of the bid.
    pub elapsed_ms: u64,
    /// For how many more milliseconds a suggested price must suffice, as far as time alone decides.
    pub hold_ms: u64,
    /// The best standing bids of the other bidders, best first; possibly truncated.
    pub others: Vec<Rival>,
    /// How many other bidders have a standing bid.
    pub others_total: u64,
    /// The K-th best score, the bidder's own included; none while there are fewer than K.
    pub min_winning_score: Option<Score>,
    /// The bidder's own standing score.
    pub mine: Option<Score>,
    /// The bidder's own rank, which alone decides among equal scores.
    pub rank: Option<u64>,
}

/// Another bidder's standing bid.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rival {
    /// The score.
    pub score: Score,
    /// The price.
    pub price: Money,
}

/// The rank a bid would get.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PredictedRank {
    /// Exactly this rank.
    At(u64),
    /// Some rank after this one: the bids there are not known.
    After(u64),
}

/// What a bid would achieve.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Forecast {
    /// The bid's score.
    pub score: Score,
    /// Whether it would replace the bidder's standing bid. If not, that one stays, with its rank.
    pub improves: bool,
    /// The rank the bidder would have.
    pub rank: PredictedRank,
    /// Whether the bidder would be within the quota.
    pub wins: bool,
}

impl Forecaster {
    /// The score of a bid of `price`.
    pub fn score(&self, price: Money) -> Score {
        self.coefficients.score(price, self.elapsed_ms, self.weight)
    }

    /// What a bid of `price` would achieve.
    pub fn forecast(&self, price: Money) -> Forecast {
        let score = self.score(price);
        let improves = self.mine.is_none_or(|mine| score > mine);
        // Among equal scores a standing bid keeps its rank; a new one comes last.
        let (rank, wins) = match self.rank {
            Some(rank) if !improves => (PredictedRank::At(rank), self.is_winning()),
            _ => (self.predicted_rank(|other| other >= score), self.would_win(score)),
        };
        Forecast { score, improves, rank, wins }
    }

    /// The lowest price that enters the first K; none if the bidder is among them, and if no price suffices.
    pub fn price_to_enter(&self) -> Option<Money> {
        if self.is_winning() {
            return None;
        }
        self.lowest_price_over(if self.has_room() { None } else { self.min_winning_score })
    }

    /// The lowest price that leads; none if the bidder leads, and if no price suffices.
    pub fn price_to_lead(&self) -> Option<Money> {
        let best = self.others.first().map(|other| other.score);
        match (self.mine, best) {
            (Some(_), None) => None,
            // With equal scores the order shown does not say who leads, but a higher score leads in any case.
            (Some(mine), Some(best)) if mine > best => None,
            _ => self.lowest_price_over(best),
        }
    }

    /// The lowest price that improves the bidder's standing bid; the minimum price without one.
    pub fn price_to_improve(&self) -> Option<Money> {
        self.lowest_price_over(None)
    }

    fn is_winning(&self) -> bool {
        self.rank.is_some_and(|rank| rank <= self.quota)
    }

    /// Whether one more bidder fits into the first K without displacing anyone.
    fn has_room(&self) -> bool {
        self.others_total < self.quota
    }

    fn would_win(&self, score: Score) -> bool {
        self.is_winning() || self.has_room() || self.min_winning_score.is_some_and(|last| score > last)
    }

    fn predicted_rank(&self, is_ahead: impl Fn(Score) -> bool) -> PredictedRank {
        let ahead = self.others.iter().take_while(|other| is_ahead(other.score)).count();
        // If the bidder's own standing bid is among those shown, all that are not shown are behind it.
        let is_shown = self.rank.is_some_and(|rank| rank <= self.others.len() as u64 + 1);
        let all_are_shown = self.others.len() as u64 == self.others_total;
        let known = ahead < self.others.len() || all_are_shown || is_shown;
        if known { PredictedRank::At(ahead as u64 + 1) } else { PredictedRank::After(ahead as u64) }
    }

    /// The lowest price that scores over `target` and over the bidder's own standing bid, which a bid must beat to
    /// count.
    fn lowest_price_over(&self, target: Option<Score>) -> Option<Money> {
        // `None` is less than any score.
        let target = target.max(self.mine);
        let score = |price| self.coefficients.score(price, self.elapsed_ms + self.hold_ms, self.weight);
        let enough = |price| target.is_none_or(|target| score(price) > target);
        if !enough(Money::MAX) {
            return None;
        }
        // Invariant: the answer is in low..=high, and high suffices.
        let (mut low, mut high) = (self.min_price.cents(), Money::MAX.cents());
        while low < high {
            let middle = low + (high - low) / 2;
            if Money::from_cents(middle).is_some_and(enough) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Money::from_cents(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RankingKey, score::Coefficient};
    use proptest::prelude::*;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).expect("in range")
    }

    fn coefficients(alpha: f64, beta: f64, gamma: f64) -> Coefficients {
        let c = |value| Coefficient::new(value).expect("in range");
        Coefficients { alpha: c(alpha), beta: c(beta), gamma: c(gamma) }
    }

    /// A whole auction, best first, of which the forecaster knows a part.
    #[derive(Clone, Debug)]
    struct Auction {
        bids: Vec<(RankingKey, Money)>,
        /// The bidder's index among them.
        me: Option<usize>,
        forecaster: Forecaster,
    }

    impl Auction {
        /// The rank of a new bid with this score, by the total order alone.
        fn rank_of(&self, score: Score) -> u64 {
            let new = RankingKey { score, accepted_seq: i64::MAX };
            let key = match self.me.map(|me| self.bids[me].0) {
                Some(mine) if mine.score >= score => mine,
                _ => new,
            };
            let others = self.bids.iter().enumerate().filter(|(index, _)| Some(*index) != self.me);
            1 + others.filter(|(_, (other, _))| *other < key).count() as u64
        }
    }

    prop_compose! {
        fn auction()(
            // Few prices, so that equal scores are common.
            prices in prop::collection::vec(80_000i64..80_040, 0..12),
            me in prop::option::of(0usize..12),
            quota in 1u64..8,
            shown in 1usize..8,
            elapsed_ms in 0u64..100_000,
            alpha in prop_oneof![Just(1.0), Just(0.001), Just(37.5), Just(100_000.0), 0.0f64..3.0],
            weight in 0.5f64..5.0,
        ) -> Auction {
            let coefficients = coefficients(alpha, 1000.0, 100.0);
            let weight = Weight::new(weight).expect("in range");
            let mut bids: Vec<_> = prices.iter().zip(0i64..).map(|(price, accepted_seq)| {
                (RankingKey { score: coefficients.score(cents(*price), 5_000, Weight::NEW_USER), accepted_seq }, cents(*price))
            }).collect();
            bids.sort_by_key(|(key, _)| *key);
            let me = me.filter(|me| *me < bids.len());
            // A feed sends the first K rows at most.
            let shown = shown.min(usize::try_from(quota).expect("small"));
            let others = bids.iter().enumerate().take(shown).filter(|(index, _)| Some(*index) != me)
                .map(|(_, (key, price))| Rival { score: key.score, price: *price }).collect();
            let last = usize::try_from(quota - 1).expect("small");
            let forecaster = Forecaster {
                coefficients,
                min_price: cents(80_000),
                quota,
                weight,
                elapsed_ms,
                hold_ms: 0,
                others,
                others_total: (bids.len() - usize::from(me.is_some())) as u64,
                min_winning_score: bids.get(last).map(|(key, _)| key.score),
                mine: me.map(|me| bids[me].0.score),
                rank: me.map(|me| me as u64 + 1),
            };
            Auction { bids, me, forecaster }
        }
    }

    proptest! {
        #[test]
        fn a_forecast_comes_true(auction in auction(), price in 80_000i64..80_200) {
            let forecast = auction.forecaster.forecast(cents(price));
            let rank = auction.rank_of(forecast.score);
            match forecast.rank {
                PredictedRank::At(predicted) => prop_assert_eq!(predicted, rank),
                PredictedRank::After(least) => prop_assert!(rank > least),
            }
            prop_assert_eq!(forecast.wins, rank <= auction.forecaster.quota);
            let improves = auction.forecaster.mine.is_none_or(|mine| forecast.score > mine);
            prop_assert_eq!(forecast.improves, improves);
        }

        #[test]
        fn the_price_to_enter_enters_and_a_cent_less_does_not(auction in auction()) {
            let forecaster = &auction.forecaster;
            if let Some(price) = forecaster.price_to_enter() {
                prop_assert!(auction.rank_of(forecaster.score(price)) <= forecaster.quota);
                if price > forecaster.min_price {
                    let less = forecaster.forecast(cents(price.cents() - 1));
                    prop_assert!(!less.improves || auction.rank_of(less.score) > forecaster.quota);
                }
            } else if !forecaster.is_winning() {
                prop_assert!(auction.rank_of(forecaster.score(Money::MAX)) > forecaster.quota);
            }
        }

        #[test]
        fn the_price_to_lead_leads_and_a_cent_less_does_not(auction in auction()) {
            let forecaster = &auction.forecaster;
            // If no other bid is shown, none is known.
            prop_assume!(!forecaster.others.is_empty() || forecaster.others_total == 0);
            if let Some(price) = forecaster.price_to_lead() {
                prop_assert_eq!(auction.rank_of(forecaster.score(price)), 1);
                if price > forecaster.min_price {
                    let less = forecaster.forecast(cents(price.cents() - 1));
                    prop_assert!(!less.improves || auction.rank_of(less.score) > 1);
                }
            }
        }

        #[test]
        fn the_price_to_improve_improves_and_a_cent_less_does_not(auction in auction()) {
            let forecaster = &auction.forecaster;
            if let Some(price) = forecaster.price_to_improve() {
                prop_assert!(forecaster.forecast(price).improves);
                if price > forecaster.min_price {
                    prop_assert!(!forecaster.forecast(cents(price.cents() - 1)).improves);
                }
            } else {
                prop_assert!(!forecaster.forecast(Money::MAX).improves);
            }
        }

        #[test]
        fn prices_hold_for_as_long_as_they_should(auction in auction(), hold_ms in 0u64..20_000, later in 0.0..=1.0) {
            let named = Forecaster { hold_ms, ..auction.forecaster };
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of 20 s")]
            let late_ms = (hold_ms as f64 * later) as u64;
            let used = Forecaster { elapsed_ms: named.elapsed_ms + late_ms, ..named.clone() };
            if let Some(price) = named.price_to_enter() {
                prop_assert!(used.forecast(price).wins);
            }
            if let Some(price) = named.price_to_lead().filter(|_| !named.others.is_empty()) {
                prop_assert_eq!(used.forecast(price).rank, PredictedRank::At(1));
            }
            if let Some(price) = named.price_to_improve() {
                prop_assert!(used.forecast(price).improves);
            }
        }
    }

    fn alone() -> Forecaster {
        Forecaster {
            coefficients: coefficients(1.0, 0.0, 0.0),
            min_price: cents(80_000),
            quota: 1,
            weight: Weight::NEW_USER,
            elapsed_ms: 0,
            hold_ms: 0,
            others: Vec::new(),
            others_total: 0,
            min_winning_score: None,
            mine: None,
            rank: None,
        }
    }

    #[test]
    fn alone_the_least_price_does_everything() {
        let forecaster = alone();
        assert_eq!(forecaster.price_to_enter(), Some(cents(80_000)));
        assert_eq!(forecaster.price_to_lead(), Some(cents(80_000)));
        assert_eq!(forecaster.forecast(cents(80_000)).rank, PredictedRank::At(1));
    }

    #[test]
    fn an_equal_score_comes_later_and_loses() {
        let rival = Rival { score: Score::from_stored(900.0), price: cents(90_000) };
        let forecaster =
            Forecaster { others: vec![rival], others_total: 1, min_winning_score: Some(rival.score), ..alone() };
        assert!(!forecaster.forecast(cents(90_000)).wins);
        assert_eq!(forecaster.price_to_enter(), Some(cents(90_001)));
    }

    #[test]
    fn where_the_price_counts_for_nothing_no_price_helps() {
        let rival = Rival { score: Score::from_stored(900.0), price: cents(90_000) };
        let forecaster = Forecaster {
            coefficients: coefficients(0.0, 0.0, 0.0),
            others: vec![rival],
            others_total: 1,
            min_winning_score: Some(rival.score),
            ..alone()
        };
        assert_eq!(forecaster.price_to_enter(), None);
        assert_eq!(forecaster.price_to_lead(), None);
    }
}
