//! The admin area's start page: running and upcoming campaigns, and the latest actions.

use super::{audit_log, campaign_list, list_page, messages};
use crate::{components::empty_list::empty_list, format::count, layout::render_page, page_context::PageContext};
use domain::{
    CampaignStatus,
    validated::{Page as ListPage, Search},
};
use engine::AuditFilter;
use leptos::prelude::*;

/// Rows in each list.
const ROWS: u32 = 5;

/// `/admin`.
#[component]
pub fn DashboardPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let first = ListPage { skip: 0, limit: ROWS };
        let live = context.engine.campaigns.list(first, Some(CampaignStatus::Active)).await?;
        let upcoming = context.engine.campaigns.list(first, Some(CampaignStatus::Pending)).await?;
        let products =
            context.engine.products.stock_list(actor, &Search::all(), ListPage { skip: 0, limit: 1 }).await?.total;
        let users = context.engine.accounts.users(actor, &Search::all(), ListPage { skip: 0, limit: 1 }).await?.total;
        let deeds = context.engine.audit_log.search(actor, AuditFilter::of(&Search::all()), first).await?;
        let stat = |label: &'static str, number: i64, href: &'static str| {
            view! {
                <a class="card stat" href=href>
                    <span>{label}</span>
                    <span>{count(number.unsigned_abs())}</span>
                </a>
            }
        };
        let running: Vec<_> = live.campaigns.into_iter().chain(upcoming.campaigns).collect();
        let campaigns = if running.is_empty() {
            empty_list(t.campaigns_none, t.campaigns_none_hint, Some(("/admin/campaigns/new", t.campaign_new)))
                .into_any()
        } else {
            view! { <div class="card">{campaign_list::campaign_table(&context, running)}</div> }.into_any()
        };
        let deeds = if deeds.entries.is_empty() {
            empty_list(t.audit_none, t.audit_none_hint, None).into_any()
        } else {
            audit_log::entry_list(&context, deeds.entries)
        };
        let body = view! {
            <div class="stats">
                {stat(t.live_now, live.total, "/admin/campaigns?status=active")}
                {stat(t.upcoming, upcoming.total, "/admin/campaigns?status=pending")}
                {stat(t.nav_products, products, "/admin/products")} {stat(t.nav_users, users, "/admin/users")}
            </div>
            <section class="section">
                <h2>{t.dashboard_campaigns}</h2>
                {campaigns}
                <p class="actions">
                    <a class="button primary" href="/admin/campaigns/new">{t.campaign_new}</a>
                    <a class="button" href="/admin/products/new">{t.product_new}</a>
                </p>
            </section>
            <section class="section">
                <h2>{t.dashboard_actions}</h2>
                {deeds}
            </section>
        };
        Ok(list_page(&context, t.title, body))
    })
}
