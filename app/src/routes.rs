//! The routes of the pages.

use crate::pages::{
    AdminCampaignsPage, AdminProductsPage, ApiKeysPage, AuditLogPage, CampaignListPage, CampaignMonitorPage,
    CampaignPage, CampaignRankingPage, CancelCampaignPage, CodePage, ConfirmEmailPage, DashboardPage, EditCampaignPage,
    EditProductPage, EndedCampaignsPage, ForgotPasswordPage, LoginPage, MyBidsPage, MyOrdersPage, NewCampaignPage,
    NewProductPage, NotFoundPage, PersonalDataPage, ProfilePage, RegisterPage, ResetPasswordPage, SecondFactorPage,
    SettlementReportPage, UserPage, UsersPage, VoidBidPage,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The pages by path. Each is sent when it is complete, so that its status is final and no script is needed to assemble it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let ssr = SsrMode::Async;
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=CampaignListPage ssr=ssr.clone() />
                <Route path=path!("/campaigns/:id") view=CampaignPage ssr=ssr.clone() />
                <Route path=path!("/campaigns/:id/ranking") view=CampaignRankingPage ssr=ssr.clone() />
                <Route path=path!("/login") view=LoginPage ssr=ssr.clone() />
                <Route path=path!("/login/code") view=CodePage ssr=ssr.clone() />
                <Route path=path!("/register") view=RegisterPage ssr=ssr.clone() />
                <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=ssr.clone() />
                <Route path=path!("/reset-password") view=ResetPasswordPage ssr=ssr.clone() />
                <Route path=path!("/confirm-email") view=ConfirmEmailPage ssr=ssr.clone() />
                <Route path=path!("/profile") view=ProfilePage ssr=ssr.clone() />
                <Route path=path!("/profile/second-factor") view=SecondFactorPage ssr=ssr.clone() />
                <Route path=path!("/profile/data") view=PersonalDataPage ssr=ssr.clone() />
                <Route path=path!("/profile/api-keys") view=ApiKeysPage ssr=ssr.clone() />
                <Route path=path!("/bids") view=MyBidsPage ssr=ssr.clone() />
                <Route path=path!("/orders") view=MyOrdersPage ssr=ssr.clone() />
                <Route path=path!("/admin") view=DashboardPage ssr=ssr.clone() />
                <Route path=path!("/admin/products") view=AdminProductsPage ssr=ssr.clone() />
                <Route path=path!("/admin/products/new") view=NewProductPage ssr=ssr.clone() />
                <Route path=path!("/admin/products/:id") view=EditProductPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns") view=AdminCampaignsPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/new") view=NewCampaignPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id") view=CampaignMonitorPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/edit") view=EditCampaignPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/cancel") view=CancelCampaignPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/bids/:user/void") view=VoidBidPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/report") view=SettlementReportPage ssr=ssr.clone() />
                <Route path=path!("/admin/users") view=UsersPage ssr=ssr.clone() />
                <Route path=path!("/admin/users/:id") view=UserPage ssr=ssr.clone() />
                <Route path=path!("/admin/results") view=EndedCampaignsPage ssr=ssr.clone() />
                <Route path=path!("/admin/audit") view=AuditLogPage ssr=ssr />
            </FlatRoutes>
        </Router>
    }
}
