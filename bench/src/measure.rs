//! One measured window: the load, the viewers, and a look at the clocks at both of its ends.

use crate::{
    Result,
    bidders::{Field, Prices, deal},
    cpu::{Processes, Usage},
    load::{Go, Load},
    metrics::{Batches, Scrape},
    open_loop::Tickets,
    options::Plan,
    record::{Record, Window},
    viewers::{Seen, Viewers},
    world::World,
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// From the word to the first bid: time for every thread to hear it.
const LEAD: Duration = Duration::from_millis(50);
/// How long answers may take after the window.
const PATIENCE: Duration = Duration::from_secs(5);

/// What loads the server.
#[derive(Clone, Copy, Serialize)]
pub struct Scenario {
    /// Connections that bid.
    pub connections: u32,
    /// Bids per second; `None` is the closed loop.
    pub rate: Option<u32>,
    /// Closed loop: how long a bidder thinks after each answer, in milliseconds.
    pub pause_ms: u32,
    /// Websockets that watch.
    pub viewers: u32,
}

/// What one repetition of a scenario gave.
#[derive(Serialize)]
pub struct Sample {
    /// Bids answered with 201 per second.
    pub accepted_per_s: f64,
    /// From sending (open loop: due) to answer.
    pub latency_ms: Latency,
    /// Open loop: how late the load itself sent, 99th percentile.
    pub sent_late_p99_ms: Option<f64>,
    /// Bids answered with 200.
    pub kept: u64,
    /// All other outcomes.
    pub errors: BTreeMap<String, u64>,
    /// CPU of the window.
    pub cpu: Usage,
    /// CPU of server and stores per accepted bid.
    pub cpu_us_per_bid: f64,
    /// The server's batches.
    pub batches: Batches,
    /// What the viewers saw.
    pub viewers: Option<Seen>,
}

/// Percentiles in milliseconds.
#[derive(Clone, Copy, Serialize)]
pub struct Latency {
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

/// What every measurement needs.
pub struct Bench {
    /// How.
    pub plan: Plan,
    /// On what.
    pub world: World,
    /// Whose CPU time.
    pub processes: Processes,
    /// The prices of the whole benchmark.
    pub prices: Arc<Prices>,
}

impl Bench {
    /// Runs a scenario once.
    pub async fn measure(&self, scenario: Scenario, campaign: &str, field: Field) -> Result<Sample> {
        let server = self.world.server;
        let hands = deal(server, campaign, &self.world.users, field, scenario.connections);
        let load = Load::connect(server, hands, &self.prices, self.plan.load_threads).await?;
        let viewers = match scenario.viewers {
            0 => None,
            count => Some(Viewers::connect(server, campaign, count).await?),
        };

        let start = Instant::now() + LEAD;
        let begin = start + self.plan.warm_up();
        let end = begin + self.plan.window();
        let window = Window { start, begin, end, give_up: end + PATIENCE };
        let tickets = scenario.rate.map(|rate| Tickets::new(rate, window));
        if let Some(tickets) = &tickets {
            tickets.hand_out(scenario.connections)?;
        }
        if let Some(viewers) = &viewers {
            viewers.begin(window);
        }
        load.begin(Go { window, tickets, pause: Duration::from_millis(scenario.pause_ms.into()) });

        sleep_until(begin).await;
        let (cpu, scrape) = (self.processes.read()?, Scrape::take(server).await?);
        sleep_until(end).await;
        let cpu = self.processes.read()?.since(&cpu);
        let batches = Scrape::take(server).await?.since(&scrape);
        let record = load.finish().await?;
        let viewers = match viewers {
            Some(viewers) => Some(viewers.finish().await?),
            None => None,
        };
        Ok(self.sample(scenario, record, cpu, batches, viewers))
    }

    fn sample(
        &self,
        scenario: Scenario,
        record: Record,
        cpu: Usage,
        batches: Batches,
        viewers: Option<Seen>,
    ) -> Sample {
        let accepted_per_s = record.accepted as f64 / self.plan.window_s;
        let ms = |micros: u64| micros as f64 / 1000.0;
        let latency = |quantile| ms(record.latency.value_at_quantile(quantile));
        Sample {
            accepted_per_s,
            latency_ms: Latency {
                p50: latency(0.5),
                p90: latency(0.9),
                p99: latency(0.99),
                p999: latency(0.999),
                max: ms(record.latency.max()),
            },
            sent_late_p99_ms: scenario.rate.map(|_| ms(record.lateness.value_at_quantile(0.99))),
            kept: record.kept,
            errors: record.errors,
            cpu,
            // A percent of a core is ten milliseconds a second.
            cpu_us_per_bid: if record.accepted == 0 { 0.0 } else { cpu.system() * 10_000.0 / accepted_per_s },
            batches,
            viewers,
        }
    }
}
