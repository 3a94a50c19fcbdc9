//! The rules by which a campaign accepts bids.

use crate::{CampaignStatus, Coefficients, Money, Timestamp, campaign_status::Closing, validated::Quota};

/// Everything about a campaign that decides whether a bid is accepted and what it scores.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CampaignRules {
    /// The first instant at which it takes bids.
    pub start_time: Timestamp,
    /// The first instant at which it no longer takes bids.
    pub end_time: Timestamp,
    /// The coefficients of the score.
    pub coefficients: Coefficients,
    /// The minimum price of a bid.
    pub min_price: Money,
    /// K: how many bids win.
    pub quota: Quota,
    /// Whether and how it was closed.
    pub closing: Closing,
}

impl CampaignRules {
    /// The campaign's status at `now`.
    pub fn status(&self, now: Timestamp) -> CampaignStatus {
        match self.closing {
            Closing::Cancelled => CampaignStatus::Cancelled,
            Closing::Open if now < self.start_time => CampaignStatus::Pending,
            Closing::Open if now < self.end_time => CampaignStatus::Active,
            Closing::Open | Closing::Settled => CampaignStatus::Ended,
        }
    }

    /// Checks a bid received at `received_at` and returns T, the whole milliseconds since the start. The order of the
    /// checks is part of the API: first the time, then the price.
    pub fn check_bid(&self, price: Money, received_at: Timestamp) -> Result<u64, BidRejection> {
        match self.status(received_at) {
            CampaignStatus::Pending => return Err(BidRejection::NotStarted),
            CampaignStatus::Ended => return Err(BidRejection::Ended),
            CampaignStatus::Cancelled => return Err(BidRejection::Cancelled),
            CampaignStatus::Active => {}
        }
        if price < self.min_price {
            return Err(BidRejection::PriceTooLow { min_price: self.min_price });
        }
        // Not negative, because an active campaign has started.
        Ok(received_at.millis_since(self.start_time).unsigned_abs())
    }
}

/// Why a bid was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BidRejection {
    /// It came before the start.
    #[error("the campaign has not started yet")]
    NotStarted,
    /// It came at or after the end, or after settlement.
    #[error("the campaign has ended")]
    Ended,
    /// The campaign was cancelled.
    #[error("the campaign was cancelled")]
    Cancelled,
    /// The price is under the product's minimum.
    #[error("the price must be at least {min_price}")]
    PriceTooLow {
        /// The minimum price.
        min_price: Money,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_micros(ms * 1000).expect("in range")
    }

    fn rules(closing: Closing) -> CampaignRules {
        CampaignRules {
            start_time: at(1000),
            end_time: at(2000),
            coefficients: Coefficients::default(),
            min_price: Money::from_cents(80_000).expect("in range"),
            quota: Quota::new(5).expect("in range"),
            closing,
        }
    }

    #[test]
    fn a_bid_counts_from_the_start_until_just_before_the_end() {
        let rules = rules(Closing::Open);
        let price = rules.min_price;
        assert_eq!(rules.check_bid(price, at(999)), Err(BidRejection::NotStarted));
        assert_eq!(rules.check_bid(price, at(1000)), Ok(0));
        assert_eq!(rules.check_bid(price, at(1999)), Ok(999));
        assert_eq!(rules.check_bid(price, at(2000)), Err(BidRejection::Ended));
    }

    #[test]
    fn time_is_checked_before_price() {
        let low = Money::MIN;
        let rules = rules(Closing::Open);
        assert_eq!(rules.check_bid(low, at(0)), Err(BidRejection::NotStarted));
        let too_low = BidRejection::PriceTooLow { min_price: rules.min_price };
        assert_eq!(rules.check_bid(low, at(1500)), Err(too_low));
    }

    #[test]
    fn a_closed_campaign_takes_no_bid_whatever_the_clock_says() {
        let price = Money::MAX;
        assert_eq!(rules(Closing::Settled).check_bid(price, at(1500)), Err(BidRejection::Ended));
        assert_eq!(rules(Closing::Cancelled).check_bid(price, at(500)), Err(BidRejection::Cancelled));
    }
}
