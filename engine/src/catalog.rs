//! Products and the campaigns that sell them.

mod campaign_listing;
mod campaign_record;
mod campaigns;
mod edit_lock;
mod product_record;
mod products;
mod stock;
mod stock_report;

pub use campaign_listing::{CampaignListing, ListedCampaign, ListingCounts};
pub use campaigns::Campaigns;
pub use products::Products;
pub use stock_report::{ProductStock, ProductStockList};

pub(crate) use campaign_record::{CampaignRecord, claim, lock_open};
pub(crate) use edit_lock::{key as edit_lock_key, wait_for_batches};
pub(crate) use stock::{StockCounters, lock_stock, move_stock};
