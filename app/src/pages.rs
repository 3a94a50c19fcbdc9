//! The pages, one file each.

mod account;
mod admin;
mod bids;
mod campaign;
mod campaigns;
mod card;
mod form;
mod icon;
mod layout;
mod moment;
mod new_campaign;
mod new_product;
mod not_found;
mod orders;
mod pager;
mod profile;
mod switches;
mod visit;

pub use account::{LoginPage, RegisterPage};
pub use admin::AdminPage;
pub use bids::BidsPage;
pub use campaign::CampaignPage;
pub use campaigns::CampaignsPage;
pub use new_campaign::NewCampaignPage;
pub use new_product::NewProductPage;
pub use not_found::NotFoundPage;
pub use orders::OrdersPage;
pub use profile::ProfilePage;
