//! When a campaign may start and end. All messages are about the end.

use crate::{Timestamp, limits};

/// Checks, at `now`, whether a campaign may be scheduled from `start` to `end`. The start may be in the past; the
/// campaign is then active at once.
pub fn check_schedule(start: Timestamp, end: Timestamp, now: Timestamp) -> Result<(), &'static str> {
    if end <= start {
        return Err("must be after start_time");
    }
    if end <= now {
        return Err("must be in the future");
    }
    check_length(start, end)
}

/// Checks the length of a campaign.
pub(crate) fn check_length(start: Timestamp, end: Timestamp) -> Result<(), &'static str> {
    if end.millis_since(start) > limits::CAMPAIGN_MS_MAX {
        return Err("must be within 366 days of start_time");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_millis(ms)
    }

    #[test]
    fn a_campaign_ends_after_its_start_and_after_now() {
        assert!(check_schedule(at(10), at(20), at(15)).is_ok(), "begun already");
        assert!(check_schedule(at(20), at(20), at(0)).is_err());
        assert!(check_schedule(at(10), at(20), at(20)).is_err());
        assert!(check_schedule(at(0), at(limits::CAMPAIGN_MS_MAX), at(0)).is_ok());
        assert!(check_schedule(at(0), at(limits::CAMPAIGN_MS_MAX + 1), at(0)).is_err());
    }
}
