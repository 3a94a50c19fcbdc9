//! Promises 7 and 8: how bids were answered.

use super::{Evidence, Promise, Violations};
use crate::record::{Answer, BidAttempt};
use std::time::Duration;

/// Refusals that say something about the bid, not about the system.
const RULES: [&str; 2] = ["PRICE_TOO_LOW", "CAMPAIGN_ENDED"];

/// Checks every answer of a round.
pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let slowest_allowed = evidence.limits.answer + evidence.schedule.standstill();
    for bid in evidence.bids {
        violations.unless(is_honest(bid), Promise::AnswersAreHonest, || format!("what is this answer? {bid:?}"));
        violations.unless(answer_time(bid) <= slowest_allowed, Promise::AnswersAreHonest, || {
            format!("the answer took {:.1} s: {bid:?}", answer_time(bid).as_secs_f64())
        });
        violations.unless(evidence.schedule.may_refuse_bids() || is_served(bid), Promise::ServiceGoesOn, || {
            format!("it was not served: {bid:?}")
        });
        violations.unless(bid.sent_us < evidence.recovered_us || is_served(bid), Promise::AnswersAreHonest, || {
            format!("it was not served, although the last fault was over: {bid:?}")
        });
    }
}

/// Until the answer, or until the client gave up.
pub fn answer_time(bid: &BidAttempt) -> Duration {
    Duration::from_micros(u64::try_from(bid.answered_us - bid.sent_us).unwrap_or_default())
}

fn is_honest(bid: &BidAttempt) -> bool {
    match &bid.answer {
        Answer::Refused { status: 503, code, has_retry_after, .. } => {
            ["OVERLOADED", "UNAVAILABLE"].contains(&code.as_str()) && *has_retry_after
        }
        Answer::Refused { status, code, server_time, .. } => {
            *status < 500 && RULES.contains(&code.as_str()) && (code != "CAMPAIGN_ENDED" || server_time.is_some())
        }
        Answer::Accepted { .. } | Answer::Lost(_) => true,
    }
}

fn is_served(bid: &BidAttempt) -> bool {
    match &bid.answer {
        Answer::Accepted { .. } => true,
        Answer::Refused { code, .. } => RULES.contains(&code.as_str()),
        Answer::Lost(_) => false,
    }
}
