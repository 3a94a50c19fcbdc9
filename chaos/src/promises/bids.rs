//! Promises 1 to 3: what became of each bid.

use super::{Limits, Promise, Violations};
use crate::{
    record::{Answer, BidAttempt},
    truth::Truth,
};
use std::collections::{HashMap, HashSet};

/// Scores are sums of a few terms; a real mistake is larger than this.
const SCORE_ERROR: f64 = 1e-6;

/// Checks the bids of one campaign.
pub fn check(truth: &Truth, bids: &[&BidAttempt], limits: Limits, violations: &mut Violations) {
    acknowledged_is_committed(truth, bids, violations);
    history_is_what_was_sent(truth, bids, violations);
    end_is_exact(truth, bids, limits, violations);
}

fn acknowledged_is_committed(truth: &Truth, bids: &[&BidAttempt], violations: &mut Violations) {
    let committed: HashSet<_> =
        truth.events.iter().map(|event| (event.user_id, event.bid_id, event.number, event.price_cents)).collect();
    for bid in bids {
        let Answer::Accepted { created, outcome } = &bid.answer else { continue };
        let claimed = (bid.user_id, outcome.bid_id, i64::from(outcome.bid_number), outcome.price.cents());
        violations.unless(committed.contains(&claimed), Promise::AcknowledgedIsCommitted, || {
            format!("an acknowledged bid is not in the history: {bid:?}")
        });
        let (sent, stands) = (bid.price, outcome.price);
        violations.unless(
            *created == outcome.improved && (!created || sent == stands),
            Promise::RetriesAreHarmless,
            || format!("201 goes with an improved standing bid: {bid:?}"),
        );
        let is_kept = truth.ever_void.contains(&bid.user_id)
            || truth.standing_of(bid.user_id).is_some_and(|standing| standing.score >= outcome.score.get());
        violations.unless(is_kept, Promise::AcknowledgedIsCommitted, || {
            format!("the standing bid is worse than one that was acknowledged: {bid:?}")
        });
    }
}

fn history_is_what_was_sent(truth: &Truth, bids: &[&BidAttempt], violations: &mut Violations) {
    let sent: HashSet<_> = bids.iter().map(|bid| (bid.user_id, bid.price.cents())).collect();
    let mut latest = HashMap::new();
    let mut received: HashMap<_, i64> = HashMap::new();
    let [alpha, beta, gamma] = truth.coefficients;
    for event in &truth.events {
        violations.unless(sent.contains(&(event.user_id, event.price_cents)), Promise::RetriesAreHarmless, || {
            format!("nobody sent this bid: {event:?}")
        });
        // Of two requests that were under way together, the one received first may be written second: it scores higher.
        let earlier = received.insert((event.user_id, event.price_cents), event.elapsed_ms);
        let is_earlier =
            earlier.is_none_or(|elapsed_ms| event.elapsed_ms < elapsed_ms) || truth.ever_void.contains(&event.user_id);
        violations.unless(is_earlier, Promise::RetriesAreHarmless, || format!("a repetition counts: {event:?}"));
        let (number, score) = latest.insert(event.user_id, (event.number, event.score)).unwrap_or((0, -1.0));
        let improves = event.score > score || truth.ever_void.contains(&event.user_id);
        violations.unless(event.number == number + 1 && improves, Promise::RetriesAreHarmless, || {
            format!("it follows bid {number} with a score of {score}, which it does not improve: {event:?}")
        });
        let expected =
            alpha * event.price_cents as f64 / 100.0 + beta / (event.elapsed_ms + 1) as f64 + gamma * event.weight;
        violations.unless((event.score - expected).abs() < SCORE_ERROR, Promise::WinnersAreRight, || {
            format!("the score should be {expected}: {event:?}")
        });
    }
    for standing in truth.standings.iter().chain(&truth.void) {
        let last = latest.remove(&standing.user_id);
        violations.unless(last == Some((standing.number, standing.score)), Promise::RetriesAreHarmless, || {
            format!("the history ends with {last:?} (number and score), but this bid stands: {standing:?}")
        });
    }
    violations.unless(latest.is_empty(), Promise::AcknowledgedIsCommitted, || {
        format!("bidders with a history have no standing bid: {latest:?}")
    });
}

fn end_is_exact(truth: &Truth, bids: &[&BidAttempt], limits: Limits, violations: &mut Violations) {
    let clock_us = i64::try_from(limits.clock.as_micros()).unwrap_or(i64::MAX);
    for event in &truth.events {
        let received_us = truth.start_us + event.elapsed_ms * 1000;
        violations.unless(received_us < truth.end_us && event.elapsed_ms >= 0, Promise::EndIsExact, || {
            format!("it was received outside the campaign, which ended at {}: {event:?}", truth.end_us)
        });
    }
    let mut refused = HashSet::new();
    let mut perhaps = HashSet::new();
    for bid in bids {
        let key = (bid.user_id, bid.price);
        match &bid.answer {
            Answer::Accepted { .. } => {
                violations.unless(bid.sent_us < truth.end_us + clock_us, Promise::EndIsExact, || {
                    format!("it was sent after the end at {}, and accepted: {bid:?}", truth.end_us)
                });
                perhaps.insert(key);
            }
            Answer::Refused { code, .. } => {
                if code == "CAMPAIGN_ENDED" {
                    violations.unless(bid.answered_us > truth.end_us - clock_us, Promise::EndIsExact, || {
                        format!("it was refused as late before the end at {}: {bid:?}", truth.end_us)
                    });
                }
                violations.unless(code != "CAMPAIGN_NOT_STARTED", Promise::EndIsExact, || {
                    format!("it was refused as early, but the campaign has begun: {bid:?}")
                });
                // Only this one leaves open whether the bid was written.
                if code == "UNAVAILABLE" {
                    perhaps.insert(key);
                } else {
                    refused.insert(key);
                }
            }
            Answer::Lost(_) => drop(perhaps.insert(key)),
        }
    }
    for (user, price) in refused.difference(&perhaps) {
        violations.unless(!truth.has_accepted(*user, *price), Promise::AnswersAreHonest, || {
            format!("a bid of {price} by {user} was refused, and counts")
        });
    }
}
