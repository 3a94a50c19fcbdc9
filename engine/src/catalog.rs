//! Products and the campaigns that sell them.

mod campaigns;
mod products;
mod shelf;
mod stock;
mod turn;

pub use shelf::{Shelf, ShelfCampaign, ShelfCounts};

pub(crate) use campaigns::{CampaignRecord, Campaigns, Change, claim};
pub(crate) use products::ProductRow;
pub(crate) use stock::{Stock, lock_stock, move_stock};
pub(crate) use turn::key as turn_key;
