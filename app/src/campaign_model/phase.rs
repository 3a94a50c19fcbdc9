//! The phase of a campaign, as pages show it.

use domain::{CampaignStatus, Timestamp, api::campaigns::Campaign};

/// A campaign's phase. Unlike [`CampaignStatus`] it has one between the end and the settlement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It has not started.
    Pending,
    /// It takes bids.
    Active,
    /// It is over but not settled yet.
    Settling,
    /// It is settled.
    Ended,
    /// It was cancelled.
    Cancelled,
}

impl Phase {
    /// The phase at `now_ms` by the server's clock. Of the last known status only the final ones count; the others
    /// follow from the clock.
    pub fn at(now_ms: i64, start_ms: i64, end_ms: i64, status: CampaignStatus, settled: bool) -> Self {
        match status {
            CampaignStatus::Cancelled => Self::Cancelled,
            _ if settled => Self::Ended,
            CampaignStatus::Ended => Self::Settling,
            _ if now_ms < start_ms => Self::Pending,
            _ if now_ms < end_ms => Self::Active,
            _ => Self::Settling,
        }
    }

    /// The phase of a campaign at `now`.
    pub fn of(campaign: &Campaign, now: Timestamp) -> Self {
        Self::at(
            now.unix_millis(),
            campaign.start_time.unix_millis(),
            campaign.end_time.unix_millis(),
            campaign.status,
            campaign.settled_at.is_some(),
        )
    }

    /// The phase's name for style sheets and tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Settling => "settling",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CampaignStatus as Status;

    #[test]
    fn the_clock_advances_it_and_the_server_ends_it() {
        let at = |now, status, settled| Phase::at(now, 1000, 2000, status, settled);
        assert_eq!(at(999, Status::Pending, false), Phase::Pending);
        assert_eq!(at(1000, Status::Pending, false), Phase::Active);
        assert_eq!(at(2000, Status::Active, false), Phase::Settling);
        assert_eq!(at(1500, Status::Ended, false), Phase::Settling);
        assert_eq!(at(2000, Status::Ended, true), Phase::Ended);
        assert_eq!(at(1500, Status::Cancelled, false), Phase::Cancelled);
    }
}
