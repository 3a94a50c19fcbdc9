//! A campaign as a card.

use super::{
    campaign_countdown::{campaign_countdown, refresh_at},
    display_name::display_name,
    icon::{Icon, icon},
    phase_badge::phase_badge,
    product_picture::product_picture,
};
use crate::{
    campaign_model::phase::Phase,
    format::{count, money},
    page_context::PageContext,
};
use domain::{Money, api::campaigns::Campaign};
use engine::ListedCampaign;
use leptos::prelude::*;

/// The price that matters to the reader while a campaign runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CurrentPrice {
    /// Their own, which wins as things stand.
    Winning(Money),
    /// The one that gets them into the winning places.
    ToEnter(Money),
}

/// What a card says of the reader and the price.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CardStanding {
    /// The price that matters to them.
    pub(crate) price: Option<CurrentPrice>,
    /// Their standing, if they have a bid.
    pub(crate) mine: Option<MyRank>,
}

/// A reader's rank in a running campaign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MyRank {
    /// The rank.
    pub(crate) rank: u64,
    /// Whether it wins as things stand.
    pub(crate) wins: bool,
}

/// A card with the campaign's phase, price, number of bidders and winning places, and the time left. In a running campaign
/// the price is that of `standing`.
pub(crate) fn campaign_card(
    context: &PageContext,
    listed: ListedCampaign,
    standing: CardStanding,
) -> impl IntoView + use<> {
    let t = context.page_messages();
    let CardStanding { price: current, mine } = standing;
    let ListedCampaign { campaign, participants, last_winning_price } = listed;
    let phase = Phase::of(&campaign, context.engine.clock.now());
    let href = format!("/campaigns/{}", campaign.campaign_id);
    let (price_label, price) = match (current, last_winning_price) {
        (Some(CurrentPrice::Winning(price)), _) => (t.my_winning_price, price),
        (Some(CurrentPrice::ToEnter(price)), _) if context.user.is_none() => (t.price_to_enter_new, price),
        (Some(CurrentPrice::ToEnter(price)), _) => (t.price_to_enter, price),
        (None, Some(last)) => (t.last_winning_price, last),
        (None, _) => (t.min_price, campaign.product.min_price),
    };
    let (id, refresh_at) = (campaign.campaign_id.to_string(), refresh_at(&campaign, phase));
    // A reader's first bid may come from another tab or client, too.
    let feed = (phase == Phase::Active && context.user.is_some()).then(|| id.clone());
    // News of the reader's bids come first if a list has more campaigns than feeds.
    let has_bid = mine.map(|_| "");
    let standing = mine.map(|mine| if mine.wins { "winning" } else { "outbid" });
    let my_rank = mine.map(|mine| my_rank(context, mine, participants));
    let time = campaign_countdown(context, &campaign, phase);
    let availability = availability(context, &campaign, participants);
    view! {
        <li
            id=id
            class="card campaign-card"
            data-phase=phase.name()
            data-refresh-at=refresh_at
            data-feed=feed
            data-has-bid=has_bid
            data-standing=standing
        >
            <div class="picture">{product_picture(&campaign.product)}</div>
            <div class="campaign-text">
                <p class="bid-meta">{phase_badge(context, phase)} {my_rank}</p>
                <h3><a href=href>{display_name(context, &campaign.product.name)}</a></h3>
                <dl class="facts">
                    <div class="price-now" data-current=current.is_some().then_some("")>
                        <dt>{price_label}</dt>
                        <dd><strong>{money(price)}</strong></dd>
                    </div>
                    {availability}
                </dl> {time}
            </div>
        </li>
    }
}

/// Whether the reader is winning, and their rank.
fn my_rank(context: &PageContext, mine: MyRank, participants: u64) -> impl IntoView + use<> {
    let t = context.page_messages();
    let (class, sign, text) =
        if mine.wins { ("badge good", Icon::Check, t.bid_winning) } else { ("badge warn", Icon::Down, t.bid_losing) };
    let rank = t.rank_of(&count(mine.rank), &count(participants.max(mine.rank)));
    view! {
        <span class=class data-current="">
            {icon(sign)}
            {text}
        </span>
        <span class="of-the-moment" data-current="">
            {rank}
        </span>
    }
}

/// The number of winning places and of bidders.
fn availability(context: &PageContext, campaign: &Campaign, participants: u64) -> impl IntoView + use<> {
    let t = context.page_messages();
    let places = u64::from(campaign.quota.get().unsigned_abs());
    view! {
        <div>
            <dt>{t.places}</dt>
            <dd>{count(places)}</dd>
        </div>
        <div>
            <dt>{t.bidders}</dt>
            <dd class="of-the-moment">{count(participants)}</dd>
        </div>
    }
}

/// How many winning places are without a bidder, if any.
pub(crate) fn places_left(context: &PageContext, quota: u64, participants: u64) -> Option<String> {
    let free = quota.checked_sub(participants).filter(|free| *free > 0)?;
    Some(context.page_messages().places_free(free))
}
