//! The home page: the campaigns, the running ones first.

use super::{
    card::{card, empty, list_refresh},
    pager::{asked_page, paged},
    visit::{Page, PageError, Visit, page},
};
use crate::format::count;
use domain::bounded::Page as ListPage;
use engine::{CampaignListing, ListedCampaign, ListingCounts};
use leptos::prelude::*;

/// Cards on a page of one listing.
const PAGE_CARDS: u32 = 24;
/// Cards of each listing where all are shown.
const FIRST_CARDS: u32 = 12;

const LISTINGS: [CampaignListing; 3] = [CampaignListing::Live, CampaignListing::Upcoming, CampaignListing::Ended];

/// `/`, `/?show=live`, `/?show=upcoming` and `/?show=ended`.
#[component]
pub fn CampaignsPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        let show = visit.query("show");
        let shown = LISTINGS.into_iter().find(|listing| Some(name(*listing)) == show.as_deref());
        let counts = visit.engine.campaigns.listing_counts().await?;
        let list = match shown {
            Some(listing) => one(&visit, listing, counts).await?,
            None => all(&visit).await?,
        };
        let body = view! {
            <p class="page-intro">{t.campaigns_intro}</p>
            <div class="section" id="campaigns">{tabs(&visit, shown, counts)} {list}</div>
            {list_refresh(&visit)}
        };
        Ok(Page { title: t.campaigns_title.to_owned(), body: body.into_any(), form: None })
    })
}

/// One listing, page by page.
async fn one(visit: &Visit, listing: CampaignListing, counts: ListingCounts) -> Result<AnyView, PageError> {
    let t = visit.page_texts();
    let asked = asked_page(visit, PAGE_CARDS);
    let campaigns = visit.engine.campaigns.listing(listing, asked).await?;
    let text = match listing {
        CampaignListing::Live => t.campaigns_none_live,
        CampaignListing::Upcoming => t.campaigns_none_upcoming,
        CampaignListing::Ended => t.campaigns_none_ended,
    };
    let none = empty(text, t.campaigns_none_hint, Some(("/", t.back_home))).into_any();
    let rows = view! {
        <h2 class="visually-hidden">{title(visit, listing)}</h2>
        {cards(visit, campaigns)}
    }
    .into_any();
    let address = format!("/?show={}", name(listing));
    Ok(paged(visit, &address, asked, total(listing, counts), rows, none))
}

/// The first of every listing, in one list: each card says where it is from.
async fn all(visit: &Visit) -> Result<AnyView, PageError> {
    let t = visit.page_texts();
    let mut campaigns = Vec::new();
    for listing in LISTINGS {
        campaigns.extend(visit.engine.campaigns.listing(listing, ListPage { skip: 0, limit: FIRST_CARDS }).await?);
    }
    if campaigns.is_empty() {
        return Ok(empty(t.campaigns_none, t.campaigns_none_hint, None).into_any());
    }
    Ok(view! {
        <h2 class="visually-hidden">{t.all}</h2>
        {cards(visit, campaigns)}
    }
    .into_any())
}

fn cards(visit: &Visit, campaigns: Vec<ListedCampaign>) -> impl IntoView + use<> {
    let cards = campaigns.into_iter().map(|campaign| card(visit, campaign)).collect_view();
    view! { <ul class="cards">{cards}</ul> }
}

fn tabs(visit: &Visit, shown: Option<CampaignListing>, counts: ListingCounts) -> impl IntoView + use<> {
    let t = visit.page_texts();
    let all = shown.is_none().then_some("page");
    let tabs = LISTINGS.map(|listing| {
        let current = (shown == Some(listing)).then_some("page");
        view! {
            <a href=format!("/?show={}", name(listing)) aria-current=current>
                {title(visit, listing)} " " <span class="count">{count(total(listing, counts).unsigned_abs())}</span>
            </a>
        }
    });
    view! {
        <nav class="tabs" aria-label=t.filter>
            <a href="/" aria-current=all>{t.all}</a>
            {tabs.collect_view()}
        </nav>
    }
}

/// A listing's name in addresses.
fn name(listing: CampaignListing) -> &'static str {
    match listing {
        CampaignListing::Live => "live",
        CampaignListing::Upcoming => "upcoming",
        CampaignListing::Ended => "ended",
    }
}

fn title(visit: &Visit, listing: CampaignListing) -> &'static str {
    let t = visit.page_texts();
    match listing {
        CampaignListing::Live => t.campaigns_live,
        CampaignListing::Upcoming => t.campaigns_upcoming,
        CampaignListing::Ended => t.campaigns_ended,
    }
}

fn total(listing: CampaignListing, counts: ListingCounts) -> i64 {
    match listing {
        CampaignListing::Live => counts.live,
        CampaignListing::Upcoming => counts.upcoming,
        CampaignListing::Ended => counts.ended,
    }
}
