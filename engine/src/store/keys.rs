//! The names of all keys and channels in Redis.
//!
//! All keys of one campaign have its id as hash tag, so that one script can access them in a cluster; likewise those of
//! a product.

use domain::{CampaignId, ProductId};

/// Makes key names under one prefix.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
}

impl Keys {
    /// Keys that begin with `prefix`.
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// Sorted set: the ranking of a campaign.
    pub fn ranking(&self, campaign: CampaignId) -> String {
        format!("{}bid:{{{campaign}}}", self.prefix)
    }

    /// Hash: sequence, price and name of each standing bid, by user.
    pub fn details(&self, campaign: CampaignId) -> String {
        format!("{}bid_details:{{{campaign}}}", self.prefix)
    }

    /// Hash: whether the ranking is complete, how many accepted bids it holds, also by writer, and the next step of a
    /// rebuild.
    pub fn ranking_meta(&self, campaign: CampaignId) -> String {
        format!("{}bid_meta:{{{campaign}}}", self.prefix)
    }

    /// String: the claim of the rebuild in progress.
    pub fn rebuild(&self, campaign: CampaignId) -> String {
        format!("{}bid_rebuild:{{{campaign}}}", self.prefix)
    }

    /// Sorted set and hash: what a rebuild has filled in so far, which becomes the ranking and its details.
    pub fn rebuilt(&self, campaign: CampaignId, token: &str) -> [String; 2] {
        ["bid_rebuilt", "bid_rebuilt_details"].map(|name| format!("{}{name}:{{{campaign}}}:{token}", self.prefix))
    }

    /// Channel: messages to all processes.
    pub fn control_channel(&self) -> String {
        format!("{}control", self.prefix)
    }

    /// Channel: bids accepted in a campaign.
    pub fn campaign_channel(&self, campaign: CampaignId) -> String {
        format!("{}feed:{campaign}", self.prefix)
    }

    /// String: a copy of the stock of a product.
    pub fn stock(&self, product: ProductId) -> String {
        format!("{}stock:{{{product}}}", self.prefix)
    }

    /// String: the version of the product row the stock was read from.
    pub fn stock_version(&self, product: ProductId) -> String {
        format!("{}stock_version:{{{product}}}", self.prefix)
    }

    /// String: a recent successful sign-in.
    pub fn login(&self, hash: &str) -> String {
        format!("{}login:{hash}", self.prefix)
    }

    /// String: attempts in the current window.
    pub fn attempts(&self, kind: &str, subject: &str) -> String {
        format!("{}attempts:{kind}:{subject}", self.prefix)
    }
}
