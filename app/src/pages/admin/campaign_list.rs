//! All campaigns.

use super::{
    PAGE_ROWS, admin_page, campaign_link,
    records::{Column, records},
    texts,
};
use crate::{
    format::count,
    live::phase::Phase,
    pages::{
        card::{badge, empty},
        moment::exact_moment,
        pager::{asked_page, pager},
        visit::{Visit, page},
    },
};
use domain::{CampaignStatus, api::campaigns::Campaign};
use leptos::prelude::*;

/// `/admin/campaigns`, and `?status=` for one phase only.
#[component]
pub fn AdminCampaignsPage() -> impl IntoView {
    page(move |visit: Visit| async move {
        visit.admin()?;
        let t = texts(&visit);
        let asked = asked_page(&visit, PAGE_ROWS);
        let wanted = visit.query("status");
        let status = CampaignStatus::ALL.into_iter().find(|status| Some(status.as_str()) == wanted.as_deref());
        let list = visit.engine.campaigns(asked, status).await?;
        let table = if list.campaigns.is_empty() {
            empty(t.campaigns_none, t.campaigns_none_hint, None).into_any()
        } else {
            view! { <div class="card">{table(&visit, list.campaigns)}</div> }.into_any()
        };
        let address = match status {
            Some(status) => format!("/admin/campaigns?status={}", status.as_str()),
            None => "/admin/campaigns".to_owned(),
        };
        let body = view! {
            <div class="toolbar">
                {filters(&visit, status)} <a class="button primary" href="/admin/campaigns/new">{t.campaign_new}</a>
            </div>
            {table}
            {pager(&visit, &address, asked, list.total)}
        };
        Ok(admin_page(&visit, t.nav_campaigns, body))
    })
}

fn filters(visit: &Visit, chosen: Option<CampaignStatus>) -> impl IntoView + use<> {
    let t = texts(visit);
    let link = move |status: Option<CampaignStatus>, text: &'static str| {
        let href = match status {
            Some(status) => format!("/admin/campaigns?status={}", status.as_str()),
            None => "/admin/campaigns".to_owned(),
        };
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
pub(super) fn table(visit: &Visit, campaigns: Vec<Campaign>) -> AnyView {
    let t = texts(visit);
    let now = visit.engine.now();
    let rows = campaigns.into_iter().map(|campaign| {
        let phase = Phase::of(&campaign, now);
        [
            campaign_link(campaign.campaign_id, campaign.product.name).into_any(),
            badge(visit, phase).into_any(),
            exact_moment(visit, campaign.start_time).into_any(),
            exact_moment(visit, campaign.end_time).into_any(),
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
    records(t.nav_campaigns, columns, rows)
}
