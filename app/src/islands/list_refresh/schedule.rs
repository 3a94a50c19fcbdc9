//! Decides when the list is refreshed.
//!
//! All times are the browser's wall clock, which goes on while the machine sleeps; after a jump of it a refresh is due at
//! once.

use crate::islands::backoff;

/// The minimum interval between refreshes.
const SPACING_MS: f64 = 1_000.0;
/// The interval of refreshes without feeds.
const POLL_EVERY_MS: f64 = 5_000.0;
/// The same with feeds, which do not report everything, such as the number of other bidders.
const POLL_BESIDE_FEEDS_EVERY_MS: f64 = 15_000.0;
/// The same while the result of a campaign that is over is awaited.
const POLL_DUE_EVERY_MS: f64 = 2_000.0;
/// Refreshes after an event that reaches all browsers are spread over this time.
const SPREAD_MS: f64 = 1_500.0;
/// The same for an event that reaches one user, because one bid may outbid many.
const PERSONAL_SPREAD_MS: f64 = 300.0;
/// After failing for this long, a notice says that the list is not up to date.
const LATE_AFTER_MS: f64 = 10_000.0;

/// The time over which refreshes after a frame of a feed are spread, in milliseconds; none if it changes no list.
pub(super) fn spread_ms(frame: &str) -> Option<f64> {
    let is = |event: &str| frame.strip_prefix(r#"{"event":""#).is_some_and(|rest| rest.starts_with(event));
    if is("ranking_update") {
        None
    } else if is("rank_changed") || is("bid_accepted") || is("bid_voided") {
        Some(PERSONAL_SPREAD_MS)
    } else {
        Some(SPREAD_MS)
    }
}

/// When to refresh the list.
pub(super) struct RefreshSchedule {
    /// From 0 to 1: this browser's position in every spread. Drawn anew after each refresh.
    share: f64,
    started_at_ms: f64,
    refreshed_at_ms: f64,
    /// When to refresh because of an event; infinite without one.
    requested_at_ms: f64,
    is_refreshing: bool,
    failures: Option<Failures>,
}

/// Consecutive failures.
struct Failures {
    since_ms: f64,
    count: u32,
    retry_at_ms: f64,
}

impl RefreshSchedule {
    /// The schedule of a page that has just loaded.
    pub(super) fn new(now_ms: f64, share: f64) -> Self {
        Self {
            share,
            started_at_ms: now_ms,
            refreshed_at_ms: now_ms,
            requested_at_ms: f64::INFINITY,
            is_refreshing: false,
            failures: None,
        }
    }

    /// An event has arrived, whose refreshes are spread over `spread_ms`.
    pub(super) fn add_event(&mut self, now_ms: f64, spread_ms: f64) {
        self.requested_at_ms = self.requested_at_ms.min(now_ms + self.share * spread_ms);
    }

    /// Requests a refresh at once, because the user or the network has returned.
    pub(super) fn refresh_now(&mut self, now_ms: f64) {
        self.requested_at_ms = now_ms;
        if let Some(failures) = &mut self.failures {
            failures.retry_at_ms = now_ms;
        }
    }

    /// The machine slept, or its clock was set: earlier times are meaningless.
    pub(super) fn clock_jumped(&mut self, now_ms: f64) {
        self.started_at_ms = now_ms - SPACING_MS;
        self.refreshed_at_ms = now_ms;
        if let Some(failures) = &mut self.failures {
            failures.since_ms = now_ms;
        }
        self.refresh_now(now_ms);
    }

    /// Whether to refresh now. The list is outdated from `due_ms` on; `has_feeds` says whether feeds report its events.
    pub(super) fn is_due(&self, now_ms: f64, due_ms: Option<f64>, has_feeds: bool) -> bool {
        if self.is_refreshing {
            return false;
        }
        let at_ms = if let Some(failures) = &self.failures {
            failures.retry_at_ms
        } else {
            let every_ms = if has_feeds { POLL_BESIDE_FEEDS_EVERY_MS } else { POLL_EVERY_MS };
            let poll_ms = self.refreshed_at_ms + every_ms * (4.0 + 2.0 * self.share) / 5.0;
            let due_ms = due_ms.map_or(f64::INFINITY, |due_ms| {
                (due_ms + self.share * SPREAD_MS).max(self.refreshed_at_ms + POLL_DUE_EVERY_MS)
            });
            self.requested_at_ms.min(poll_ms).min(due_ms)
        };
        now_ms >= at_ms.max(self.started_at_ms + SPACING_MS)
    }

    /// A refresh starts. Later events request another.
    pub(super) fn started(&mut self, now_ms: f64) {
        self.started_at_ms = now_ms;
        self.requested_at_ms = f64::INFINITY;
        self.is_refreshing = true;
    }

    /// The refresh has succeeded.
    pub(super) fn succeeded(&mut self, now_ms: f64, share: f64) {
        self.share = share;
        self.refreshed_at_ms = now_ms;
        self.is_refreshing = false;
        self.failures = None;
    }

    /// The refresh has failed.
    pub(super) fn failed(&mut self, now_ms: f64, random: f64) {
        let (since_ms, count) =
            self.failures.as_ref().map_or((self.started_at_ms, 0), |failures| (failures.since_ms, failures.count));
        let retry_at_ms = now_ms + backoff::wait_ms(count, random);
        self.is_refreshing = false;
        self.failures = Some(Failures { since_ms, count: count.saturating_add(1), retry_at_ms });
    }

    /// Whether to show the notice that the list is not up to date.
    pub(super) fn is_late(&self, now_ms: f64) -> bool {
        self.failures.as_ref().is_some_and(|failures| now_ms - failures.since_ms >= LATE_AFTER_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the next refresh is due, to a tenth of a second.
    fn next_ms(schedule: &RefreshSchedule, due_ms: Option<f64>, has_feeds: bool) -> Option<i32> {
        (0..1000).map(|tenth| tenth * 100).find(|at| schedule.is_due(f64::from(*at), due_ms, has_feeds))
    }

    #[test]
    fn it_polls_and_less_often_with_feeds() {
        let mut schedule = RefreshSchedule::new(0.0, 0.0);
        assert_eq!(next_ms(&schedule, None, false), Some(4_000));
        assert_eq!(next_ms(&schedule, None, true), Some(12_000));
        schedule.started(4_000.0);
        assert_eq!(next_ms(&schedule, None, false), None, "one at a time");
        schedule.succeeded(5_000.0, 1.0);
        assert_eq!(next_ms(&schedule, None, false), Some(11_000));
    }

    #[test]
    fn events_do_not_wait_for_the_next_poll_and_are_spread() {
        let mut schedule = RefreshSchedule::new(0.0, 1.0);
        schedule.add_event(2_000.0, 1_500.0);
        schedule.add_event(2_000.0, 300.0);
        assert_eq!(next_ms(&schedule, None, true), Some(2_300));
        schedule.started(2_300.0);
        schedule.add_event(2_400.0, 300.0);
        schedule.succeeded(2_500.0, 1.0);
        assert_eq!(next_ms(&schedule, None, true), Some(3_300), "an event during a refresh is not lost");
    }

    #[test]
    fn an_outdated_list_is_refreshed_until_it_is_not() {
        let mut schedule = RefreshSchedule::new(0.0, 1.0);
        assert_eq!(next_ms(&schedule, Some(3_000.0), true), Some(4_500));
        schedule.started(4_500.0);
        schedule.succeeded(4_600.0, 0.0);
        assert_eq!(next_ms(&schedule, Some(3_000.0), true), Some(6_600));
    }

    #[test]
    fn failures_back_off_and_are_shown_after_a_while() {
        let mut schedule = RefreshSchedule::new(0.0, 0.0);
        schedule.started(4_000.0);
        schedule.failed(5_000.0, 1.0);
        schedule.add_event(5_000.0, 0.0);
        assert_eq!(next_ms(&schedule, Some(0.0), false), Some(5_500), "events do not shorten it");
        schedule.started(5_500.0);
        schedule.failed(5_500.0, 1.0);
        assert_eq!(next_ms(&schedule, None, false), Some(6_500));
        assert!(!schedule.is_late(13_900.0));
        assert!(schedule.is_late(14_000.0));
        schedule.refresh_now(14_000.0);
        assert!(schedule.is_due(14_000.0, None, false));
        schedule.started(14_000.0);
        schedule.succeeded(14_100.0, 0.0);
        assert!(!schedule.is_late(14_100.0));
    }

    #[test]
    fn a_clock_jump_makes_a_refresh_due() {
        for now_ms in [-3_600_000.0, 3_600_000.0] {
            let mut schedule = RefreshSchedule::new(0.0, 0.5);
            schedule.clock_jumped(now_ms);
            assert!(schedule.is_due(now_ms, None, true));
        }
    }

    #[test]
    fn ranking_frames_change_no_list() {
        assert_eq!(spread_ms(r#"{"event":"ranking_update","data":{}}"#), None);
        let personal = spread_ms(r#"{"event":"rank_changed","data":{}}"#);
        assert!(personal < spread_ms(r#"{"event":"campaign_ended","data":{}}"#));
        assert!(personal.is_some());
    }
}
