//! The list of all campaigns.

use super::{
    PAGE_ROWS, admin_page, campaign_link,
    data_table::{Column, data_table},
    list_page,
    list_search::{Parameter, empty_search, list_url, refused_search, search_form},
    messages,
};
use crate::{
    campaign_model::phase::Phase,
    components::{
        pagination::{paginated, requested_page},
        phase_badge::phase_badge,
        time_tag::time_to_second,
    },
    format::count,
    layout::render_page,
    page_context::PageContext,
};
use domain::{CampaignStatus, api::campaigns::Campaign, validated::Search};
use leptos::prelude::*;

const PATH: &str = "/admin/campaigns";

/// `/admin/campaigns`; `?status=` and `?q=` filter it.
#[component]
pub fn AdminCampaignsPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        context.admin()?;
        let t = messages(&context);
        let asked = requested_page(&context, PAGE_ROWS);
        let wanted = context.query("status");
        let status = CampaignStatus::ALL.into_iter().find(|status| Some(status.as_str()) == wanted.as_deref());
        let search = match context.search() {
            Ok(search) => search,
            Err(typed) => {
                let body = refused_search(&context, PATH, t.search_products, &typed, &status_parameter(status));
                return Ok(admin_page(&context, t.nav_campaigns, body));
            }
        };
        let list = context.engine.campaigns.search(&search, asked, status).await?;
        let rows = view! { <div class="card">{campaign_table(&context, list.campaigns)}</div> }.into_any();
        let none = empty_search(&context, PATH, &search, t.campaigns_none, t.campaigns_none_hint);
        let body = view! {
            <div class="toolbar">
                {filters(&context, status, &search)}
                <a class="button primary" href="/admin/campaigns/new">{t.campaign_new}</a>
            </div>
            {search_form(&context, PATH, t.search_products, &search, &status_parameter(status))}
            {paginated(&context, &filtered_url(status, &search), asked, list.total, rows, none)}
        };
        Ok(list_page(&context, t.nav_campaigns, body))
    })
}

/// The filter as a query parameter, which a search keeps.
fn status_parameter(status: Option<CampaignStatus>) -> Vec<Parameter> {
    status.map(|status| ("status", status.as_str().to_owned())).into_iter().collect()
}

fn filtered_url(status: Option<CampaignStatus>, search: &Search) -> String {
    list_url(PATH, &status_parameter(status), search)
}

fn filters(context: &PageContext, chosen: Option<CampaignStatus>, search: &Search) -> impl IntoView + use<> {
    let t = messages(context);
    let link = |status: Option<CampaignStatus>, text: &'static str| {
        let href = filtered_url(status, search);
        view! { <a href=href aria-current=(chosen == status).then_some("true")>{text}</a> }
    };
    view! {
        <nav class="tabs wrapped" aria-label=t.filter>
            {link(None, t.all)} {link(Some(CampaignStatus::Active), t.live_now)}
            {link(Some(CampaignStatus::Pending), t.upcoming)} {link(Some(CampaignStatus::Ended), t.ended)}
            {link(Some(CampaignStatus::Cancelled), t.cancelled)}
        </nav>
    }
}

/// Campaigns as a table.
pub(super) fn campaign_table(context: &PageContext, campaigns: Vec<Campaign>) -> AnyView {
    let t = messages(context);
    let now = context.engine.clock.now();
    let rows = campaigns.into_iter().map(|campaign| {
        let phase = Phase::of(&campaign, now);
        [
            campaign_link(context, campaign.campaign_id, &campaign.product.name).into_any(),
            phase_badge(context, phase).into_any(),
            time_to_second(context, campaign.start_time).into_any(),
            time_to_second(context, campaign.end_time).into_any(),
            count(u64::from(campaign.quota.get().unsigned_abs())).into_any(),
        ]
    });
    let columns = [
        Column::Name(t.product),
        Column::Text(t.status),
        Column::Text(t.start_time),
        Column::Text(t.end_time),
        Column::Number(t.quota),
    ];
    data_table(t.nav_campaigns, columns, rows)
}
