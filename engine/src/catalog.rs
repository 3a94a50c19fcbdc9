//! Products and the campaigns that sell them.

mod campaigns;
mod products;
mod stock;

pub(crate) use campaigns::{CampaignRecord, Campaigns, claim};
pub(crate) use stock::{Stock, lock_stock, move_stock};
