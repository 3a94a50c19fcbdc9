//! The home page: all campaigns, running ones first.

use crate::{
    campaign_model::{forecast_input, phase::Phase, versioned_standing::VersionedStanding},
    components::{
        campaign_card::{CardStanding, CurrentPrice, MyRank, campaign_card},
        campaign_countdown::list_refresh,
        done_line::done_line,
        empty_list::empty_list,
        pagination::{paginated, requested_page},
    },
    format::count,
    layout::{PageContent, render_page},
    page_context::{PageContext, PageError},
};
use domain::{Weight, api::campaigns::Campaign, validated::Page as ListPage};
use engine::{CampaignListing, ListedCampaign, ListingCounts};
use futures_util::future::join_all;
use leptos::prelude::*;

/// Cards on a page of one listing.
const PAGE_CARDS: u32 = 24;
/// Cards of each listing on the unfiltered page.
const FIRST_CARDS: u32 = 12;

const LISTINGS: [CampaignListing; 3] = [CampaignListing::Live, CampaignListing::Upcoming, CampaignListing::Ended];

/// `/`, `/?show=live`, `/?show=upcoming` and `/?show=ended`.
#[component]
pub fn CampaignListPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let show = context.query("show");
        let shown = LISTINGS.into_iter().find(|listing| Some(name(*listing)) == show.as_deref());
        let counts = context.engine.campaigns.listing_counts().await?;
        let list = match shown {
            Some(listing) => one(&context, listing, counts).await?,
            None => all(&context).await?,
        };
        let body = view! {
            {done_line(&context)}
            <p class="page-intro">{t.campaigns_intro}</p>
            <div class="section" id="campaigns">{tabs(&context, shown, counts)} {list}</div>
            {list_refresh(&context)}
        };
        Ok(PageContent::new(t.campaigns_title, body))
    })
}

/// One listing, in pages.
async fn one(context: &PageContext, listing: CampaignListing, counts: ListingCounts) -> Result<AnyView, PageError> {
    let t = context.page_messages();
    let asked = requested_page(context, PAGE_CARDS);
    let campaigns = context.engine.campaigns.listing(listing, asked).await?;
    let text = match listing {
        CampaignListing::Live => t.campaigns_none_live,
        CampaignListing::Upcoming => t.campaigns_none_upcoming,
        CampaignListing::Ended => t.campaigns_none_ended,
    };
    let none = empty_list(text, t.campaigns_none_hint, Some(("/", t.back_home))).into_any();
    let rows = view! {
        <h2 class="visually-hidden">{title(context, listing)}</h2>
        {cards(context, campaigns).await}
    }
    .into_any();
    let address = format!("/?show={}", name(listing));
    Ok(paginated(context, &address, asked, total(listing, counts), rows, none))
}

/// The first cards of every listing, together; each card has a badge with its phase.
async fn all(context: &PageContext) -> Result<AnyView, PageError> {
    let t = context.page_messages();
    let mut campaigns = Vec::new();
    for listing in LISTINGS {
        campaigns.extend(context.engine.campaigns.listing(listing, ListPage { skip: 0, limit: FIRST_CARDS }).await?);
    }
    if campaigns.is_empty() {
        return Ok(empty_list(t.campaigns_none, t.campaigns_none_hint, None).into_any());
    }
    Ok(view! {
        <h2 class="visually-hidden">{t.all}</h2>
        {cards(context, campaigns).await}
    }
    .into_any())
}

async fn cards(context: &PageContext, campaigns: Vec<ListedCampaign>) -> impl IntoView + use<> {
    let prices = join_all(campaigns.iter().map(|listed| current_price(context, &listed.campaign))).await;
    let now = context.engine.clock.now();
    let is_any_live = campaigns.iter().any(|listed| Phase::of(&listed.campaign, now) == Phase::Active);
    let freshness =
        is_any_live.then(|| view! { <p class="hint list-freshness">{context.page_messages().campaigns_freshness}</p> });
    let cards = campaigns.into_iter().zip(prices).map(|(listed, price)| campaign_card(context, listed, price));
    view! {
        {freshness}
        <ul class="cards">{cards.collect_view()}</ul>
    }
}

/// What a running campaign's card says of the price: the reader's own if it wins, or else what gets them in; for visitors,
/// at the weight of a new member. None if that cannot be read: the card has the minimum price then.
async fn current_price(context: &PageContext, campaign: &Campaign) -> CardStanding {
    let (id, now) = (campaign.campaign_id, context.engine.clock.now());
    if Phase::of(campaign, now) != Phase::Active {
        return CardStanding::default();
    }
    let standing = match &context.user {
        Some(user) => match context.engine.rankings.my_standing(user, id).await {
            Ok(mine) => VersionedStanding::of_mine(&mine),
            Err(_) => return CardStanding::default(),
        },
        None => None,
    };
    let quota = u64::from(campaign.quota.get().unsigned_abs());
    let mine = standing.map(|standing| MyRank { rank: standing.rank, wins: standing.rank <= quota });
    if let Some(standing) = standing.filter(|standing| standing.rank <= quota) {
        return CardStanding { price: Some(CurrentPrice::Winning(standing.price)), mine };
    }
    let weight = context.user.as_ref().map_or(Weight::NEW_USER, |user| user.weight);
    let standing = standing.map(|standing| (standing.rank, standing.score));
    let price =
        context.engine.rankings.ranking(id, Some(1)).await.ok().and_then(|ranking| {
            forecast_input::price_to_enter(campaign, &ranking, weight, standing, now.unix_millis())
        });
    CardStanding { price: price.map(CurrentPrice::ToEnter), mine }
}

fn tabs(context: &PageContext, shown: Option<CampaignListing>, counts: ListingCounts) -> impl IntoView + use<> {
    let t = context.page_messages();
    let all = shown.is_none().then_some("page");
    let listings = LISTINGS.map(|listing| {
        let current = (shown == Some(listing)).then_some("page");
        view! {
            <a href=format!("/?show={}", name(listing)) aria-current=current>
                {title(context, listing)} " " <span class="count">{count(total(listing, counts).unsigned_abs())}</span>
            </a>
        }
    });
    view! {
        <nav class="tabs" aria-label=t.filter>
            <a href="/" aria-current=all>{t.all}</a>
            {listings.collect_view()}
        </nav>
    }
}

/// A listing's name in the query.
fn name(listing: CampaignListing) -> &'static str {
    match listing {
        CampaignListing::Live => "live",
        CampaignListing::Upcoming => "upcoming",
        CampaignListing::Ended => "ended",
    }
}

fn title(context: &PageContext, listing: CampaignListing) -> &'static str {
    let t = context.page_messages();
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
