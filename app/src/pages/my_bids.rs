//! The campaigns the user has bid in, with the state of each bid.

use crate::{
    campaign_model::{forecast_input, phase::Phase},
    components::{
        campaign_card::places_left,
        campaign_countdown::{campaign_countdown, list_refresh, refresh_at},
        display_name::display_name,
        empty_list::empty_list,
        icon::{Icon, icon},
        pagination::{paginated, requested_page},
        phase_badge::phase_badge,
        product_picture::thumbnail,
        time_tag::time_to_second,
    },
    format::{count, money, points},
    layout::{PageContent, render_page},
    page_context::PageContext,
};
use domain::{Money, api::bids::BidRecord, limits, validated::Page as ListPage};
use engine::MyBid;
use futures_util::future::join_all;
use leptos::prelude::*;

/// Ended campaigns on a page.
const PAGE_ROWS: u32 = 20;
/// Running campaigns on a page: all of them, because there are few at a time.
const RUNNING_ROWS: u32 = limits::PAGE_LIMIT_MAX;
/// The smallest page, for queries of which only the total is needed.
const LEAST: ListPage = ListPage { skip: 0, limit: 1 };

/// `/bids` and `/bids?show=ended`.
#[component]
pub fn MyBidsPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let me = context.member()?.user_id;
        let is_ended = context.query("show").as_deref() == Some("ended");
        let asked = requested_page(&context, if is_ended { PAGE_ROWS } else { RUNNING_ROWS });
        let running = context.engine.bidding.my_bids(me, true, if is_ended { LEAST } else { asked }).await?;
        let ended = context.engine.bidding.my_bids(me, false, if is_ended { asked } else { LEAST }).await?;
        let tabs = tabs(&context, is_ended, running.total, ended.total);
        let (address, total, text) = if is_ended {
            ("/bids?show=ended", ended.total, t.bids_none_ended)
        } else {
            ("/bids", running.total, t.bids_none)
        };
        let rows = if is_ended {
            section(&context, None, ended.bids).await.into_any()
        } else {
            // Bids that need action come first.
            let (winning, losing): (Vec<_>, Vec<_>) = running.bids.into_iter().partition(is_winning);
            view! {
                {section(&context, Some(("losing", t.bids_losing)), losing).await}
                {section(&context, Some(("winning", t.bids_winning)), winning).await}
            }
            .into_any()
        };
        let none = empty_list(text, t.bids_none_hint, Some(("/?show=live", t.bids_find))).into_any();
        let list = paginated(&context, address, asked, total, rows, none);
        let body = view! {
            {list_refresh(&context)}
            <div class="section" id="campaigns" data-personal>
                {tabs} {list}
            </div>
        };
        Ok(PageContent::new(t.nav_bids, body))
    })
}

fn is_winning(bid: &MyBid) -> bool {
    bid.rank <= quota(bid)
}

fn quota(bid: &MyBid) -> u64 {
    u64::from(bid.campaign.quota.get().unsigned_abs())
}

fn tabs(context: &PageContext, is_ended: bool, running: i64, ended: i64) -> impl IntoView + use<> {
    let t = context.page_messages();
    let tab = |href: &'static str, text: &'static str, total: i64, is_here: bool| {
        view! {
            <a href=href aria-current=is_here.then_some("page")>
                {text} " " <span class="count">{count(total.unsigned_abs())}</span>
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label=t.filter>
            {tab("/bids", t.bids_running, running, !is_ended)} {tab("/bids?show=ended", t.bids_ended, ended, is_ended)}
        </nav>
    }
}

/// Bids under a heading, given with the section's id; without one, a hidden heading.
async fn section(
    context: &PageContext,
    heading: Option<(&'static str, &'static str)>,
    bids: Vec<MyBid>,
) -> Option<impl IntoView + use<>> {
    if bids.is_empty() {
        return None;
    }
    let id = heading.map(|(id, _)| id);
    let title = heading.map_or_else(
        || view! { <h2 class="visually-hidden">{context.page_messages().bids_ended}</h2> }.into_any(),
        |(_, heading)| {
            view! { <h2>{heading} <span class="count">{bids.len()}</span> " " {last_known(context)}</h2> }.into_any()
        },
    );
    let prices = join_all(bids.iter().map(|bid| price_to_enter(context, bid))).await;
    let rows = bids.iter().zip(prices).map(|(bid, price)| row(context, bid, price));
    Some(view! {
        <section id=id class="section">
            {title} <ul class="stack bid-rows">{rows.collect_view()}</ul>
        </section>
    })
}

/// The price that gets the user back into the winning places; none if they are there, or the ranking cannot be read.
async fn price_to_enter(context: &PageContext, bid: &MyBid) -> Option<Money> {
    let now = context.engine.clock.now();
    if is_winning(bid) || Phase::of(&bid.campaign, now) != Phase::Active {
        return None;
    }
    let ranking = context.engine.rankings.ranking(bid.campaign.campaign_id, Some(1)).await.ok()?;
    let weight = context.user.as_ref()?.weight;
    forecast_input::price_to_enter(&bid.campaign, &ranking, weight, Some((bid.rank, bid.score)), now.unix_millis())
}

fn row(context: &PageContext, bid: &MyBid, price_to_enter: Option<Money>) -> impl IntoView + use<> {
    let (t, messages) = (context.page_messages(), context.common_messages());
    let phase = Phase::of(&bid.campaign, context.engine.clock.now());
    let id = bid.campaign.campaign_id.to_string();
    let href = format!("/campaigns/{id}");
    let refresh_at = refresh_at(&bid.campaign, phase);
    // A row that may change by itself is refreshed by its campaign's feed.
    let feed = refresh_at.is_some().then(|| id.clone());
    let is_outbid = phase == Phase::Active && !is_winning(bid);
    let rank = t.rank_of(&count(bid.rank), &count(bid.participants));
    let free = (phase == Phase::Active).then(|| places_left(context, quota(bid), bid.participants)).flatten();
    let product = &bid.campaign.product.name;
    let outbid = is_outbid.then(|| t.bids_outbid(product));
    // A row leaves the running campaigns for one of two reasons.
    let is_running = phase == Phase::Active;
    let (over, cancelled) = (is_running.then(|| t.bids_over(product)), is_running.then(|| t.bids_cancelled(product)));
    let may_change = refresh_at.is_some();
    let mark = may_change.then(|| last_known(context));
    let raise_text = price_to_enter.map_or_else(|| t.bids_raise.to_owned(), |price| t.bids_enter(&money(price)));
    let raise = is_outbid.then(
        || view! { <p class="bid-row-raise"><a class="button primary" href=format!("{href}#bid")>{raise_text}</a></p> },
    );
    let standing = (phase == Phase::Active).then_some(if is_outbid { "outbid" } else { "winning" });
    let orders = bid.won.then(|| view! { <p><a href="/orders">{t.bids_order}</a></p> });
    view! {
        <li
            id=id.clone()
            class="card bid-row"
            data-campaign=id
            data-refresh-at=refresh_at
            data-feed=feed
            data-standing=standing
            data-outbid=outbid
            data-ended=over
            data-cancelled=cancelled
        >
            <div class="bid-head">
                {thumbnail(&bid.campaign.product)}
                <div>
                    <h3><a href=href.clone()>{display_name(context, &bid.campaign.product.name)}</a></h3>
                    <p class="bid-meta" class:may-change=may_change>
                        {phase_badge(context, phase)} {outcome(context, bid, phase)} <span>{free}</span> {mark}
                    </p>
                </div>
            </div>
            <dl class="facts">
                <div>
                    <dt>{messages.rank}</dt>
                    <dd>{rank}</dd>
                </div>
                <div>
                    <dt>{t.places}</dt>
                    <dd>{count(quota(bid))}</dd>
                </div>
                <div>
                    <dt>{t.my_price}</dt>
                    <dd>{money(bid.price)}</dd>
                </div>
                <div>
                    <dt>{messages.score}</dt>
                    <dd>{points(bid.score)}</dd>
                </div>
            </dl>
            {raise}
            {orders}
            {history(context, &bid.history)}
            {campaign_countdown(context, &bid.campaign, phase)}
        </li>
    }
}

/// The badge that marks a standing as the last known one; hidden while the list is up to date.
fn last_known(context: &PageContext) -> impl IntoView + use<> {
    view! { <span class="badge last-known">{context.lang.island_messages().standing_stale}</span> }
}

/// The badge of the bid's state or result.
fn outcome(context: &PageContext, bid: &MyBid, phase: Phase) -> impl IntoView + use<> {
    let t = context.page_messages();
    let (kind, sign, text) = match phase {
        Phase::Ended if bid.won => ("badge good", Icon::Check, t.bid_won),
        Phase::Ended => ("badge", Icon::Cross, t.bid_lost),
        // Too late to act, too early for a result.
        Phase::Settling | Phase::Cancelled => return None,
        _ if is_winning(bid) => ("badge good", Icon::Check, t.bid_winning),
        _ => ("badge warn", Icon::Down, t.bid_losing),
    };
    Some(view! { <span class=kind>{icon(sign)} {text}</span> })
}

fn history(context: &PageContext, history: &[BidRecord]) -> impl IntoView + use<> {
    let (t, messages) = (context.page_messages(), context.common_messages());
    // Only the newest are listed, but their numbers give the total.
    let total = history.first().map_or(0, |bid| bid.bid_number);
    let rows = history.iter().map(|bid| {
        view! {
            <tr>
                <td class="number">{bid.bid_number.to_string()}</td>
                <td class="number">{money(bid.price)}</td>
                <td class="number">{points(bid.score)}</td>
                <td>{time_to_second(context, bid.accepted_at)}</td>
            </tr>
        }
    });
    view! {
        <details>
            <summary>{t.bids_history(total.into())}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=t.bids_history_title>
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">"#"</th>
                            <th scope="col" class="number">{messages.price}</th>
                            <th scope="col" class="number">{messages.score}</th>
                            <th scope="col">{t.received}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
