//! The statuses a campaign goes through.

use serde::{Deserialize, Serialize};

/// The status of a campaign, as the API names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CampaignStatus {
    /// It has not started.
    Pending,
    /// It takes bids.
    Active,
    /// Its time is up. Until `settled_at` is set, settlement is still to come.
    Ended,
    /// An admin cancelled it; it sells nothing.
    Cancelled,
}

impl CampaignStatus {
    /// All statuses, in the order in which a campaign goes through them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Ended, Self::Cancelled];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whether and how a campaign was closed. This is what is stored: pending, active and ended follow from the clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Not closed: it is pending, active, or ended and not yet settled.
    Open,
    /// Settled: the winners have been determined.
    Settled,
    /// Cancelled.
    Cancelled,
}
