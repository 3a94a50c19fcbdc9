//! The report of a settlement: what was sold, and the checks of that against the rules.

use super::{PAGE_ROWS, admin_page, campaign_link, id_in_path, messages};
use crate::{
    campaign_model::phase::Phase,
    components::{
        display_name::display_name,
        pagination::{paginated, requested_page},
        phase_badge::phase_badge,
        time_tag::time_to_second,
    },
    format::{count, isolated, money, money_total, points},
    layout::render_page,
    page_context::PageContext,
};
use domain::{CampaignId, api::campaigns::Campaign};
use engine::{ExportedOrder, SettlementAudit};
use leptos::prelude::*;

/// `/admin/campaigns/{id}/report`.
#[component]
pub fn SettlementReportPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?.clone();
        let id: CampaignId = id_in_path(&context)?;
        let campaign = context.engine.rankings.campaign(id).await?.campaign;
        let proof = context.engine.orders.settlement_audit(&actor, id).await?;
        let asked = requested_page(&context, PAGE_ROWS);
        // Ranks have no gaps (the proof checks it), so skipping rows means skipping ranks.
        let orders = context.engine.exports.orders_after(&actor, id, asked.skip, asked.limit).await?;
        let t = messages(&context);
        let title = t.about(t.report, &isolated(&campaign.product.name));
        let none = view! { <p class="card muted">{t.orders_none}</p> }.into_any();
        let orders =
            paginated(&context, &context.path, asked, proof.orders.cast_signed(), order_table(&context, orders), none);
        let body = view! {
            {summary(&context, &campaign, &proof)}
            {proof.settled_at.map(|_| checks(&context, &proof))}
            <section class="section">
                <h2>{t.orders}</h2>
                {orders}
            </section>
            {exports(&context, id)}
        };
        Ok(admin_page(&context, title, body))
    })
}

fn summary(context: &PageContext, campaign: &Campaign, proof: &SettlementAudit) -> impl IntoView + use<> {
    let t = messages(context);
    let phase = Phase::of(campaign, context.engine.clock.now());
    let stat = |label: &'static str, value: String| {
        view! {
            <div class="stat">
                <dt>{label}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    // A cancelled campaign is promised nothing any more and was never settled.
    let is_cancelled = phase == Phase::Cancelled;
    let nothing_sold = is_cancelled.then(|| view! { <p class="notice">{t.nothing_sold}</p> });
    let promised = if is_cancelled { t.quota } else { t.promised };
    let not_sold = (!is_cancelled).then(|| stat(t.not_sold, count(proof.quota.saturating_sub(proof.orders))));
    let stock_before = (!is_cancelled).then(|| stat(t.stock_before, proof.stock_before.to_string()));
    let revenue = proof.settled_at.map(|_| stat(t.revenue, money_total(proof.revenue_cents)));
    view! {
        <section class="card">
            <p class="bid-meta">
                {phase_badge(context, phase)} {campaign_link(context, campaign.campaign_id, t.monitor)}
                {proof.settled_at.map(|at| view! { <span>{t.settled_at} " " {time_to_second(context, at)}</span> })}
            </p>
            {nothing_sold}
            <dl class="stats">
                {stat(promised, count(proof.quota))} {stat(t.sold, count(proof.orders))} {revenue} {not_sold}
                {stat(t.participants, count(proof.participants))} {stock_before}
                {proof.settled_at.map(|_| stat(t.stock_after, (proof.stock_before - proof.stock_moved).to_string()))}
                {stat(t.stock_now, proof.stock_now.to_string())}
            </dl>
        </section>
    }
}

/// The checks of a settled campaign: the value found, the value expected, and whether they agree.
fn checks(context: &PageContext, proof: &SettlementAudit) -> impl IntoView + use<> {
    let t = messages(context);
    let row = |what: &'static str, found: String, expected: String, holds: bool| {
        let (class, word) = if holds { ("badge good", t.check_holds) } else { ("badge bad", t.check_fails) };
        view! {
            <tr>
                <th scope="row">{what}</th>
                <td class="number">{found}</td>
                <td class="number">{expected}</td>
                <td>
                    <span class=class>{word}</span>
                </td>
            </tr>
        }
    };
    let is_consistent = proof.is_consistent();
    let (class, verdict) = if is_consistent { ("notice good", t.consistent) } else { ("notice bad", t.inconsistent) };
    let expected = t.check_least(
        &proof.expected_orders().to_string(),
        &proof.quota.to_string(),
        &proof.stock_before.to_string(),
        &proof.participants.to_string(),
    );
    view! {
        <section class="card">
            <h2>{t.checks}</h2>
            <p class=class data-consistent=is_consistent.to_string()>{verdict}</p>
            <div class="scroll" tabindex="0" role="region" aria-label=t.checks>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t.check_what}</th>
                            <th scope="col" class="number">{t.check_found}</th>
                            <th scope="col" class="number">{t.check_expected}</th>
                            <th scope="col">{t.check_result}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {row(t.check_count, proof.orders.to_string(), expected, proof.count_is_right())}
                        {row(
                            t.check_ranks,
                            proof.last_rank.to_string(),
                            proof.orders.to_string(),
                            proof.ranks_have_no_gap(),
                        )}
                        {row(
                            t.check_best,
                            proof.misplaced.to_string(),
                            "0".to_owned(),
                            proof.orders_are_the_best_bids(),
                        )}
                        {row(
                            t.check_moved,
                            proof.stock_moved.to_string(),
                            proof.orders.to_string(),
                            proof.stock_moved_by_orders(),
                        )}
                        {row(
                            t.check_ledger,
                            proof.stock_now.to_string(),
                            proof.ledger_sum.to_string(),
                            proof.stock_is_its_ledger(),
                        )}
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn order_table(context: &PageContext, orders: Vec<ExportedOrder>) -> AnyView {
    let t = messages(context);
    let rows = orders.into_iter().map(|order| {
        view! {
            <tr>
                <td class="number">{order.final_rank.to_string()}</td>
                <td class="name">
                    <a href=format!("/admin/users/{}", order.user_id)>{display_name(context, &order.username)}</a>
                </td>
                <td class="name"><bdi>{order.email}</bdi></td>
                <td class="number">{money(order.final_price)}</td>
                <td class="number">{points(order.final_score)}</td>
                <td>{time_to_second(context, order.created_at)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="card">
            <div class="scroll" tabindex="0" role="region" aria-label=t.orders>
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">{t.rank}</th>
                            <th scope="col">{t.bidder}</th>
                            <th scope="col">{t.email}</th>
                            <th scope="col" class="number">{t.price}</th>
                            <th scope="col" class="number">{t.score}</th>
                            <th scope="col">{t.time}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn exports(context: &PageContext, id: CampaignId) -> impl IntoView + use<> {
    let t = messages(context);
    let link = |file: &'static str, text: &'static str| {
        view! {
            <a class="button" href=format!("/admin/campaigns/{id}/{file}") download>
                {text}
            </a>
        }
    };
    view! {
        <section class="section">
            <h2>{t.exports}</h2>
            <p class="muted">{t.exports_hint}</p>
            <p class="actions">
                {link("orders.csv", t.export_orders)} {link("bids.csv", t.export_bids)}
                {link("participants.csv", t.export_participants)}
            </p>
        </section>
    }
}
