//! A campaign as a card, and the countdown that several pages show.

use super::{
    icon::{Icon, icon},
    moment::moment,
    name::name,
    visit::Visit,
};
use crate::{
    campaign_model::phase::Phase,
    format::{count, counted, money, time_left},
    islands::ListRefresh,
};
use domain::api::{campaigns::Campaign, products::Product};
use engine::ShelfCampaign;
use leptos::{either::EitherOf4, prelude::*};

/// A campaign with its phase, its price, how many are after how many places, and the time left.
pub(super) fn card(visit: &Visit, on_shelf: ShelfCampaign) -> impl IntoView + use<> {
    let t = visit.page_messages();
    let ShelfCampaign { campaign, participants, max_price } = on_shelf;
    let phase = Phase::of(&campaign, visit.engine.now());
    let href = format!("/campaigns/{}", campaign.campaign_id);
    let (price_label, price) = match max_price {
        Some(highest) => (t.highest_bid, highest),
        None => (t.min_price, campaign.product.min_price),
    };
    let (id, refresh_at) = (campaign.campaign_id.to_string(), refresh_at(&campaign, phase));
    let time = time(visit, &campaign, phase);
    let availability = availability(visit, &campaign, participants);
    view! {
        <li id=id class="card campaign-card" data-phase=phase.name() data-refresh-at=refresh_at>
            <div class="picture">{picture(&campaign.product)}</div>
            <div class="campaign-text">
                {badge(visit, phase)} <h3><a href=href>{name(visit, &campaign.product.name)}</a></h3> <dl class="facts">
                    <div>
                        <dt>{price_label}</dt>
                        <dd><strong>{money(price)}</strong></dd>
                    </div>
                    {availability}
                </dl> {time}
            </div>
        </li>
    }
}

/// A phase as a badge.
pub(super) fn badge(visit: &Visit, phase: Phase) -> impl IntoView + use<> {
    view! { <span class="badge" data-phase=phase.name()>{visit.common_messages().phase(phase)}</span> }
}

/// What keeps the list `#campaigns` of a page up to date.
pub(super) fn list_refresh(visit: &Visit) -> impl IntoView + use<> {
    let reader = visit.user.as_ref().map(|user| user.user_id);
    view! { <ListRefresh now_ms=visit.engine.now().unix_millis() lang=visit.lang reader=reader /> }
}

/// When what a list says of a campaign gets out of date by itself, in milliseconds since the Unix
/// epoch: its phase changes, or its result is awaited. The `ListRefresh` island looks for it.
pub(super) fn refresh_at(campaign: &Campaign, phase: Phase) -> Option<String> {
    let at = match phase {
        Phase::Pending => campaign.start_time,
        Phase::Active | Phase::Settling => campaign.end_time,
        Phase::Ended | Phase::Cancelled => return None,
    };
    Some(at.unix_millis().to_string())
}

/// The time left until the start or the end, or when the end was.
pub(super) fn time(visit: &Visit, campaign: &Campaign, phase: Phase) -> impl IntoView + use<> {
    let (t, live) = (visit.page_messages(), visit.lang.live_messages());
    let (caption, at) = match phase {
        Phase::Pending => (live.starts_in, campaign.start_time),
        Phase::Active => (live.ends_in, campaign.end_time),
        Phase::Settling => {
            return EitherOf4::A(view! { <p class="campaign-time">{t.settling}</p> });
        }
        Phase::Ended => {
            return EitherOf4::B(
                view! { <p class="campaign-time">{t.ended_at} " " {moment(visit, campaign.end_time)}</p> },
            );
        }
        Phase::Cancelled => {
            return EitherOf4::C(
                view! { <p class="campaign-time">{t.was_to_end} " " {moment(visit, campaign.end_time)}</p> },
            );
        }
    };
    let left = time_left(at.unix_millis() - visit.engine.now().unix_millis(), live.days_unit);
    EitherOf4::D(view! {
        <p class="campaign-time">
            <span>
                {caption} " " <strong data-until=at.unix_millis().to_string()>{left}</strong>
            </span>
            {moment(visit, at)}
        </p>
    })
}

/// How many bidders there are for how many places.
fn availability(visit: &Visit, campaign: &Campaign, participants: u64) -> impl IntoView + use<> {
    let t = visit.page_messages();
    let places = u64::from(campaign.quota.get().unsigned_abs());
    view! {
        <div>
            <dt>{t.places}</dt>
            <dd>{count(places)}</dd>
        </div>
        <div>
            <dt>{t.bidders}</dt>
            <dd>{count(participants)}</dd>
        </div>
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

/// A product's picture beside a line of text.
pub(super) fn thumb(product: &Product) -> impl IntoView + use<> {
    match product.image_url.clone() {
        Some(address) => view! {
            <img class="thumb" src=address alt="" width="64" height="64" loading="lazy" referrerpolicy="no-referrer" />
        }
        .into_any(),
        None => view! { <span class="thumb"></span> }.into_any(),
    }
}

/// Where a list would be: that there is nothing, and where to go instead.
pub(super) fn empty(
    text: &'static str,
    hint: &'static str,
    link: Option<(&'static str, &'static str)>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {icon(Icon::Empty)} <p>{text}</p> <p class="muted">{hint}</p>
            {link.map(|(href, text)| view! { <a class="button" href=href>{text}</a> })}
        </div>
    }
}

/// Whether more bid than can win, in a word.
pub(super) fn places_left(visit: &Visit, quota: u64, participants: u64) -> Option<String> {
    let free = quota.checked_sub(participants).filter(|free| *free > 0)?;
    Some(counted(visit.page_messages().places_free, free))
}
