//! The home page: all campaigns, the live ones first.

use super::visit::{Page, PageError, Visit, page};
use crate::{
    format::{fill, instant, money},
    live::phase::Phase,
};
use domain::{
    CampaignStatus,
    api::{campaigns::Campaign, products::Product},
    bounded::Page as ListPage,
    limits,
};
use leptos::prelude::*;

/// Past campaigns shown at most.
const OVER_MAX: u32 = 12;

/// `/`.
#[component]
pub fn CampaignsPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        let mut live = list(&visit, CampaignStatus::Active, limits::PAGE_LIMIT_MAX).await?;
        live.sort_by_key(|campaign| campaign.end_time);
        let mut upcoming = list(&visit, CampaignStatus::Pending, limits::PAGE_LIMIT_MAX).await?;
        upcoming.sort_by_key(|campaign| campaign.start_time);
        let mut over = list(&visit, CampaignStatus::Ended, OVER_MAX).await?;
        over.extend(list(&visit, CampaignStatus::Cancelled, OVER_MAX).await?);
        over.sort_by_key(|campaign| std::cmp::Reverse(campaign.end_time));
        let none = live.is_empty() && upcoming.is_empty() && over.is_empty();
        let body = if none {
            view! {
                <div class="card empty">
                    <p>{t.campaigns_none}</p>
                    <p class="muted">{t.campaigns_none_hint}</p>
                </div>
            }
            .into_any()
        } else {
            view! {
                {section(&visit, t.campaigns_live, live)}
                {section(&visit, t.campaigns_upcoming, upcoming)}
                {section(&visit, t.campaigns_over, over)}
            }
            .into_any()
        };
        Ok(Page { title: t.campaigns_title.to_owned(), body })
    })
}

async fn list(visit: &Visit, status: CampaignStatus, limit: u32) -> Result<Vec<Campaign>, PageError> {
    let page = ListPage { skip: 0, limit };
    Ok(visit.engine.campaigns(page, Some(status)).await?.campaigns)
}

fn section(visit: &Visit, heading: &'static str, campaigns: Vec<Campaign>) -> impl IntoView + use<> {
    let visit = visit.clone();
    (!campaigns.is_empty()).then(move || {
        let cards = campaigns.into_iter().map(|campaign| card(&visit, campaign));
        view! {
            <section class="campaigns">
                <h2>{heading}</h2>
                <ul class="cards">{cards.collect_view()}</ul>
            </section>
        }
    })
}

fn card(visit: &Visit, campaign: Campaign) -> impl IntoView + use<> {
    let (t, texts) = (visit.page_texts(), visit.texts());
    let phase = Phase::of(&campaign, visit.engine.now());
    let href = format!("/campaigns/{}", campaign.campaign_id);
    view! {
        <li class="card campaign-card">
            <div class="picture">{picture(&campaign.product)}</div>
            <div class="campaign-text">
                <p><span class="badge" data-phase=phase.name()>{texts.phase(phase)}</span></p>
                <h3><a href=href>{campaign.product.name}</a></h3>
                <p>{t.min_price} " " <strong>{money(campaign.product.min_price)}</strong></p>
                <p class="muted">{fill(t.places, &[&campaign.quota.get().to_string()])}</p>
                <p class="muted times">
                    <time datetime=campaign.start_time.to_string()>{instant(campaign.start_time)}</time>
                    " " {t.to} " "
                    <time datetime=campaign.end_time.to_string()>{instant(campaign.end_time)}</time>
                </p>
            </div>
        </li>
    }
}

/// A product's picture. It is named by the text beside it.
pub(super) fn picture(product: &Product) -> impl IntoView + use<> {
    product.image_url.clone().map(|address| {
        view! {
            <img src=address alt="" width="320" height="240" loading="lazy" referrerpolicy="no-referrer" />
        }
    })
}
