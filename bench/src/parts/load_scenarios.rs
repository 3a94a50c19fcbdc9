//! Load scenarios: bids under a given load, with readings of CPU usage and server metrics at both ends of the window.

use crate::{
    context::Context,
    error::Result,
    load::{
        bid_schedule::BidSchedule,
        bid_stats::BidStats,
        bidders::split_among_connections,
        latency::{max_ms, quantile_ms},
        threads::{LoadThreads, Start},
        viewers::{ViewerStats, Viewers},
        window::Window,
    },
    prices::StartingPrices,
    probes::{
        cpu::CpuUsage,
        server_metrics::{BatchStats, Scrape},
    },
    progress::progress,
    results::{Latency, LoadSample, ScenarioSeries},
    scenario::Scenario,
};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// From the start signal to the first bid: time for every thread to receive it.
const LEAD: Duration = Duration::from_millis(50);
/// How long to wait for answers after the window.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Measures every scenario once, then every one again, until all have their repetitions: so that whatever changes over
/// time affects all of them alike.
pub async fn measure_all(ctx: &Context, scenarios: &[Scenario], campaign: &str) -> Result<Vec<ScenarioSeries>> {
    let mut series: Vec<ScenarioSeries> =
        scenarios.iter().map(|&scenario| ScenarioSeries { scenario, samples: Vec::new() }).collect();
    for n in 1..=ctx.plan.repeat {
        for ScenarioSeries { scenario, samples } in &mut series {
            progress(&format!("{scenario}, {n} of {}", ctx.plan.repeat));
            samples.push(measure(ctx, *scenario, campaign, StartingPrices::NoStandingBids).await?);
        }
    }
    Ok(series)
}

/// Measures a scenario once.
pub async fn measure(
    ctx: &Context,
    scenario: Scenario,
    campaign: &str,
    starting_prices: StartingPrices,
) -> Result<LoadSample> {
    let server = ctx.fixture.server;
    let groups = split_among_connections(server, campaign, &ctx.fixture.users, starting_prices, scenario.connections);
    let load = LoadThreads::connect(server, groups, &ctx.prices, ctx.plan.load_threads).await?;
    let viewers = match scenario.viewers {
        0 => None,
        count => Some(Viewers::connect(server, campaign, count).await?),
    };

    let load_start = Instant::now() + LEAD;
    let open = load_start + ctx.plan.warm_up();
    let close = open + ctx.plan.window();
    let window = Window { load_start, open, close, give_up: close + ANSWER_TIMEOUT };
    let schedule = scenario.rate.map(|rate| BidSchedule::new(rate, window));
    if let Some(schedule) = &schedule {
        schedule.start_pacer(scenario.connections)?;
    }
    if let Some(viewers) = &viewers {
        viewers.start(window);
    }
    load.start(Start { window, schedule, pause: Duration::from_millis(scenario.pause_ms.into()) });

    sleep_until(open).await;
    let (cpu, scrape) = (ctx.processes.read()?, Scrape::take(server).await?);
    sleep_until(close).await;
    let cpu = ctx.processes.read()?.since(&cpu);
    let batches = Scrape::take(server).await?.since(&scrape);
    let stats = load.finish().await?;
    let viewers = match viewers {
        Some(viewers) => Some(viewers.finish().await?),
        None => None,
    };
    let sent_late_p99_ms = scenario.rate.map(|_| quantile_ms(&stats.sent_late, 0.99));
    Ok(sample(stats, ctx.plan.window_s, sent_late_p99_ms, cpu, batches, viewers))
}

fn sample(
    stats: BidStats,
    window_s: f64,
    sent_late_p99_ms: Option<f64>,
    cpu: CpuUsage,
    batches: BatchStats,
    viewers: Option<ViewerStats>,
) -> LoadSample {
    let accepted_per_s = stats.accepted as f64 / window_s;
    LoadSample {
        accepted_per_s,
        latency_ms: Latency {
            p50: quantile_ms(&stats.latency, 0.5),
            p90: quantile_ms(&stats.latency, 0.9),
            p99: quantile_ms(&stats.latency, 0.99),
            p999: quantile_ms(&stats.latency, 0.999),
            max: max_ms(&stats.latency),
        },
        sent_late_p99_ms,
        kept: stats.kept,
        errors: stats.errors,
        cpu,
        // One percent of a core is 10,000 µs per second.
        cpu_us_per_bid: if stats.accepted == 0 { 0.0 } else { cpu.system_under_test() * 10_000.0 / accepted_per_s },
        batches,
        viewers,
    }
}
