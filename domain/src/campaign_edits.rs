//! How a campaign that takes bids may be edited.

use crate::{Timestamp, api::campaigns::UpdateCampaign, campaign_schedule::check_length};

/// Checks an edit of an active campaign, which lasts from `start` to `old_end`. Its bids were made under the rules it
/// started with, so it may only be extended.
pub fn check_active_edit(
    change: &UpdateCampaign,
    start: Timestamp,
    old_end: Timestamp,
) -> Result<(), ActiveEditRejection> {
    // Without `..`, so that a new field cannot be forgotten here.
    let UpdateCampaign { product_id, start_time, end_time, alpha, beta, gamma, quota } = change;
    let changes_only_end = product_id.is_none()
        && start_time.is_none()
        && alpha.is_none()
        && beta.is_none()
        && gamma.is_none()
        && quota.is_none();
    if !changes_only_end {
        return Err(ActiveEditRejection::NotOnlyEnd);
    }
    let end = end_time.unwrap_or(old_end);
    if end < old_end {
        return Err(ActiveEditRejection::Shortened);
    }
    check_length(start, end).map_err(ActiveEditRejection::InvalidEnd)
}

/// Why an edit of an active campaign was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ActiveEditRejection {
    /// It changes more than the end.
    #[error("must be the only change to an active campaign")]
    NotOnlyEnd,
    /// The campaign would end earlier than before.
    #[error("must not be before the current end")]
    Shortened,
    /// The end would not be valid in any campaign.
    #[error("{0}")]
    InvalidEnd(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Coefficients, ProductId, limits, validated::Quota};

    fn at(ms: i64) -> Timestamp {
        Timestamp::EPOCH.plus_millis(ms)
    }

    #[test]
    fn an_active_campaign_is_only_extended_and_not_too_far() {
        let check = |change: UpdateCampaign| check_active_edit(&change, at(0), at(20));
        let end = |ms| UpdateCampaign { end_time: Some(at(ms)), ..UpdateCampaign::default() };
        assert_eq!(check(UpdateCampaign::default()), Ok(()));
        assert_eq!(check(end(20)), Ok(()));
        assert_eq!(check(end(limits::CAMPAIGN_MS_MAX)), Ok(()));
        assert_eq!(check(end(19)), Err(ActiveEditRejection::Shortened));
        assert!(matches!(check(end(limits::CAMPAIGN_MS_MAX + 1)), Err(ActiveEditRejection::InvalidEnd(_))));
    }

    #[test]
    fn nothing_but_the_end_of_an_active_campaign_changes() {
        let end = || UpdateCampaign { end_time: Some(at(30)), ..UpdateCampaign::default() };
        let coefficients = Coefficients::default();
        for change in [
            UpdateCampaign { product_id: Some(ProductId(uuid::Uuid::nil())), ..end() },
            UpdateCampaign { start_time: Some(at(0)), ..end() },
            UpdateCampaign { alpha: Some(coefficients.alpha), ..end() },
            UpdateCampaign { beta: Some(coefficients.beta), ..end() },
            UpdateCampaign { gamma: Some(coefficients.gamma), ..end() },
            UpdateCampaign { quota: Quota::new(1), ..end() },
        ] {
            assert_eq!(check_active_edit(&change, at(0), at(20)), Err(ActiveEditRejection::NotOnlyEnd), "{change:?}");
        }
    }
}
