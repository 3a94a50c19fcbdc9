//! The admin area. Every page is for admins only (others are redirected to the sign-in page, or get a 403) and works
//! without scripts.

mod audit_log;
mod bid_voiding;
mod campaign_cancellation;
mod campaign_form;
mod campaign_list;
mod campaign_monitor;
mod closed_campaign;
mod dashboard;
mod data_table;
mod ended_campaign_list;
mod form_control;
mod form_review;
mod list_search;
mod product_form;
mod product_list;
mod score_preview;
mod settlement_report;
mod user_form;
mod user_list;

pub use audit_log::AuditLogPage;
pub use bid_voiding::VoidBidPage;
pub use campaign_cancellation::CancelCampaignPage;
pub use campaign_form::{EditCampaignPage, NewCampaignPage};
pub use campaign_list::AdminCampaignsPage;
pub use campaign_monitor::CampaignMonitorPage;
pub use dashboard::DashboardPage;
pub use ended_campaign_list::EndedCampaignsPage;
pub use product_form::{EditProductPage, NewProductPage};
pub use product_list::AdminProductsPage;
pub use settlement_report::SettlementReportPage;
pub use user_form::UserPage;
pub use user_list::UsersPage;

use crate::{
    components::{display_name::display_name, done_line::done_line, time_tag::time_to_second},
    i18n::AdminMessages,
    layout::{PageContent, PageForm},
    page_context::{PageContext, PageError},
    post_redirect_get::REVIEW,
};
use domain::{CampaignId, ErrorCode};
use leptos::prelude::*;
use std::str::FromStr;

/// The `id` of the form on a page.
const FORM_ID: &str = "form";
/// Rows on a page of a list.
const PAGE_ROWS: u32 = 50;

/// The admin area's messages in the page's language.
fn messages(context: &PageContext) -> &'static AdminMessages {
    context.lang.admin_messages()
}

/// A page of the admin area, with the area's navigation above it.
fn admin_page(context: &PageContext, title: impl Into<String>, body: impl IntoView + 'static) -> PageContent {
    let t = messages(context);
    let path = context.path.clone();
    let tab = move |href: &'static str, text: &'static str| {
        let is_within = href != "/admin" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        let current = if path == href { Some("page") } else { is_within.then_some("true") };
        view! { <a href=href aria-current=current>{text}</a> }
    };
    let body = view! {
        <nav class="tabs wrapped" aria-label=t.nav_label>
            {tab("/admin", t.nav_overview)} {tab("/admin/products", t.nav_products)}
            {tab("/admin/campaigns", t.nav_campaigns)} {tab("/admin/users", t.nav_users)}
            {tab("/admin/results", t.nav_results)} {tab("/admin/audit", t.nav_audit)}
        </nav>
        {done_line(context)}
        {body.into_any()}
    };
    PageContent::new(title, body)
}

/// A page with a list, and the time at which it was read.
fn list_page(context: &PageContext, title: impl Into<String>, body: impl IntoView + 'static) -> PageContent {
    let as_of = time_to_second(context, context.engine.clock.now());
    let body = view! {
        <p class="muted">{messages(context).as_of} " " {as_of}</p>
        {body}
    };
    admin_page(context, title, body)
}

/// A page with a form or its review, which has [`FORM_ID`].
fn form_page(context: &PageContext, title: impl Into<String>, body: AnyView) -> PageContent {
    PageContent { form: Some(PageForm { id: FORM_ID, enter: REVIEW }), ..admin_page(context, title, body) }
}

/// The id in the path, as in `/admin/campaigns/{id}/edit`.
fn id_in_path<T: FromStr>(context: &PageContext) -> Result<T, PageError> {
    let id = context.path.split('/').nth(3).unwrap_or_default();
    id.parse().map_err(|_| ErrorCode::NotFound.into())
}

/// A link to a campaign's monitor.
fn campaign_link(context: &PageContext, id: CampaignId, text: &str) -> impl IntoView + use<> {
    view! { <a href=format!("/admin/campaigns/{id}")>{display_name(context, text)}</a> }
}
