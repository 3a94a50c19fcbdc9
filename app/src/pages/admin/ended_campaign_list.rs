//! The list of ended campaigns, with links to their settlement reports.

use super::{
    PAGE_ROWS, admin_page,
    data_table::{Column, data_table},
    list_page,
    list_search::{empty_search, list_url, refused_search, search_form},
    messages,
};
use crate::{
    campaign_model::phase::Phase,
    components::{
        display_name::display_name,
        pagination::{paginated, requested_page},
        phase_badge::phase_badge,
        time_tag::time_to_second,
    },
    layout::render_page,
    page_context::PageContext,
};
use domain::{CampaignStatus, api::campaigns::Campaign};
use leptos::prelude::*;

const PATH: &str = "/admin/results";

/// `/admin/results`; `?q=` filters it.
#[component]
pub fn EndedCampaignsPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        context.admin()?;
        let t = messages(&context);
        let asked = requested_page(&context, PAGE_ROWS);
        let search = match context.search() {
            Ok(search) => search,
            Err(typed) => {
                let body = refused_search(&context, PATH, t.search_products, &typed, &[]);
                return Ok(admin_page(&context, t.nav_results, body));
            }
        };
        let list = context.engine.campaigns.search(&search, asked, Some(CampaignStatus::Ended)).await?;
        let rows = view! { <div class="card">{table(&context, list.campaigns)}</div> }.into_any();
        let none = empty_search(&context, PATH, &search, t.results_none, t.results_none_hint);
        let body = view! {
            {search_form(&context, PATH, t.search_products, &search, &[])}
            {paginated(&context, &list_url(PATH, &[], &search), asked, list.total, rows, none)}
        };
        Ok(list_page(&context, t.nav_results, body))
    })
}

fn table(context: &PageContext, campaigns: Vec<Campaign>) -> AnyView {
    let t = messages(context);
    let now = context.engine.clock.now();
    let rows = campaigns.into_iter().map(|campaign| {
        let phase = Phase::of(&campaign, now);
        let report = format!("/admin/campaigns/{}/report", campaign.campaign_id);
        [
            view! { <a href=report>{display_name(context, &campaign.product.name)}</a> }.into_any(),
            phase_badge(context, phase).into_any(),
            time_to_second(context, campaign.end_time).into_any(),
            campaign.settled_at.map(|at| time_to_second(context, at)).into_any(),
            campaign.quota.get().to_string().into_any(),
        ]
    });
    let columns = [
        Column::Name(t.product),
        Column::Text(t.status),
        Column::Text(t.end_time),
        Column::Text(t.settled_at),
        Column::Number(t.quota),
    ];
    data_table(t.nav_results, columns, rows)
}
