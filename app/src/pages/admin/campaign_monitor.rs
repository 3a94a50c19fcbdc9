//! The progress of a campaign, updated every second.
//!
//! The page is complete as served. A small script fetches it every second and replaces the numbers, so there is no
//! second renderer to keep in step with the server.

use super::{admin_page, id_in_path, messages};
use crate::{
    campaign_model::phase::Phase,
    chart::{Axis, Chart, Scale, Series, TimeAxis, chart, number},
    components::{display_name::display_name, phase_badge::phase_badge, time_tag::time_to_second},
    format::{count, date_time_to_second as utc_text, isolated, money, money_total, points, time_left},
    layout::render_page,
    page_context::PageContext,
};
use domain::{
    CampaignId, Timestamp,
    api::{
        campaigns::CampaignDetail,
        rankings::{Ranking, RankingRow},
    },
    limits,
};
use engine::{CampaignSample, ProcessStats};
use leptos::{nonce::use_nonce, prelude::*};

/// Fetches the page again and replaces its numbers.
const SCRIPT: &str = include_str!("campaign_monitor.js");
/// Rows of the ranking shown at most.
const TOP_MAX: usize = 20;
/// The period over which the current rate of bids is measured, in milliseconds.
const RATE_MS: i64 = 5000;
/// The shortest period over which a rate is measured, in milliseconds: samples are at least this far apart. Over a
/// fraction of a second a single bid would look like a crowd.
const RATE_MS_MIN: i64 = 900;
/// About how many periods the curve of rates has.
const RATES: i64 = 60;

/// `/admin/campaigns/{id}`.
#[component]
pub fn CampaignMonitorPage() -> impl IntoView {
    let nonce = use_nonce();
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?.clone();
        let id: CampaignId = id_in_path(&context)?;
        let mut detail = context.engine.rankings.campaign(id).await?;
        let quota = detail.campaign.quota.get().unsigned_abs();
        let (ranking, stats) =
            context.engine.rankings.ranking_with_stats(id, quota.min(limits::RANKING_LIMIT_MAX)).await?;
        detail.stats = stats;
        let samples = context.engine.monitoring.campaign_samples(&actor, id).await?;
        let process = context.engine.monitoring.process_stats(&actor)?;
        let title = detail.campaign.product.name.clone();
        let phase = Phase::of(&detail.campaign, detail.server_time);
        let is_over = matches!(phase, Phase::Ended | Phase::Cancelled);
        let cancelled_at = match phase {
            Phase::Cancelled => context.engine.campaigns.cancelled_at(id).await?,
            _ => None,
        };
        let t = messages(&context);
        let body = view! {
            {actions(&context, id, phase)}
            <div class="toolbar monitor-state" data-monitor data-late=t.monitor_late("{}") data-paused=t.monitor_paused>
                <p class="muted">{t.as_of} " " {time_to_second(&context, detail.server_time)} " "
                    <span data-age role="status"></span>
                </p>
                <button type="button" hidden aria-pressed="false" data-pause>{t.monitor_pause}</button>
            </div>
            <div class="monitor" data-live data-over=is_over.then_some("true")>
                {summary(&context, &detail, &ranking, phase, cancelled_at, &samples)}
                {curves(&context, &detail, cancelled_at, &samples, is_over)}
                <div class="halves">{top(&context, &ranking, quota)} {process_card(&context, process)}</div>
            </div>
            <script nonce=nonce inner_html=SCRIPT></script>
        };
        Ok(admin_page(&context, title, body))
    })
}

fn actions(context: &PageContext, id: CampaignId, phase: Phase) -> impl IntoView + use<> {
    let t = messages(context);
    let edit = match phase {
        Phase::Pending => Some(t.campaign_edit),
        Phase::Active => Some(t.campaign_extend),
        Phase::Settling | Phase::Ended | Phase::Cancelled => None,
    };
    let is_open = !matches!(phase, Phase::Ended | Phase::Cancelled);
    // A report exists once there is something to report.
    let has_report = !matches!(phase, Phase::Pending | Phase::Active);
    view! {
        <p class="actions" data-actions>
            {edit.map(|text| view! { <a class="button" href=format!("/admin/campaigns/{id}/edit")>{text}</a> })}
            {has_report
                .then(|| view! { <a class="button" href=format!("/admin/campaigns/{id}/report")>{t.report}</a> })}
            <a class="button" href=format!("/campaigns/{id}")>{t.public_page}</a>
            {is_open
                .then(|| {
                    view! {
                        <a class="button danger" href=format!("/admin/campaigns/{id}/cancel")>
                            {t.campaign_cancel}
                        </a>
                    }
                })}
        </p>
    }
}

fn summary(
    context: &PageContext,
    detail: &CampaignDetail,
    ranking: &Ranking,
    phase: Phase,
    cancelled_at: Option<Timestamp>,
    samples: &[CampaignSample],
) -> impl IntoView + use<> {
    let t = messages(context);
    let campaign = &detail.campaign;
    let left = match phase {
        Phase::Pending => Some((t.time_to_start, campaign.start_time.millis_since(detail.server_time))),
        Phase::Active => Some((t.time_left, campaign.end_time.millis_since(detail.server_time))),
        Phase::Settling => Some((t.time_left, 0)),
        Phase::Ended | Phase::Cancelled => None,
    };
    let rate = rate_now(samples, detail).filter(|_| phase == Phase::Active);
    let score = |score: Option<domain::Score>| score.map_or_else(|| t.none.to_owned(), |score| score.to_string());
    let stat = |label: &'static str, value: String| {
        view! {
            <div class="stat">
                <dt>{label}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let reason = campaign.cancel_reason.clone().map(|reason| {
        view! { <p class="notice warn">{t.cancelled_because(&isolated(&reason))}</p> }
    });
    let cancelled = cancelled_at.map(|at| view! { <span>{t.cancelled_at} " " {time_to_second(context, at)}</span> });
    // Nothing is sold by a cancelled campaign.
    let winners = if phase == Phase::Cancelled { &[] } else { ranking.rankings.as_slice() };
    let revenue = revenue_cents(winners, ranking.total_participants, campaign.quota.get().unsigned_abs());
    let revenue_label = if phase == Phase::Ended { t.revenue } else { t.revenue_so_far };
    let is_full = winners.len() == campaign.quota.get().unsigned_abs() as usize;
    let line_price = winners.last().filter(|_| is_full).map(|row| row.price);
    let days = context.lang.island_messages().days_unit;
    let left = left.map(|(label, ms)| {
        view! {
            <div class="stat" data-left>
                <dt>{label}</dt>
                <dd>{time_left(ms, days)}</dd>
            </div>
        }
    });
    view! {
        <section class="card">
            <p class="bid-meta">
                {phase_badge(context, phase)} <span>{time_to_second(context, campaign.start_time)}</span> "–"
                <span>{time_to_second(context, campaign.end_time)}</span> {cancelled}
            </p>
            {reason}
            <dl class="stats">
                {left} {stat(revenue_label, revenue.map_or_else(|| t.none.to_owned(), money_total))}
                {stat(t.line_price, line_price.map_or_else(|| t.none.to_owned(), money))}
                {stat(t.participants, count(detail.stats.total_participants))}
                {stat(t.bids, count(detail.stats.total_bids))}
                {stat(t.bids_per_second, rate.map_or_else(|| t.none.to_owned(), |rate| format!("{rate:.1}")))}
                {stat(t.quota, campaign.quota.get().to_string())}
                {stat(t.threshold, score(detail.stats.min_winning_score.filter(|_| phase != Phase::Cancelled)))}
                {stat(t.max_score, score(detail.stats.max_score))}
                {stat(t.max_price, detail.stats.max_price.map_or_else(|| t.none.to_owned(), money))}
            </dl>
        </section>
    }
}

/// The sum of the winning prices, in cents; none if not all winning rows are here.
fn revenue_cents(winners: &[RankingRow], participants: u64, quota: u32) -> Option<i64> {
    let is_complete = winners.len() as u64 == participants.min(u64::from(quota));
    is_complete.then(|| winners.iter().map(|row| row.price.cents()).sum())
}

/// The current number of bids per second.
fn rate_now(samples: &[CampaignSample], detail: &CampaignDetail) -> Option<f64> {
    let now = detail.server_time;
    let since = samples.iter().rev().find(|sample| now.millis_since(sample.taken_at) >= RATE_MS);
    let (at, bids) = match since {
        Some(sample) => (sample.taken_at, sample.bids),
        None => (detail.campaign.start_time, 0),
    };
    rate(at, bids, now, detail.stats.total_bids)
}

/// Bids per second; none over a period that is too short.
fn rate(from: Timestamp, bids_before: u64, to: Timestamp, bids_after: u64) -> Option<f64> {
    let ms = to.millis_since(from);
    (ms >= RATE_MS_MIN).then(|| bids_after.saturating_sub(bids_before) as f64 * 1000.0 / ms as f64)
}

/// The rates of bids since the start, each with the end of the period it is measured over. The periods lie between
/// samples and are at least `period_ms` long; the newest one, up to the current state, includes the one before until it is
/// as long as that.
fn rates(start: Timestamp, samples: &[CampaignSample], period_ms: i64) -> Vec<(Timestamp, f64)> {
    let Some((newest, earlier)) = samples.split_last() else { return Vec::new() };
    let mut ends = vec![(start, 0)];
    let mut latest = start;
    let mut length = period_ms;
    for sample in earlier {
        let ms = sample.taken_at.millis_since(latest);
        if ms >= period_ms {
            (latest, length) = (sample.taken_at, ms);
            ends.push((sample.taken_at, sample.bids));
        }
    }
    if ends.len() > 1 && newest.taken_at.millis_since(latest) < length {
        ends.pop();
    }
    ends.push((newest.taken_at, newest.bids));
    let periods = ends.windows(2).filter_map(|ends| {
        let [(from, before), (to, after)] = *ends else { return None };
        Some((to, rate(from, before, to, after)?))
    });
    periods.collect()
}

fn curves(
    context: &PageContext,
    detail: &CampaignDetail,
    cancelled_at: Option<Timestamp>,
    samples: &[CampaignSample],
    is_over: bool,
) -> AnyView {
    let t = messages(context);
    let start = detail.campaign.start_time;
    let length_ms = detail.campaign.end_time.millis_since(start);
    let time = TimeAxis::new(start, detail.campaign.end_time);
    let x_until = Some(time.place(detail.campaign.end_time));
    let until = cancelled_at.unwrap_or(detail.server_time).min(detail.campaign.end_time);
    // The samples, followed by the current state.
    let last = (until > start).then_some(CampaignSample {
        taken_at: until,
        participants: detail.stats.total_participants,
        bids: detail.stats.total_bids,
        min_winning_score: detail.stats.min_winning_score,
        max_score: detail.stats.max_score,
    });
    let all: Vec<CampaignSample> = samples.iter().copied().chain(last).collect();
    if all.len() < 2 {
        let why = if is_over { t.monitor_not_sampled } else { t.monitor_no_samples };
        return view! { <p class="card muted">{why}</p> }.into_any();
    }
    let series = |name: &'static str, value: fn(&CampaignSample) -> Option<f64>| Series {
        name: name.to_owned(),
        points: all.iter().map(|sample| (time.place(sample.taken_at), value(sample))).collect(),
    };
    let now_is = |score: Option<domain::Score>| score.map_or_else(|| t.none.to_owned(), |score| score.to_string());
    let scores = Chart {
        title: t.threshold_chart.to_owned(),
        description: t.threshold_description(&now_is(detail.stats.min_winning_score), &now_is(detail.stats.max_score)),
        x: time.axis(context.lang),
        y: Axis { label: t.score.to_owned(), write: number, scale: Scale::Linear },
        x_until,
        series: vec![
            series(t.threshold, |sample| sample.min_winning_score.map(domain::Score::get)),
            series(t.max_score, |sample| sample.max_score.map(domain::Score::get)),
        ],
        empty: t.bids_none,
    };
    let most = rates(start, &all, RATE_MS_MIN).into_iter().map(|(_, rate)| rate).fold(0.0, f64::max);
    let rates = rates(start, &all, RATE_MS_MIN.max(length_ms / RATES))
        .into_iter()
        .map(|(at, rate)| (time.place(at), Some(rate)))
        .collect();
    let bids = Chart {
        title: t.rate_chart.to_owned(),
        description: t.rate_description(&format!("{most:.1}")),
        x: time.axis(context.lang),
        y: Axis { label: t.bids_per_second.to_owned(), write: number, scale: Scale::FromZero },
        x_until,
        series: vec![Series { name: t.bids_per_second.to_owned(), points: rates }],
        empty: t.monitor_no_samples,
    };
    view! {
        <div class="halves">
            <section class="card">
                <h2>{t.threshold_chart}</h2>
                {chart(scores)}
            </section>
            <section class="card">
                <h2>{t.rate_chart}</h2>
                {chart(bids)}
            </section>
        </div>
        {history(context, &all)}
    }
    .into_any()
}

/// The curves as a table, thinned out to a readable number of rows.
fn history(context: &PageContext, samples: &[CampaignSample]) -> impl IntoView + use<> {
    const ROWS: usize = 20;

    let t = messages(context);
    let every = samples.len().div_ceil(ROWS).max(1);
    let score = |score: Option<domain::Score>| score.map_or_else(|| t.none.to_owned(), |score| score.to_string());
    let rows = samples.iter().rev().step_by(every).map(|sample| {
        view! {
            <tr>
                <th scope="row">{utc_text(sample.taken_at, context.lang)}</th>
                <td class="number">{count(sample.participants)}</td>
                <td class="number">{count(sample.bids)}</td>
                <td class="number">{score(sample.min_winning_score)}</td>
                <td class="number">{score(sample.max_score)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <details class="card" data-keep="history">
            <summary>{t.history_table}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=t.history_table>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t.time_utc}</th>
                            <th scope="col" class="number">{t.participants}</th>
                            <th scope="col" class="number">{t.bids}</th>
                            <th scope="col" class="number">{t.threshold}</th>
                            <th scope="col" class="number">{t.max_score}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

fn top(context: &PageContext, ranking: &Ranking, quota: u32) -> impl IntoView + use<> {
    let t = messages(context);
    let top = ranking.rankings.get(..TOP_MAX).unwrap_or(&ranking.rankings);
    let shown = top.len().to_string();
    let rows = top.iter().map(|row| {
        view! {
            <tr>
                <td class="number">{row.rank.to_string()}</td>
                <td class="name">
                    <a href=format!("/admin/users/{}", row.user_id)>{display_name(context, &row.username)}</a>
                </td>
                <td class="number">{money(row.price)}</td>
                <td class="number">{points(row.score)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let none = ranking.rankings.is_empty().then(|| view! { <p class="muted">{t.bids_none}</p> });
    view! {
        <section class="card">
            <h2>{t.top_of(&shown, &quota.to_string())}</h2>
            <div class="scroll" tabindex="0" role="region" aria-label=t.ranking>
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">{t.rank}</th>
                            <th scope="col">{t.bidder}</th>
                            <th scope="col" class="number">{t.price}</th>
                            <th scope="col" class="number">{t.score}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {none}
        </section>
    }
}

fn process_card(context: &PageContext, numbers: ProcessStats) -> impl IntoView + use<> {
    let t = messages(context);
    let ms = |seconds: Option<f64>| seconds.map_or_else(|| t.none.to_owned(), |s| format!("{:.1} ms", s * 1000.0));
    let fact = |label: &'static str, value: String| {
        view! {
            <div>
                <dt>{label}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! {
        <details class="card" data-keep="process">
            <summary>{t.process_title}</summary>
            <p class="muted">{t.process_hint(&numbers.process.to_string()[..8])}</p>
            <dl class="list">
                {fact(t.queue_depth, numbers.queue_depth.to_string())}
                {fact(t.recent_bids, count(numbers.recent_bids))} {fact(t.latency_p50, ms(numbers.latency_p50_s))}
                {fact(t.latency_p99, ms(numbers.latency_p99_s))} {fact(t.ranking_gap, numbers.ranking_gap.to_string())}
                {fact(t.drift, count(numbers.drift))} {fact(t.rebuilds, count(numbers.rebuilds))}
                {fact(t.clock_error, ms(Some(numbers.clock_error_s)))}
            </dl>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples at these milliseconds after the start, with these numbers of bids.
    fn samples(taken: &[(i64, u64)]) -> Vec<CampaignSample> {
        let sample = |(ms, bids): &(i64, u64)| CampaignSample {
            taken_at: Timestamp::EPOCH.plus_millis(*ms),
            participants: 0,
            bids: *bids,
            min_winning_score: None,
            max_score: None,
        };
        taken.iter().map(sample).collect()
    }

    /// The ends of the periods in milliseconds after the start, with the rates rounded to whole numbers.
    fn rounded(taken: &[(i64, u64)]) -> Vec<(i64, String)> {
        let rates = rates(Timestamp::EPOCH, &samples(taken), RATE_MS_MIN);
        rates.into_iter().map(|(at, rate)| (at.unix_millis(), format!("{rate:.0}"))).collect()
    }

    #[test]
    fn the_newest_rate_does_not_depend_on_when_the_page_is_opened() {
        let sampled = [(1000, 8), (2000, 16), (3000, 24)];
        // Eight bids a second, whether one came since the last sample or none.
        for now in [(3056, 24), (3125, 25), (3500, 28), (3999, 32)] {
            let taken: Vec<_> = sampled.into_iter().chain([now]).collect();
            let expected = [(1000, "8"), (2000, "8"), (now.0, "8")].map(|(at, rate)| (at, rate.to_owned()));
            assert_eq!(rounded(&taken), expected, "{now:?}");
        }
        let taken: Vec<_> = sampled.into_iter().chain([(4000, 32)]).collect();
        assert_eq!(rounded(&taken).len(), 4, "a full second has a rate of its own");
    }

    #[test]
    fn no_rate_is_measured_over_a_fraction_of_a_second() {
        assert_eq!(
            rounded(&[(50, 3), (1050, 8)]),
            [(1050, "8".to_owned())],
            "the first sample is soon after the start"
        );
        assert!(rounded(&[(50, 3), (300, 4)]).is_empty());
        assert!(rounded(&[]).is_empty());
    }
}
