//! Expiry and deletion of the Redis rankings of campaigns that take no more bids.

use super::{redis_scripts::RedisScripts, staleness::StalenessTracker};
use domain::CampaignId;

/// Lets the ranking of a closed campaign expire after a day. Repair no longer covers it, so a suspect one is deleted at
/// once, and PostgreSQL is read instead.
pub(super) async fn retire(scripts: &RedisScripts, staleness: &StalenessTracker, campaign: CampaignId) {
    if staleness.is_suspect(campaign) {
        return remove(scripts, staleness, campaign).await;
    }
    staleness.forget(campaign);
    scripts.expire(campaign).await;
}

/// Deletes the ranking of a removed campaign.
pub(super) async fn remove(scripts: &RedisScripts, staleness: &StalenessTracker, campaign: CampaignId) {
    staleness.forget(campaign);
    scripts.delete(campaign).await;
}
