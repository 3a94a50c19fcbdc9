//! Everything a run measures, as it is kept in the JSON result file. The names of the file are stable: there the
//! baseline is "floor".

use crate::{
    load::viewers::ViewerStats,
    probes::{cpu::CpuUsage, server_metrics::BatchStats},
    scenario::Scenario,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The results of all parts.
#[derive(Default, Serialize)]
pub struct Results {
    /// Synchronised writes per second of the disk.
    pub fsyncs_per_s: Option<f64>,
    /// PostgreSQL alone.
    #[serde(rename = "floor")]
    pub baseline: Vec<BaselineSeries>,
    /// The closed loops.
    pub closed: Vec<ScenarioSeries>,
    /// The open loops.
    pub open: Vec<ScenarioSeries>,
    /// Bids shown on many websockets.
    pub fan_out: Option<FanOut>,
    /// The crowds.
    pub crowd: Vec<ScenarioSeries>,
    /// Campaigns by their number of bidders.
    pub scale: Vec<ScalingSeries>,
    /// The ends of campaigns, one per repetition.
    pub settle: Vec<Settlement>,
    /// More bids than the server can take.
    pub overload: Option<Overload>,
    /// What could not be measured, and why.
    pub notes: Vec<String>,
}

/// A batch size and a number of connections, with all repetitions.
#[derive(Serialize)]
pub struct BaselineSeries {
    /// Connections.
    pub clients: u32,
    /// Bids per statement.
    pub batch: u32,
    /// One per repetition.
    pub samples: Vec<BaselineSample>,
}

/// One run of pgbench.
#[derive(Serialize)]
pub struct BaselineSample {
    /// Bids written per second.
    pub bids_per_s: f64,
    /// CPU usage during the run, the start of pgbench included.
    pub cpu: CpuUsage,
}

/// A scenario with all repetitions.
#[derive(Serialize)]
pub struct ScenarioSeries {
    /// The load.
    pub scenario: Scenario,
    /// One per repetition.
    pub samples: Vec<LoadSample>,
}

/// One repetition of a scenario.
#[derive(Serialize)]
pub struct LoadSample {
    /// Bids per second that were answered with 201.
    pub accepted_per_s: f64,
    /// From sending a bid (open loop: from when it was due) to its answer.
    pub latency_ms: Latency,
    /// Open loop: how late the load itself sent its bids, 99th percentile.
    pub sent_late_p99_ms: Option<f64>,
    /// Bids that were answered with 200: durable, but the bidder's standing bid stays.
    pub kept: u64,
    /// All other outcomes, by status or kind.
    pub errors: BTreeMap<String, u64>,
    /// CPU usage during the window.
    pub cpu: CpuUsage,
    /// CPU time of server, PostgreSQL and Redis per accepted bid.
    pub cpu_us_per_bid: f64,
    /// The server's batches.
    pub batches: BatchStats,
    /// What the viewers received, if there were any.
    pub viewers: Option<ViewerStats>,
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

/// The fan-out of one campaign.
#[derive(Serialize)]
pub struct FanOut {
    /// Websockets that watch.
    pub viewers: u32,
    /// Resident memory of the server before any of them connected, in MiB.
    pub memory_before_mib: f64,
    /// The same after all rounds, with all of them connected.
    pub memory_after_mib: f64,
    /// One per repetition.
    pub rounds: Vec<FanOutRound>,
}

/// One repetition of the fan-out. Delays run from a bid's answer to the frame that shows it, over all bids and
/// websockets.
#[derive(Serialize)]
pub struct FanOutRound {
    /// Bids, each of which every websocket should show.
    pub bids: u32,
    /// Median delay in milliseconds.
    pub shown_p50_ms: f64,
    /// 90th percentile.
    pub shown_p90_ms: f64,
    /// 99th percentile.
    pub shown_p99_ms: f64,
    /// The longest.
    pub shown_max_ms: f64,
    /// How often a websocket did not show a bid.
    pub missed: u64,
    /// CPU usage during the round.
    pub cpu: CpuUsage,
}

/// A campaign with a number of bidders, and all repetitions of the load on it.
#[derive(Serialize)]
pub struct ScalingSeries {
    /// Bidders before the load.
    pub bidders: u32,
    /// Seconds the server took to rebuild the ranking in Redis from PostgreSQL.
    pub rebuild_s: f64,
    /// One per repetition.
    pub samples: Vec<LoadSample>,
}

/// The end of one campaign. Times count from its `end_time`, by PostgreSQL's clock.
#[derive(Serialize)]
pub struct Settlement {
    /// Bidders in the campaign.
    pub bidders: u64,
    /// Orders that were created.
    pub orders: u64,
    /// Until the orders could be read.
    pub orders_ms: f64,
    /// Until half of the websockets were told.
    pub told_p50_ms: f64,
    /// Until 99 % were told.
    pub told_p99_ms: f64,
    /// Until the last one was told.
    pub told_max_ms: f64,
    /// Bids in another campaign meanwhile.
    pub other_bids: LoadSample,
    /// From the moment a websocket began to reconnect after the settlement, all within a second, until half of them were
    /// told.
    pub retold_p50_ms: f64,
    /// The same until the last one was told.
    pub retold_max_ms: f64,
    /// Views of the campaign's page per second just before the end, by the watchers.
    pub views_before_per_s: f64,
    /// The same after the settlement.
    pub views_after_per_s: f64,
}

/// An overload from its first bid to its last answer.
#[derive(Serialize)]
pub struct Overload {
    /// Connections that bid.
    pub connections: u32,
    /// Bids per second that all of them offered together.
    pub rate: u32,
    /// For how long.
    pub seconds: f64,
    /// Answers per second, by status.
    pub answers_per_s: BTreeMap<String, f64>,
    /// Bids per second that were skipped because the connection was still waiting for an answer.
    pub left_out_per_s: f64,
    /// Latency of accepted bids.
    pub accepted: OverloadLatency,
    /// Latency of refused bids.
    pub refused: OverloadLatency,
    /// CPU usage during the load.
    pub cpu: CpuUsage,
    /// The server's memory.
    pub memory: OverloadMemory,
}

/// Percentiles in milliseconds.
#[derive(Serialize)]
pub struct OverloadLatency {
    /// Median.
    pub p50: f64,
    /// 99th percentile.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// Resident memory of the server in MiB.
#[derive(Serialize)]
pub struct OverloadMemory {
    /// Before any connection was opened.
    pub before: f64,
    /// With all connections open, before the first bid.
    pub connected: f64,
    /// At the end of each quarter of the load.
    pub quarters: Vec<f64>,
    /// A while after the last connection was closed.
    pub after: f64,
}
