//! A demo bidder: looks at the live campaign every now and then, and bids if there is a reason to.

use super::{
    api_client::Failure,
    bid_choice::{Situation, Temperament},
    member::Member,
};
use domain::{
    CampaignId, CampaignStatus,
    api::{
        bids::{BidOutcome, PlaceBid},
        campaigns::CampaignDetail,
        rankings::{MyStanding, Ranking},
    },
};
use http::Method;
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde_json::json;
use std::{ops::RangeInclusive, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Seconds until the first look at a campaign: something happens at once, but not everything at the same moment.
const FIRST_WAIT_S: RangeInclusive<f64> = 0.2..=6.0;
/// Seconds between two looks, on average. Each bidder has a pace of their own.
const MEAN_WAIT_S: RangeInclusive<f64> = 5.0..=14.0;
/// Nobody looks, thinks and types faster, in seconds.
const WAIT_S_MIN: f64 = 0.8;
/// How often a bidder looks and does nothing.
const SILENCE: f64 = 0.2;
/// How far a bid goes over what the wanted place takes, in percent.
const RAISE_PERCENT: RangeInclusive<i64> = 1..=3;
/// What bidders would pay at most, in percent of the minimum price.
const BUDGET_PERCENT: RangeInclusive<i64> = 140..=250;
/// Which part of the winning places is good enough for them, in percent.
const AIM_PERCENT: RangeInclusive<u64> = 10..=60;

/// How a bidder behaves in one campaign. It follows from the campaign and the bidder's number.
struct Mood {
    rng: Xoshiro256PlusPlus,
    temperament: Temperament,
    mean_wait_s: f64,
}

/// Bids in the campaign that is live, whichever it is, until the sender of these is gone.
pub(super) async fn run(mut member: Member, number: u64, mut live: watch::Receiver<Option<CampaignId>>) {
    while live.has_changed().is_ok() {
        let campaign = *live.borrow_and_update();
        if let Some(campaign) = campaign {
            bid_in(&mut member, campaign, Mood::new(campaign, number), &mut live).await;
        } else {
            // If the sender is gone, the loop ends.
            let _ = live.changed().await;
        }
    }
}

/// Bids in one campaign until another is live, or none.
async fn bid_in(
    member: &mut Member,
    campaign: CampaignId,
    mut mood: Mood,
    live: &mut watch::Receiver<Option<CampaignId>>,
) {
    let mut wait = Duration::from_secs_f64(mood.rng.random_range(FIRST_WAIT_S));
    while timeout(wait, live.changed()).await.is_err() {
        wait = mood.wait();
        if let Err(failure) = take_turn(member, campaign, &mut mood).await {
            tracing::debug!(bidder = member.email(), %failure, "a demo bidder got no answer or a refusal");
            wait += failure.pause();
        }
    }
}

async fn take_turn(member: &mut Member, campaign: CampaignId, mood: &mut Mood) -> Result<(), Failure> {
    let detail: CampaignDetail = member.get(&format!("/api/v1/campaigns/{campaign}")).await?;
    if detail.campaign.status != CampaignStatus::Active {
        return Ok(());
    }
    let ranking: Ranking = member.get(&format!("/api/v1/rankings/{campaign}")).await?;
    let mine: MyStanding = member.get(&format!("/api/v1/rankings/{campaign}/me")).await?;
    let price = Situation::new(&detail, &ranking, &mine).next_price(mood.temperament, mood.raise_percent());
    let Some(price) = price.filter(|_| !mood.is_silent()) else { return Ok(()) };
    let bid = json!(PlaceBid { campaign_id: campaign, price, user_id: None });
    let outcome: BidOutcome = member.send(Method::POST, "/api/v1/bids", Some(&bid)).await?;
    tracing::debug!(bidder = member.email(), %price, rank = outcome.rank, "a demo bidder has bid");
    Ok(())
}

impl Mood {
    fn new(campaign: CampaignId, number: u64) -> Self {
        let (_, random_part) = campaign.0.as_u64_pair();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(random_part ^ number);
        let temperament = Temperament {
            budget_percent: rng.random_range(BUDGET_PERCENT),
            aim_percent: rng.random_range(AIM_PERCENT),
        };
        let mean_wait_s = rng.random_range(MEAN_WAIT_S);
        Self { rng, temperament, mean_wait_s }
    }

    /// The time until the next look, exponentially distributed: people come and go on their own. At most seven times
    /// the mean.
    fn wait(&mut self) -> Duration {
        let times_the_mean = -self.rng.random_range(0.001..1.0_f64).ln();
        Duration::from_secs_f64((self.mean_wait_s * times_the_mean).max(WAIT_S_MIN))
    }

    fn raise_percent(&mut self) -> i64 {
        self.rng.random_range(RAISE_PERCENT)
    }

    fn is_silent(&mut self) -> bool {
        self.rng.random_bool(SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn bidders_differ_and_keep_a_human_pace() {
        let campaign = CampaignId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0123_4567_89ab));
        let mut moods: Vec<Mood> = (1..=12).map(|number| Mood::new(campaign, number)).collect();
        for mood in &mut moods {
            let waits_s: Vec<f64> = (0..1000).map(|_| mood.wait().as_secs_f64()).collect();
            assert!(waits_s.iter().all(|wait_s| (WAIT_S_MIN..100.0).contains(wait_s)));
            let mean_s = waits_s.iter().sum::<f64>() / 1000.0;
            assert!((4.0..17.0).contains(&mean_s), "{mean_s}");
        }
        let budgets: std::collections::HashSet<_> = moods.iter().map(|mood| mood.temperament.budget_percent).collect();
        assert!(budgets.len() > 6, "{budgets:?}");
    }
}
