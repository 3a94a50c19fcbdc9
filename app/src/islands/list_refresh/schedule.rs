//! When the list is fetched.
//!
//! All times are the browser's clock of the day, which goes on while the machine sleeps; a jump of it
//! makes everything due.

use crate::islands::backoff;

/// Fetches are at least this far apart.
const SPACING_MS: f64 = 1_000.0;
/// How often the list is fetched without any news.
const POLL_EVERY_MS: f64 = 5_000.0;
/// The same where live feeds tell the news: they do not tell all, such as how many others bid.
const POLL_BESIDE_FEEDS_EVERY_MS: f64 = 15_000.0;
/// The same while a campaign's time is up and its result is not there.
const POLL_DUE_EVERY_MS: f64 = 2_000.0;
/// What reaches everyone at once makes them ask within this, each at a time of their own.
const SPREAD_MS: f64 = 1_500.0;
/// What reaches one reader, but many may be outbid by the same bid.
const PERSONAL_SPREAD_MS: f64 = 300.0;
/// After failing for this long the list says that it is not up to date.
const LATE_AFTER_MS: f64 = 10_000.0;

/// How far apart readers fetch after a feed's frame, in milliseconds; none for one that changes no list.
pub(super) fn spread_ms(frame: &str) -> Option<f64> {
    let is = |event: &str| frame.strip_prefix(r#"{"event":""#).is_some_and(|rest| rest.starts_with(event));
    if is("ranking_update") {
        None
    } else if is("rank_changed") || is("bid_accepted") {
        Some(PERSONAL_SPREAD_MS)
    } else {
        Some(SPREAD_MS)
    }
}

/// When to fetch.
pub(super) struct Schedule {
    /// From 0 to 1: where this reader is in whatever is spread. Drawn anew with each answer.
    share: f64,
    sent_at_ms: f64,
    answered_at_ms: f64,
    /// When news make it time; infinite without any.
    asked_for_ms: f64,
    is_fetching: bool,
    trouble: Option<Trouble>,
}

/// Fetches fail.
struct Trouble {
    since_ms: f64,
    failures: u32,
    retry_at_ms: f64,
}

impl Schedule {
    /// The page has just come.
    pub(super) fn new(now_ms: f64, share: f64) -> Self {
        Self {
            share,
            sent_at_ms: now_ms,
            answered_at_ms: now_ms,
            asked_for_ms: f64::INFINITY,
            is_fetching: false,
            trouble: None,
        }
    }

    /// News came, which `spread_ms` tells how to spread.
    pub(super) fn news(&mut self, now_ms: f64, spread_ms: f64) {
        self.asked_for_ms = self.asked_for_ms.min(now_ms + self.share * spread_ms);
    }

    /// The reader has come back, or the network.
    pub(super) fn hurry(&mut self, now_ms: f64) {
        self.asked_for_ms = now_ms;
        if let Some(trouble) = &mut self.trouble {
            trouble.retry_at_ms = now_ms;
        }
    }

    /// The machine has slept, or its clock was set: times from before mean nothing.
    pub(super) fn jumped(&mut self, now_ms: f64) {
        self.sent_at_ms = now_ms - SPACING_MS;
        self.answered_at_ms = now_ms;
        if let Some(trouble) = &mut self.trouble {
            trouble.since_ms = now_ms;
        }
        self.hurry(now_ms);
    }

    /// Whether to fetch now. The list is out of date from `due_ms` on; `has_feeds` tells that feeds
    /// bring its news.
    pub(super) fn is_time(&self, now_ms: f64, due_ms: Option<f64>, has_feeds: bool) -> bool {
        if self.is_fetching {
            return false;
        }
        let at_ms = if let Some(trouble) = &self.trouble {
            trouble.retry_at_ms
        } else {
            let every_ms = if has_feeds { POLL_BESIDE_FEEDS_EVERY_MS } else { POLL_EVERY_MS };
            let poll_ms = self.answered_at_ms + every_ms * (4.0 + 2.0 * self.share) / 5.0;
            let due_ms = due_ms.map_or(f64::INFINITY, |due_ms| {
                (due_ms + self.share * SPREAD_MS).max(self.answered_at_ms + POLL_DUE_EVERY_MS)
            });
            self.asked_for_ms.min(poll_ms).min(due_ms)
        };
        now_ms >= at_ms.max(self.sent_at_ms + SPACING_MS)
    }

    /// A fetch begins. What is heard from here on asks for another.
    pub(super) fn sent(&mut self, now_ms: f64) {
        self.sent_at_ms = now_ms;
        self.asked_for_ms = f64::INFINITY;
        self.is_fetching = true;
    }

    /// The list is there.
    pub(super) fn succeeded(&mut self, now_ms: f64, share: f64) {
        self.share = share;
        self.answered_at_ms = now_ms;
        self.is_fetching = false;
        self.trouble = None;
    }

    /// There is no list.
    pub(super) fn failed(&mut self, now_ms: f64, random: f64) {
        let (since_ms, failures) =
            self.trouble.as_ref().map_or((self.sent_at_ms, 0), |trouble| (trouble.since_ms, trouble.failures));
        let retry_at_ms = now_ms + backoff::wait_ms(failures, random);
        self.is_fetching = false;
        self.trouble = Some(Trouble { since_ms, failures: failures.saturating_add(1), retry_at_ms });
    }

    /// Whether the reader must be told that the list is not up to date.
    pub(super) fn is_late(&self, now_ms: f64) -> bool {
        self.trouble.as_ref().is_some_and(|trouble| now_ms - trouble.since_ms >= LATE_AFTER_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it is time, to a tenth of a second.
    fn next_ms(schedule: &Schedule, due_ms: Option<f64>, has_feeds: bool) -> Option<i32> {
        (0..1000).map(|tenth| tenth * 100).find(|at| schedule.is_time(f64::from(*at), due_ms, has_feeds))
    }

    #[test]
    fn it_polls_and_less_where_feeds_tell_the_news() {
        let mut schedule = Schedule::new(0.0, 0.0);
        assert_eq!(next_ms(&schedule, None, false), Some(4_000));
        assert_eq!(next_ms(&schedule, None, true), Some(12_000));
        schedule.sent(4_000.0);
        assert_eq!(next_ms(&schedule, None, false), None, "one at a time");
        schedule.succeeded(5_000.0, 1.0);
        assert_eq!(next_ms(&schedule, None, false), Some(11_000));
    }

    #[test]
    fn news_do_not_wait_for_the_next_poll_and_do_not_crowd() {
        let mut schedule = Schedule::new(0.0, 1.0);
        schedule.news(2_000.0, 1_500.0);
        schedule.news(2_000.0, 300.0);
        assert_eq!(next_ms(&schedule, None, true), Some(2_300));
        schedule.sent(2_300.0);
        schedule.news(2_400.0, 300.0);
        schedule.succeeded(2_500.0, 1.0);
        assert_eq!(next_ms(&schedule, None, true), Some(3_300), "what was heard meanwhile is not lost");
    }

    #[test]
    fn a_list_that_is_due_is_fetched_until_it_is_not() {
        let mut schedule = Schedule::new(0.0, 1.0);
        assert_eq!(next_ms(&schedule, Some(3_000.0), true), Some(4_500));
        schedule.sent(4_500.0);
        schedule.succeeded(4_600.0, 0.0);
        assert_eq!(next_ms(&schedule, Some(3_000.0), true), Some(6_600));
    }

    #[test]
    fn failures_back_off_and_are_told_after_a_while() {
        let mut schedule = Schedule::new(0.0, 0.0);
        schedule.sent(4_000.0);
        schedule.failed(5_000.0, 1.0);
        schedule.news(5_000.0, 0.0);
        assert_eq!(next_ms(&schedule, Some(0.0), false), Some(5_500), "news do not undo it");
        schedule.sent(5_500.0);
        schedule.failed(5_500.0, 1.0);
        assert_eq!(next_ms(&schedule, None, false), Some(6_500));
        assert!(!schedule.is_late(13_900.0));
        assert!(schedule.is_late(14_000.0));
        schedule.hurry(14_000.0);
        assert!(schedule.is_time(14_000.0, None, false));
        schedule.sent(14_000.0);
        schedule.succeeded(14_100.0, 0.0);
        assert!(!schedule.is_late(14_100.0));
    }

    #[test]
    fn a_clock_that_jumped_makes_it_time() {
        for now_ms in [-3_600_000.0, 3_600_000.0] {
            let mut schedule = Schedule::new(0.0, 0.5);
            schedule.jumped(now_ms);
            assert!(schedule.is_time(now_ms, None, true));
        }
    }

    #[test]
    fn frames_of_the_ranking_change_no_list() {
        assert_eq!(spread_ms(r#"{"event":"ranking_update","data":{}}"#), None);
        let personal = spread_ms(r#"{"event":"rank_changed","data":{}}"#);
        assert!(personal < spread_ms(r#"{"event":"campaign_ended","data":{}}"#));
        assert!(personal.is_some());
    }
}
