//! A campaign's ranking beyond what its live page shows, in pages.

use crate::{
    campaign_model::phase::Phase,
    components::{
        display_name::display_name,
        pagination::{paginated, requested_page},
        phase_badge::phase_badge,
        time_tag::time_to_second,
    },
    format::{count, isolated, money, points},
    layout::{PageContent, render_page},
    page_context::PageContext,
};
use domain::{
    CampaignId, CampaignStatus, ErrorCode,
    api::rankings::{Ranking, RankingRow},
    limits,
};
use leptos::prelude::*;

/// Rows on a page.
const PAGE_ROWS: u32 = 100;

/// `/campaigns/{id}/ranking`.
#[component]
pub fn CampaignRankingPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let id = context.path.split('/').nth(2).unwrap_or_default();
        let id: CampaignId = id.parse().map_err(|_| ErrorCode::CampaignNotFound)?;
        let asked = requested_page(&context, PAGE_ROWS);
        let campaign = context.engine.rankings.campaign(id).await?.campaign;
        // All pages are cut from the same rows, which every reader of this process shares.
        let ranking = context.engine.rankings.ranking(id, Some(limits::RANKING_LIMIT_MAX)).await?;
        let phase = Phase::of(&campaign, context.engine.clock.now());
        let may_change = !matches!(phase, Phase::Ended | Phase::Cancelled);
        let page = format!("/campaigns/{id}");
        let url = format!("{page}/ranking");
        let quota = match campaign.status {
            // Nobody wins.
            CampaignStatus::Cancelled => None,
            _ => Some(u64::from(campaign.quota.get().unsigned_abs())),
        };
        let listed = i64::try_from(ranking.rankings.len()).unwrap_or(i64::MAX);
        let skip = usize::try_from(asked.skip).unwrap_or(usize::MAX);
        let rows = ranking.rankings.iter().skip(skip).take(PAGE_ROWS as usize);
        let rows = rows.map(|row| ranking_row(&context, row, quota)).collect_view();
        let none = view! { <p class="muted">{t.ranking_none}</p> }.into_any();
        let list = paginated(&context, &url, asked, listed, table(&context, rows.into_any()), none);
        let body = view! {
            <p class="toolbar">
                <a class="button" href=page>{t.back_to_campaign}</a>
                <span class="muted">{t.ranking_as_of} " " {time_to_second(&context, ranking.updated_at)}</span>
                {phase_badge(&context, phase)}
                {may_change.then(|| view! { <a class="button" href=context.current_url()>{t.session_reload}</a> })}
            </p>
            {cut_off(&context, &ranking)}
            <section class="card ranking" aria-label=t.ranking_table>{list}</section>
        };
        Ok(PageContent::new(t.ranking_of(&isolated(&campaign.product.name)), body))
    })
}

/// Says so if there are more bidders than rows.
fn cut_off(context: &PageContext, ranking: &Ranking) -> Option<impl IntoView + use<>> {
    let (rows, bidders) = (ranking.rankings.len() as u64, ranking.total_participants);
    let text = context.page_messages().ranking_first(&count(rows), &count(bidders));
    (rows < bidders).then(|| view! { <p class="muted">{text}</p> })
}

fn table(context: &PageContext, rows: AnyView) -> AnyView {
    let live = context.lang.island_messages();
    // Explicit roles, because a `display` in the style sheet would remove the implicit ones.
    view! {
        <table role="table">
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col" class="rank">{live.rank}</th>
                    <th role="columnheader" scope="col" class="name">{live.bidder}</th>
                    <th role="columnheader" scope="col" class="price">{live.price}</th>
                    <th role="columnheader" scope="col" class="score">{live.score}</th>
                </tr>
            </thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A bidder's row, followed by the line under the last winning place.
fn ranking_row(context: &PageContext, row: &RankingRow, quota: Option<u64>) -> impl IntoView + use<> {
    let live = context.lang.island_messages();
    let is_mine = context.user.as_ref().is_some_and(|user| user.user_id == row.user_id);
    let last_place = (quota == Some(row.rank)).then(|| {
        view! {
            <tr role="row" class="line">
                <td role="cell" colspan="4">{live.line(&live.ordinal(row.rank))}</td>
            </tr>
        }
    });
    view! {
        <tr role="row" class:me=is_mine>
            <td role="cell" class="rank">{row.rank.to_string()}</td>
            <td role="cell" class="name">
                <span class="ellipsis">{display_name(context, &row.username)}</span>
                {is_mine.then(|| view! { <span class="badge me-badge">{live.you}</span> })}
            </td>
            <td role="cell" class="price">{money(row.price)}</td>
            <td role="cell" class="score">{points(row.score)}</td>
        </tr>
        {last_place}
    }
}
