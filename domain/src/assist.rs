//! What a bid would do: its place in the ranking, and the least prices that reach a place.
//!
//! Everything is answered for one moment and one bidder, with the score function and the total
//! order of the auction itself. A score rises with the price and never falls, so the least price
//! over a score is found by bisection over whole cents: no inverse formula, and no rounding that
//! could be a cent off. A score falls with time, so the prices named are those that still do it a
//! while later: else each would be a cent short by the time it is typed.

use crate::{Coefficients, Money, Score, Weight};

/// A price is unusually large above this many times the price that leads.
const UNUSUAL_LEADS: i64 = 2;
/// A price is unusually large above this many times the highest price on the board.
const UNUSUAL_PRICES: i64 = 3;

/// One bidder's view of a running campaign.
#[derive(Clone, PartialEq, Debug)]
pub struct Outlook {
    /// What the campaign rewards.
    pub coefficients: Coefficients,
    /// The least price of a bid.
    pub min_price: Money,
    /// K: how many bids win.
    pub quota: u64,
    /// The bidder's weight.
    pub weight: Weight,
    /// T: whole milliseconds from the start to the receipt of the bid.
    pub elapsed_ms: u64,
    /// How much later, in milliseconds, a bid of a price named here still does what it was named
    /// for, as far as time alone decides.
    pub hold_ms: u64,
    /// The best standing bids of the others, best first; perhaps not all.
    pub others: Vec<Rival>,
    /// How many others have a standing bid.
    pub others_total: u64,
    /// The K-th score of all, the bidder's own among them; none while there are fewer than K.
    pub min_winning_score: Option<Score>,
    /// The bidder's own standing score.
    pub mine: Option<Score>,
    /// The bidder's own rank: among equal scores only it tells who comes first.
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

/// Where a bid would stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At this rank.
    At(u64),
    /// Somewhere after this rank: what is there is not known.
    After(u64),
}

/// What would become of a bid.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Forecast {
    /// The bid's own score.
    pub score: Score,
    /// Whether it would replace the bidder's standing bid. If not, that one stays, and so does its
    /// place.
    pub improves: bool,
    /// Where the bidder would stand.
    pub place: Place,
    /// Whether the bidder would be within the quota.
    pub wins: bool,
}

impl Outlook {
    /// The score of a bid of `price`.
    pub fn score(&self, price: Money) -> Score {
        self.coefficients.score(price, self.elapsed_ms, self.weight)
    }

    /// What would become of a bid of `price`.
    pub fn forecast(&self, price: Money) -> Forecast {
        let score = self.score(price);
        let improves = self.mine.is_none_or(|mine| score > mine);
        // A standing bid keeps its place among equal scores; a new one comes after them.
        let (place, wins) = match self.rank {
            Some(rank) if !improves => (Place::At(rank), self.is_winning()),
            _ => (self.place(|other| other >= score), self.is_in(score)),
        };
        Forecast { score, improves, place, wins }
    }

    /// The least price that enters the first K; none for who is there, and where no price does it.
    pub fn to_enter(&self) -> Option<Money> {
        if self.is_winning() {
            return None;
        }
        self.least_over(if self.has_room() { None } else { self.min_winning_score })
    }

    /// The least price that leads; none for who leads, and where no price does it.
    pub fn to_lead(&self) -> Option<Money> {
        let best = self.others.first().map(|other| other.score);
        match (self.mine, best) {
            (Some(_), None) => None,
            // Between equal scores the visible order cannot tell who leads; the rank can, but a
            // higher score leads in any case.
            (Some(mine), Some(best)) if mine > best => None,
            _ => self.least_over(best),
        }
    }

    /// The least price that improves the bidder's standing; the least price at all without one.
    pub fn to_improve(&self) -> Option<Money> {
        self.least_over(None)
    }

    /// Whether `price` is so large that it may be a slip of the finger: over twice the price that
    /// leads, or over three times the highest price on the board.
    pub fn is_unusual(&self, price: Money) -> bool {
        let over = |limit: Option<Money>, times: i64| limit.is_some_and(|limit| price.cents() > limit.cents() * times);
        let highest = self.others.iter().map(|other| other.price).max();
        over(self.to_lead().or_else(|| self.to_improve()), UNUSUAL_LEADS) || over(highest, UNUSUAL_PRICES)
    }

    fn is_winning(&self) -> bool {
        self.rank.is_some_and(|rank| rank <= self.quota)
    }

    /// Whether the first K have room for one more without pushing anybody out.
    fn has_room(&self) -> bool {
        self.others_total < self.quota
    }

    fn is_in(&self, score: Score) -> bool {
        self.is_winning() || self.has_room() || self.min_winning_score.is_some_and(|last| score > last)
    }

    fn place(&self, is_ahead: impl Fn(Score) -> bool) -> Place {
        let ahead = self.others.iter().take_while(|other| is_ahead(other.score)).count();
        // Whoever is not on the board is behind the bidder's own standing bid, if that is on it.
        let is_on_board = self.rank.is_some_and(|rank| rank <= self.others.len() as u64 + 1);
        let all_are_shown = self.others.len() as u64 == self.others_total;
        let known = ahead < self.others.len() || all_are_shown || is_on_board;
        if known { Place::At(ahead as u64 + 1) } else { Place::After(ahead as u64) }
    }

    /// The least price that scores over `target` and over the bidder's own standing bid, which a
    /// bid must beat to count.
    fn least_over(&self, target: Option<Score>) -> Option<Money> {
        // `None` is less than any score.
        let target = target.max(self.mine);
        let score = |price| self.coefficients.score(price, self.elapsed_ms + self.hold_ms, self.weight);
        let enough = |price| target.is_none_or(|target| score(price) > target);
        if !enough(Money::MAX) {
            return None;
        }
        // The answer is in low..=high throughout, and high is enough.
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
    use crate::{Standing, score::Coefficient};
    use proptest::prelude::*;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).expect("in range")
    }

    fn coefficients(alpha: f64, beta: f64, gamma: f64) -> Coefficients {
        let c = |value| Coefficient::new(value).expect("in range");
        Coefficients { alpha: c(alpha), beta: c(beta), gamma: c(gamma) }
    }

    /// A whole auction, best first, of which an outlook sees a part.
    #[derive(Clone, Debug)]
    struct Auction {
        bids: Vec<(Standing, Money)>,
        /// The bidder's index among them.
        me: Option<usize>,
        outlook: Outlook,
    }

    impl Auction {
        /// The rank of a new bid with this score, by the total order alone.
        fn rank_of(&self, score: Score) -> u64 {
            let new = Standing { score, accepted_seq: i64::MAX };
            let stands = match self.me.map(|me| self.bids[me].0) {
                Some(mine) if mine.score >= score => mine,
                _ => new,
            };
            let others = self.bids.iter().enumerate().filter(|(index, _)| Some(*index) != self.me);
            1 + others.filter(|(_, (other, _))| *other < stands).count() as u64
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
                (Standing { score: coefficients.score(cents(*price), 5_000, Weight::NEW_MEMBER), accepted_seq }, cents(*price))
            }).collect();
            bids.sort_by_key(|(standing, _)| *standing);
            let me = me.filter(|me| *me < bids.len());
            // A feed brings the first K rows at most.
            let shown = shown.min(usize::try_from(quota).expect("small"));
            let others = bids.iter().enumerate().take(shown).filter(|(index, _)| Some(*index) != me)
                .map(|(_, (standing, price))| Rival { score: standing.score, price: *price }).collect();
            let last = usize::try_from(quota - 1).expect("small");
            let outlook = Outlook {
                coefficients,
                min_price: cents(80_000),
                quota,
                weight,
                elapsed_ms,
                hold_ms: 0,
                others,
                others_total: (bids.len() - usize::from(me.is_some())) as u64,
                min_winning_score: bids.get(last).map(|(standing, _)| standing.score),
                mine: me.map(|me| bids[me].0.score),
                rank: me.map(|me| me as u64 + 1),
            };
            Auction { bids, me, outlook }
        }
    }

    proptest! {
        #[test]
        fn a_forecast_comes_true(auction in auction(), price in 80_000i64..80_200) {
            let forecast = auction.outlook.forecast(cents(price));
            let rank = auction.rank_of(forecast.score);
            match forecast.place {
                Place::At(predicted) => prop_assert_eq!(predicted, rank),
                Place::After(least) => prop_assert!(rank > least),
            }
            prop_assert_eq!(forecast.wins, rank <= auction.outlook.quota);
            let improves = auction.outlook.mine.is_none_or(|mine| forecast.score > mine);
            prop_assert_eq!(forecast.improves, improves);
        }

        #[test]
        fn the_price_to_enter_enters_and_a_cent_less_does_not(auction in auction()) {
            let outlook = &auction.outlook;
            if let Some(price) = outlook.to_enter() {
                prop_assert!(auction.rank_of(outlook.score(price)) <= outlook.quota);
                if price > outlook.min_price {
                    let less = outlook.forecast(cents(price.cents() - 1));
                    prop_assert!(!less.improves || auction.rank_of(less.score) > outlook.quota);
                }
            } else if !outlook.is_winning() {
                prop_assert!(auction.rank_of(outlook.score(Money::MAX)) > outlook.quota);
            }
        }

        #[test]
        fn the_price_to_lead_leads_and_a_cent_less_does_not(auction in auction()) {
            let outlook = &auction.outlook;
            // Where no other bid is shown, none is known.
            prop_assume!(!outlook.others.is_empty() || outlook.others_total == 0);
            if let Some(price) = outlook.to_lead() {
                prop_assert_eq!(auction.rank_of(outlook.score(price)), 1);
                if price > outlook.min_price {
                    let less = outlook.forecast(cents(price.cents() - 1));
                    prop_assert!(!less.improves || auction.rank_of(less.score) > 1);
                }
            }
        }

        #[test]
        fn the_price_to_improve_improves_and_a_cent_less_does_not(auction in auction()) {
            let outlook = &auction.outlook;
            if let Some(price) = outlook.to_improve() {
                prop_assert!(outlook.forecast(price).improves);
                if price > outlook.min_price {
                    prop_assert!(!outlook.forecast(cents(price.cents() - 1)).improves);
                }
            } else {
                prop_assert!(!outlook.forecast(Money::MAX).improves);
            }
        }

        #[test]
        fn prices_hold_for_as_long_as_they_should(auction in auction(), hold_ms in 0u64..20_000, later in 0.0..=1.0) {
            let named = Outlook { hold_ms, ..auction.outlook };
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of 20 s")]
            let late_ms = (hold_ms as f64 * later) as u64;
            let used = Outlook { elapsed_ms: named.elapsed_ms + late_ms, ..named.clone() };
            if let Some(price) = named.to_enter() {
                prop_assert!(used.forecast(price).wins);
            }
            if let Some(price) = named.to_lead().filter(|_| !named.others.is_empty()) {
                prop_assert_eq!(used.forecast(price).place, Place::At(1));
            }
            if let Some(price) = named.to_improve() {
                prop_assert!(used.forecast(price).improves);
            }
        }
    }

    fn alone() -> Outlook {
        Outlook {
            coefficients: coefficients(1.0, 0.0, 0.0),
            min_price: cents(80_000),
            quota: 1,
            weight: Weight::NEW_MEMBER,
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
        let outlook = alone();
        assert_eq!(outlook.to_enter(), Some(cents(80_000)));
        assert_eq!(outlook.to_lead(), Some(cents(80_000)));
        assert_eq!(outlook.forecast(cents(80_000)).place, Place::At(1));
    }

    #[test]
    fn an_equal_score_comes_later_and_loses() {
        let rival = Rival { score: Score::from_stored(900.0), price: cents(90_000) };
        let outlook = Outlook { others: vec![rival], others_total: 1, min_winning_score: Some(rival.score), ..alone() };
        assert!(!outlook.forecast(cents(90_000)).wins);
        assert_eq!(outlook.to_enter(), Some(cents(90_001)));
    }

    #[test]
    fn where_the_price_counts_for_nothing_no_price_helps() {
        let rival = Rival { score: Score::from_stored(900.0), price: cents(90_000) };
        let outlook = Outlook {
            coefficients: coefficients(0.0, 0.0, 0.0),
            others: vec![rival],
            others_total: 1,
            min_winning_score: Some(rival.score),
            ..alone()
        };
        assert_eq!(outlook.to_enter(), None);
        assert_eq!(outlook.to_lead(), None);
    }

    #[test]
    fn a_price_is_unusual_over_twice_the_lead_or_three_times_the_board() {
        let rival = Rival { score: Score::from_stored(1000.0), price: cents(100_000) };
        let outlook = Outlook { others: vec![rival], others_total: 1, min_winning_score: Some(rival.score), ..alone() };
        assert!(!outlook.is_unusual(cents(200_002)));
        assert!(outlook.is_unusual(cents(200_003)));
        // A heavy rival: leading costs far more than anything on the board.
        let heavy = Rival { score: Score::from_stored(5000.0), ..rival };
        let outlook = Outlook { others: vec![heavy], ..outlook };
        assert!(!outlook.is_unusual(cents(300_000)));
        assert!(outlook.is_unusual(cents(300_001)));
    }
}
