//! Campaigns whose time is up, and the way to what became of them.

use super::{PAGE_ROWS, admin_page, texts};
use crate::{
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

/// `/admin/results`.
#[component]
pub fn ResultsPage() -> impl IntoView {
    page(move |visit: Visit| async move {
        visit.admin()?;
        let t = texts(&visit);
        let asked = asked_page(&visit, PAGE_ROWS);
        let list = visit.engine.campaigns(asked, Some(CampaignStatus::Ended)).await?;
        let table = if list.campaigns.is_empty() {
            empty(t.results_none, t.results_none_hint, None).into_any()
        } else {
            view! { <div class="card">{table(&visit, list.campaigns)}</div> }.into_any()
        };
        let body = view! { {table} {pager(&visit, "/admin/results", asked, list.total)} };
        Ok(admin_page(&visit, t.nav_results, body))
    })
}

fn table(visit: &Visit, campaigns: Vec<Campaign>) -> impl IntoView + use<> {
    let t = texts(visit);
    let now = visit.engine.now();
    let rows = campaigns.into_iter().map(|campaign| {
        let phase = Phase::of(&campaign, now);
        let id = campaign.campaign_id;
        view! {
            <tr>
                <td class="name">
                    <a href=format!("/admin/campaigns/{id}/report")>{campaign.product.name}</a>
                </td>
                <td>{badge(visit, phase)}</td>
                <td>{exact_moment(visit, campaign.end_time)}</td>
                <td>{campaign.settled_at.map(|at| exact_moment(visit, at))}</td>
                <td class="number">{campaign.quota.get().to_string()}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=t.nav_results>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.product}</th>
                        <th scope="col">{t.status}</th>
                        <th scope="col">{t.end_time}</th>
                        <th scope="col">{t.settled_at}</th>
                        <th scope="col" class="number">{t.quota}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
