//! The addresses of the pages.

use crate::pages::{
    AdminPage, BidsPage, CampaignPage, CampaignsPage, LoginPage, NewCampaignPage, NewProductPage, NotFoundPage,
    OrdersPage, ProfilePage, RegisterPage,
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
                <Route path=path!("/admin/products/new") view=NewProductPage ssr=ssr.clone() />
                <Route path=path!("/admin/campaigns/new") view=NewCampaignPage ssr=ssr />
            </FlatRoutes>
        </Router>
    }
}
