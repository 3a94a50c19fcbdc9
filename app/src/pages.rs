//! The pages, one file each.

mod account;
mod admin;
mod bids;
mod campaign;
mod campaigns;
mod not_found;
mod orders;
mod profile;

pub use account::{LoginPage, RegisterPage};
pub use admin::{
    AdminCampaignsPage, AdminPage, AdminProductsPage, AuditPage, CancelCampaignPage, EditCampaignPage, EditProductPage,
    MonitorPage, NewCampaignPage, NewProductPage, ReportPage, ResultsPage, UserPage, UsersPage,
};
pub use bids::BidsPage;
pub use campaign::CampaignPage;
pub use campaigns::CampaignsPage;
pub use not_found::NotFoundPage;
pub use orders::OrdersPage;
pub use profile::ProfilePage;
