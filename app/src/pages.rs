//! The pages, one file per page or pair of pages.

mod admin;
mod campaign;
mod campaign_list;
mod login_and_register;
mod my_bids;
mod my_orders;
mod not_found;
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
