//! Promise 6, as far as it concerns single answers and frames; whether all views agree in the end is seen while the
//! system runs.

use super::{Promise, Violations};
use crate::{
    record::{Answer, BidAttempt, ConnectionId, Frame},
    truth::Truth,
};
use domain::{
    UserId,
    websocket_events::{RankingUpdate, ServerEvent},
};
use std::collections::{HashMap, HashSet};

/// Checks the ranks and rankings of one campaign.
pub fn check(truth: &Truth, bids: &[&BidAttempt], frames: &[&Frame], violations: &mut Violations) {
    frames_never_go_back(truth, frames, violations);
    ranks_count_what_was_acknowledged(truth, bids, violations);
}

fn frames_never_go_back(truth: &Truth, frames: &[&Frame], violations: &mut Violations) {
    let real: HashSet<_> = truth.events.iter().map(|event| (event.user_id, event.score.to_bits())).collect();
    let mut latest: HashMap<ConnectionId, &RankingUpdate> = HashMap::new();
    let mut contents: HashMap<u64, &RankingUpdate> = HashMap::new();
    for frame in frames {
        let ServerEvent::RankingUpdate(update) = &frame.event else { continue };
        if let Some(before) = latest.insert(frame.connection, update) {
            violations.unless(!goes_back(truth, before, update), Promise::RankingsAreTrue, || {
                format!("{:?} received {before:?}, then {update:?}", frame.connection)
            });
        }
        let first = *contents.entry(update.version).or_insert(update);
        let same = first.top_k == update.top_k && first.total_participants == update.total_participants;
        violations.unless(same, Promise::RankingsAreTrue, || {
            format!("one version has two contents: {first:?} and {update:?}")
        });
        for row in &update.top_k {
            let is_real = real.contains(&(row.user_id, row.score.get().to_bits()));
            violations.unless(is_real, Promise::RankingsAreTrue, || format!("a row is not of any bid: {row:?}"));
        }
    }
}

/// Standing bids only rise, so every number of a ranking does, unless bids were declared void.
fn goes_back(truth: &Truth, before: &RankingUpdate, after: &RankingUpdate) -> bool {
    let scores: HashMap<UserId, f64> = after.top_k.iter().map(|row| (row.user_id, row.score.get())).collect();
    let fell = before.top_k.iter().any(|row| {
        let has_fallen = scores.get(&row.user_id).is_some_and(|score| *score < row.score.get());
        has_fallen && !truth.ever_void.contains(&row.user_id)
    });
    if fell || after.version < before.version {
        return true;
    }
    let (line_before, line_after) = (before.min_winning_score, after.min_winning_score);
    truth.ever_void.is_empty()
        && (after.total_participants < before.total_participants
            || after.max_score < before.max_score
            || line_after < line_before)
}

/// The rank in an answer counts every bid that was acknowledged before the request was sent, and no bid that nobody
/// made.
fn ranks_count_what_was_acknowledged(truth: &Truth, bids: &[&BidAttempt], violations: &mut Violations) {
    let seqs: HashMap<_, _> = truth.events.iter().map(|event| ((event.user_id, event.number), event.seq)).collect();
    let mut acknowledged = Vec::new();
    for bid in bids {
        if let Answer::Accepted { outcome, .. } = &bid.answer
            && let Some(seq) = seqs.get(&(bid.user_id, i64::from(outcome.bid_number)))
        {
            acknowledged.push((*bid, outcome, *seq));
        }
    }
    for (bid, outcome, seq) in &acknowledged {
        let is_above = |score: f64, other_seq: i64| {
            score > outcome.score.get() || score.to_bits() == outcome.score.get().to_bits() && other_seq < *seq
        };
        let above: HashSet<UserId> = acknowledged
            .iter()
            .filter(|(other, theirs, other_seq)| {
                other.user_id != bid.user_id
                    && !truth.ever_void.contains(&other.user_id)
                    && other.answered_us < bid.sent_us
                    && is_above(theirs.score.get(), *other_seq)
            })
            .map(|(other, ..)| other.user_id)
            .collect();
        let ever_above = truth
            .standings
            .iter()
            .filter(|standing| standing.user_id != bid.user_id && is_above(standing.score, standing.seq))
            .count();
        let possible = above.len() as u64 + 1..=(ever_above + truth.ever_void.len()) as u64 + 1;
        violations.unless(possible.contains(&outcome.rank), Promise::RankingsAreTrue, || {
            format!("the rank must be in {possible:?}: {bid:?}")
        });
        violations.unless(
            outcome.is_winning == (i64::try_from(outcome.rank).is_ok_and(|rank| rank <= truth.quota)),
            Promise::RankingsAreTrue,
            || format!("rank and is_winning contradict each other: {bid:?}"),
        );
    }
}
