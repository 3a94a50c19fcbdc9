//! The addresses of the pages.

use crate::pages::{
    AdminCampaignsPage, AdminPage, AdminProductsPage, AuditPage, BidsPage, CampaignPage, CampaignsPage,
    CancelCampaignPage, EditCampaignPage, EditProductPage, LoginPage, MonitorPage, NewCampaignPage, NewProductPage,
    NotFoundPage, OrdersPage, ProfilePage, RegisterPage, ReportPage, ResultsPage, UserPage, UsersPage,
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The pages by their addresses. Each is sent when it is complete, so that its status is right and
/// it needs no script to put itself together.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let ssr = SsrMode::Async;
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=CampaignsPage ssr=ssr.clone() />
                <Route path=path!("/campaigns/:id") view=CampaignPage ssr=ssr.clone() />
                <Route path=path!("/login") view=LoginPage ssr=ssr.clone() />
                <Route path=path!("/register") view=RegisterPage ssr=ssr.clone() />
                <Route path=path!("/profile") view=ProfilePage ssr=ssr.clone() />
                <Route path=path!("/bids") view=BidsPage ssr=ssr.clone() />
                <Route path=path!("/orders") view=OrdersPage ssr=ssr.clone() />
                <Route path=path!("/admin") view=AdminPage ssr=ssr.clone() />
                <Route path=path!("/admin/products") view=AdminProductsPage ssr=ssr.clone() />
                <Route path=path!("/admin/products/new") view=NewProductPage ssr=ssr.clone() />
                <Route path=path!("/admin/products/:id") view=EditProductPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns") view=AdminCampaignsPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/new") view=NewCampaignPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id") view=MonitorPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/edit") view=EditCampaignPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/cancel") view=CancelCampaignPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/:id/report") view=ReportPage ssr=ssr.clone() />
                <Route path=path!("/admin/users") view=UsersPage ssr=ssr.clone() />
                <Route path=path!("/admin/users/:id") view=UserPage ssr=ssr.clone() />
                <Route path=path!("/admin/results") view=ResultsPage ssr=ssr.clone() />
                <Route path=path!("/admin/audit") view=AuditPage ssr=ssr />
            </FlatRoutes>
        </Router>
    }
}
