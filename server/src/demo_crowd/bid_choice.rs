//! What a demo bidder bids next, if anything: pure, so that it can be tested.

use domain::{
    Coefficients, Money,
    api::{
        campaigns::CampaignDetail,
        rankings::{MyStanding, Ranking},
    },
    forecast::{Forecaster, Rival},
};

/// For how long a price must suffice, as far as time alone decides: until the bid has arrived.
const HOLD_MS: u64 = 2000;
/// How much of what they would pay over the minimum price bidders offer at the start, in percent. The rest comes bit by
/// bit until the end: the bidding goes on, and the last minute is no quieter than the first.
const OFFERED_AT_START_PERCENT: i64 = 10;
/// Cents of a whole unit of money. People bid whole units.
const UNIT_CENTS: i64 = 100;

/// What a bidder is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temperament {
    /// The most they would pay, in percent of the minimum price; at least 100.
    pub budget_percent: i64,
    /// Which part of the winning places is good enough, in percent. Some want to lead and some only to win.
    pub aim_percent: u64,
}

/// A campaign as one bidder sees it.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    /// What prices would achieve.
    pub forecaster: Forecaster,
    /// How much of the campaign's time is over, in percent.
    pub progress_percent: i64,
}

impl Situation {
    /// The situation by what the API says.
    pub fn new(detail: &CampaignDetail, ranking: &Ranking, mine: &MyStanding) -> Self {
        let campaign = &detail.campaign;
        let elapsed_ms = detail.server_time.millis_since(campaign.start_time);
        let length_ms = campaign.end_time.millis_since(campaign.start_time).max(1);
        let others = ranking.rankings.iter().filter(|row| row.user_id != mine.user_id);
        let forecaster = Forecaster {
            coefficients: Coefficients { alpha: campaign.alpha, beta: campaign.beta, gamma: campaign.gamma },
            min_price: campaign.product.min_price,
            quota: campaign.quota.get().unsigned_abs().into(),
            weight: mine.weight,
            elapsed_ms: elapsed_ms.try_into().unwrap_or(0),
            hold_ms: HOLD_MS,
            others: others.map(|row| Rival { score: row.score, price: row.price }).collect(),
            others_total: ranking.total_participants.saturating_sub(mine.rank.is_some().into()),
            min_winning_score: ranking.min_winning_score,
            mine: mine.score,
            rank: mine.rank,
        };
        Self { forecaster, progress_percent: (elapsed_ms.saturating_mul(100) / length_ms).clamp(0, 100) }
    }

    /// The price to bid, `raise_percent` over what the wanted place takes, in whole units and within the budget. `None`
    /// if the bidder is content, or can no longer keep up.
    pub fn next_price(&self, temperament: Temperament, raise_percent: i64) -> Option<Money> {
        let limit_cents = self.limit_cents(temperament.budget_percent);
        let quota = self.forecaster.quota;
        let aim = (quota * temperament.aim_percent / 100).max(1);
        // Who cannot afford the place they want takes any that wins.
        [aim, quota].into_iter().find_map(|places| {
            let enough = self.among_first(places).price_to_enter()?;
            raise(enough, raise_percent, limit_cents)
        })
    }

    /// What the bidder would pay by now.
    fn limit_cents(&self, budget_percent: i64) -> i64 {
        let offered = OFFERED_AT_START_PERCENT + (100 - OFFERED_AT_START_PERCENT) * self.progress_percent / 100;
        self.forecaster.min_price.cents() * (10_000 + (budget_percent - 100) * offered) / 10_000
    }

    /// The forecaster of the same campaign with so many winning places, at most its quota.
    fn among_first(&self, places: u64) -> Forecaster {
        let view = &self.forecaster;
        if places == view.quota {
            return view.clone();
        }
        // If the bidder is not among them, the others there are the first of all.
        let last = usize::try_from(places).ok().and_then(|places| view.others.get(places.checked_sub(1)?));
        Forecaster { quota: places, min_winning_score: last.map(|rival| rival.score), ..view.clone() }
    }
}

/// A price in whole units, raised over `enough` and within the limit. `None` if the limit is not enough.
fn raise(enough: Money, raise_percent: i64, limit_cents: i64) -> Option<Money> {
    let percent_of_unit = 100 * UNIT_CENTS;
    let raised = (enough.cents() * (100 + raise_percent) + percent_of_unit - 1) / percent_of_unit * UNIT_CENTS;
    let price = raised.min(limit_cents / UNIT_CENTS * UNIT_CENTS);
    if price >= enough.cents() { Money::from_cents(price) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Score, Weight};

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).expect("in range")
    }

    /// Others at these prices, best first, in a campaign where all have the same weight and speed no longer counts.
    fn situation(quota: u64, others: &[i64], progress_percent: i64) -> Situation {
        let coefficients = Coefficients::default();
        let elapsed_ms = 1_000_000_000;
        let score = |price| coefficients.score(price, elapsed_ms, Weight::NEW_USER);
        let others = others.iter().map(|price| cents(*price));
        let others: Vec<Rival> = others.map(|price| Rival { price, score: score(price) }).collect();
        let last = usize::try_from(quota - 1).expect("small");
        let forecaster = Forecaster {
            coefficients,
            min_price: cents(80_000),
            quota,
            weight: Weight::NEW_USER,
            elapsed_ms,
            hold_ms: 0,
            others_total: others.len() as u64,
            min_winning_score: others.get(last).map(|rival| rival.score),
            others,
            mine: None,
            rank: None,
        };
        Situation { forecaster, progress_percent }
    }

    /// The same with a standing bid of one's own at a rank.
    fn standing(situation: Situation, price: i64, rank: u64) -> Situation {
        let score: Score = situation.forecaster.score(cents(price));
        let forecaster = Forecaster { mine: Some(score), rank: Some(rank), ..situation.forecaster };
        Situation { forecaster, ..situation }
    }

    const MODEST: Temperament = Temperament { budget_percent: 200, aim_percent: 100 };
    const AMBITIOUS: Temperament = Temperament { budget_percent: 200, aim_percent: 1 };

    #[test]
    fn the_first_bid_is_a_little_over_the_minimum_price_in_whole_units() {
        assert_eq!(situation(2, &[], 0).next_price(MODEST, 3), Some(cents(82_400)));
        // 3 % over 800.00 and a cent are 824.0103.
        let full = situation(1, &[80_000], 100);
        assert_eq!(full.next_price(MODEST, 3), Some(cents(82_500)));
    }

    #[test]
    fn an_outbid_bidder_goes_over_the_last_winning_bid() {
        let outbid = standing(situation(2, &[100_000, 90_000], 100), 85_000, 3);
        // 2 % over 900.01, rounded up.
        assert_eq!(outbid.next_price(MODEST, 2), Some(cents(91_900)));
    }

    #[test]
    fn a_content_bidder_is_silent() {
        let second = standing(situation(2, &[100_000, 90_000], 100), 95_000, 2);
        assert_eq!(second.next_price(MODEST, 3), None);
        let first = standing(situation(2, &[90_000], 100), 95_000, 1);
        assert_eq!(first.next_price(AMBITIOUS, 3), None);
    }

    #[test]
    fn an_ambitious_bidder_wants_to_lead() {
        let second = standing(situation(3, &[100_000, 90_000], 100), 95_000, 2);
        assert_eq!(second.next_price(AMBITIOUS, 1), Some(cents(101_100)));
        assert_eq!(second.next_price(MODEST, 1), None);
    }

    #[test]
    fn who_cannot_lead_tries_to_win() {
        let leader_is_rich = standing(situation(2, &[500_000, 90_000], 100), 85_000, 3);
        assert_eq!(leader_is_rich.next_price(AMBITIOUS, 2), Some(cents(91_900)));
    }

    #[test]
    fn nobody_bids_over_their_budget() {
        // The budget is 1,600.
        assert_eq!(situation(1, &[159_000], 100).next_price(MODEST, 3), Some(cents(160_000)));
        assert_eq!(situation(1, &[160_000], 100).next_price(MODEST, 3), None);
    }

    #[test]
    fn the_budget_is_offered_bit_by_bit() {
        // A tenth of the 800 over the minimum price at the start, and 55 % at half-time.
        for (progress, limit) in [(0, 88_000), (50, 124_000), (100, 160_000)] {
            assert_eq!(situation(1, &[limit - 100], progress).next_price(MODEST, 3), Some(cents(limit)), "{progress}");
            assert_eq!(situation(1, &[limit], progress).next_price(MODEST, 3), None, "{progress}");
        }
    }

    #[test]
    fn an_auction_among_them_comes_to_rest_within_their_budgets() {
        let budgets = [120, 150, 180, 220];
        let mut prices = [None; 4];
        let mut quiet = 0;
        for turn in 0..1000 {
            let me = turn % budgets.len();
            let others = (0..).zip(prices).filter(|(n, _)| *n != me);
            let mut others: Vec<i64> = others.filter_map(|(_, price)| price).collect();
            others.sort_unstable_by_key(|price| std::cmp::Reverse(*price));
            let mut seen = situation(2, &others, 100);
            if let Some(price) = prices[me] {
                let rank = 1 + others.iter().filter(|other| **other > price).count() as u64;
                seen = standing(seen, price, rank);
            }
            let temperament = Temperament { budget_percent: budgets[me], aim_percent: 100 };
            match seen.next_price(temperament, 2) {
                Some(price) => {
                    assert!(price.cents() <= 800 * budgets[me], "{me} bids {price}");
                    prices[me] = Some(price.cents());
                    quiet = 0;
                }
                None => quiet += 1,
            }
        }
        assert!(quiet > budgets.len(), "they still bid");
        let winners = [2, 3].map(|n: usize| prices[n]);
        let losers = [0, 1].map(|n: usize| prices[n]);
        assert!(winners.iter().min() > losers.iter().max(), "{prices:?}");
    }
}
