//! The pages, one file per page or pair of pages.

mod admin;
mod api_keys;
mod campaign;
mod campaign_list;
mod campaign_ranking;
mod email_links;
mod login_and_register;
mod my_bids;
mod my_orders;
mod not_found;
mod personal_data;
mod profile;
mod second_factor;

pub use admin::{
    AdminCampaignsPage, AdminProductsPage, AuditLogPage, CampaignMonitorPage, CancelCampaignPage, DashboardPage,
    EditCampaignPage, EditProductPage, EndedCampaignsPage, NewCampaignPage, NewProductPage, SettlementReportPage,
    UserPage, UsersPage, VoidBidPage,
};
pub use api_keys::ApiKeysPage;
pub use campaign::CampaignPage;
pub use campaign_list::CampaignListPage;
pub use campaign_ranking::CampaignRankingPage;
pub use email_links::{ConfirmEmailPage, ForgotPasswordPage, ResetPasswordPage};
pub use login_and_register::{LoginPage, RegisterPage};
pub use my_bids::MyBidsPage;
pub use my_orders::MyOrdersPage;
pub use not_found::NotFoundPage;
pub use personal_data::PersonalDataPage;
pub use profile::ProfilePage;
pub use second_factor::{CodePage, SecondFactorPage};
