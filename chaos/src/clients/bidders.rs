//! Bidders, each with a random mind of its own: they raise, repeat, bid too little, send a bid twice at once, and try
//! again when they got no answer.

use super::api::Api;
use crate::record::{Answer, BidAttempt, Record};
use domain::{CampaignId, Money, UserId};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use std::{ops::RangeInclusive, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// A bidder's first price in whole units of money.
const FIRST_PRICE: i64 = 100;
/// Raises are multiples of this, so that several bidders often stand at the same price.
const PRICE_STEP: i64 = 5;
/// Under the minimum price of the product.
const TOO_LOW: i64 = 1;
/// Pause between two bids.
const PAUSE_MS: RangeInclusive<u64> = 30..=110;
/// Pause before a bid is sent again that got no answer, or 503.
const RETRY_PAUSE_MS: RangeInclusive<u64> = 50..=250;
const RETRIES_MAX: usize = 8;

/// Who bids.
#[derive(Clone)]
pub struct Bidder {
    /// The user.
    pub user_id: UserId,
    /// Signed in, at the balancer.
    pub api: Api,
    /// The seed of what they do.
    pub seed: u64,
}

/// Bids in both campaigns until told to stop.
pub async fn run(bidder: Bidder, campaigns: [CampaignId; 2], record: Arc<Record>, mut stop: watch::Receiver<bool>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(bidder.seed);
    let mut highest = [FIRST_PRICE; 2];
    let mut seen_end = false;
    while !*stop.borrow() {
        // Some go on trying after the end.
        let which = if seen_end { usize::from(rng.random_bool(0.95)) } else { rng.random_range(0..2) };
        let price = match rng.random_range(0..100) {
            0..3 => TOO_LOW,
            3..15 => rng.random_range(FIRST_PRICE..=highest[which]),
            _ => {
                highest[which] += PRICE_STEP * rng.random_range(1..=2);
                highest[which]
            }
        };
        let price = Money::from_cents(price * 100).unwrap_or_else(|| unreachable!("{price} is in range"));
        let twice = rng.random_bool(0.1);
        let place = bidder.api.bid(bidder.user_id, campaigns[which], price);
        let attempts = if twice {
            let again = bidder.api.bid(bidder.user_id, campaigns[which], price);
            let (first, second) = tokio::join!(place, again);
            vec![first, second]
        } else {
            vec![place.await]
        };
        let mut unanswered = false;
        for attempt in attempts {
            seen_end |= which == 0 && is_after_the_end(&attempt);
            unanswered |= has_no_answer(&attempt);
            record.bid(attempt);
        }
        let mut retries = 0;
        while unanswered && retries < RETRIES_MAX && rng.random_bool(0.8) && !*stop.borrow() {
            pause(&mut rng, RETRY_PAUSE_MS, &mut stop).await;
            let attempt = bidder.api.bid(bidder.user_id, campaigns[which], price).await;
            unanswered = has_no_answer(&attempt);
            record.bid(attempt);
            retries += 1;
        }
        pause(&mut rng, PAUSE_MS, &mut stop).await;
    }
}

async fn pause(rng: &mut Xoshiro256PlusPlus, range_ms: RangeInclusive<u64>, stop: &mut watch::Receiver<bool>) {
    let length = Duration::from_millis(rng.random_range(range_ms));
    let _ = timeout(length, stop.wait_for(|stop| *stop)).await;
}

fn is_after_the_end(attempt: &BidAttempt) -> bool {
    matches!(&attempt.answer, Answer::Refused { code, .. } if code == "CAMPAIGN_ENDED")
}

fn has_no_answer(attempt: &BidAttempt) -> bool {
    match &attempt.answer {
        Answer::Accepted { .. } => false,
        Answer::Refused { status, .. } => *status >= 500,
        Answer::Lost(_) => true,
    }
}

/// One bid each of many clients at the same moment.
pub async fn crowd(bidders: &[Bidder], campaign: CampaignId, size: usize, seed: u64, record: &Record) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut bids = Vec::new();
    for bidder in bidders.iter().cycle().take(size).cloned() {
        let price = Money::from_cents(rng.random_range(FIRST_PRICE..=FIRST_PRICE * 2) * 100);
        let price = price.unwrap_or_else(|| unreachable!("it is in range"));
        bids.push(async move { bidder.api.bid(bidder.user_id, campaign, price).await });
    }
    for attempt in futures_util::future::join_all(bids).await {
        record.bid(attempt);
    }
    // Nobody bids twice in a row without a pause.
    sleep(Duration::from_millis(*PAUSE_MS.start())).await;
}
