//! Letting go of rankings that nobody bids on any more.

use super::{redis_scripts::RedisScripts, trust::Trust};
use domain::CampaignId;

/// Lets the ranking of a closed campaign go from Redis after a day. Nobody repairs it any more, so one that may
/// lack bids goes at once, and PostgreSQL answers.
pub(super) async fn retire(scripts: &RedisScripts, trust: &Trust, campaign: CampaignId) {
    if trust.doubts(campaign) {
        return remove(scripts, trust, campaign).await;
    }
    trust.forget(campaign);
    scripts.expire(campaign).await;
}

/// Removes the ranking of a campaign that is gone.
pub(super) async fn remove(scripts: &RedisScripts, trust: &Trust, campaign: CampaignId) {
    trust.forget(campaign);
    scripts.delete(campaign).await;
}
