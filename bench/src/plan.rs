//! The plan of a run: which parts are measured, with which parameters.

use crate::error::Result;
use clap::ValueEnum;
use serde::Serialize;
use std::time::Duration;

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What the disk and PostgreSQL alone can do
    #[value(alias = "floor")]
    #[serde(rename = "floor")]
    Baseline,
    /// Every connection sends its next bid as soon as the last one is answered
    Closed,
    /// Bids at a fixed rate, however long answers take
    Open,
    /// A bid shown on thousands of websockets
    FanOut,
    /// All users bid, pause and bid again
    Crowd,
    /// Campaigns that already have many bidders
    Scale,
    /// From the end of a campaign until its orders exist and everyone is told
    Settle,
    /// Far more bids than the server can take
    Overload,
}

/// Where new bids land among many standing bids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BidPlacement {
    /// Each takes the first place
    Top,
    /// All over the ranking
    Anywhere,
}

/// What a run measures and how; part of the result file, which keeps its field names: there the baseline is "floor".
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Parts to measure.
    pub parts: Vec<Part>,
    /// Repetitions of every measurement.
    pub repeat: u32,
    /// Seconds of load before a window.
    pub warm_up_s: f64,
    /// Seconds of a window.
    pub window_s: f64,
    /// Users who bid.
    pub users: u32,
    /// Threads that generate the load.
    pub load_threads: u32,
    /// Connections of the closed loops.
    pub closed: Vec<u32>,
    /// Bids per second of the open loops.
    pub open: Vec<u32>,
    /// Connections of the open loops.
    pub open_connections: u32,
    /// Websockets that watch the open loops.
    pub viewers: u32,
    /// Websockets of the fan-out.
    pub fan_out_viewers: u32,
    /// Average milliseconds between two bids of one bidder in a crowd.
    pub crowd: Vec<u32>,
    /// Bidders in the campaigns of the scale part.
    pub scale: Vec<u32>,
    /// Connections of the scale part.
    pub scale_connections: u32,
    /// Where new bids land in the scale part.
    pub scale_places: BidPlacement,
    /// Bidders of the campaigns that are settled.
    pub settle_bidders: u32,
    /// How many of them win.
    pub settle_quota: u32,
    /// Websockets that are told the result.
    pub settle_sockets: u32,
    /// Bids per second in another campaign meanwhile.
    pub settle_rate: u32,
    /// Connections of the overload.
    pub overload_connections: u32,
    /// Bids per second the overload offers.
    pub overload_rate: u32,
    /// Seconds of the overload.
    pub overload_s: f64,
    /// Bids per statement of the baseline.
    #[serde(rename = "floor_batches")]
    pub baseline_batches: Vec<u32>,
    /// Connections of the baseline.
    #[serde(rename = "floor_clients")]
    pub baseline_clients: Vec<u32>,
}

impl Plan {
    /// Whether a part is to be measured.
    pub fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The length of the load before a window.
    pub fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up_s)
    }

    /// The length of a window.
    pub fn window(&self) -> Duration {
        Duration::from_secs_f64(self.window_s)
    }

    /// Refuses plans that cannot be carried out; the message names the flag.
    pub fn check(&self) -> Result<()> {
        if !(0.0..=3600.0).contains(&self.warm_up_s) || !(0.1..=3600.0).contains(&self.window_s) {
            return Err("--warm-up takes 0 to 3600 seconds and --seconds 0.1 to 3600".into());
        }
        let mut connections = self.closed.iter().chain([&self.open_connections, &self.scale_connections]);
        if let Some(count) = connections.find(|&&count| count > self.users || count == 0) {
            return Err(format!(
                "{count} connections need 1 to {} users: every connection has users of its own, so that nobody has \
                 two bids in flight",
                self.users
            )
            .into());
        }
        if let Some(rate) = self.open.iter().find(|&&rate| rate == 0 || rate > 1_000_000) {
            return Err(format!("--open takes 1 to 1000000 bids per second, not {rate}").into());
        }
        if let Some(size) = self.scale.iter().find(|&&size| size < self.users || size > 10_000_000) {
            return Err(format!("--scale takes {} (the users) to 10000000 bidders, not {size}", self.users).into());
        }
        // A third of the sockets belongs to winners and a third to users with bids in the lower half.
        if self.users < self.settle_sockets.div_ceil(3) * 4 {
            return Err(format!("--settle-sockets {} is too many for {} users", self.settle_sockets, self.users).into());
        }
        if self.settle_bidders < self.users || self.settle_bidders > 10_000_000 {
            return Err(format!("--settle-bidders takes {} (the users) to 10000000", self.users).into());
        }
        if self.settle_quota < self.settle_sockets.div_ceil(3) || self.settle_quota > self.settle_bidders / 4 {
            return Err("--settle-quota takes a third of the sockets to a quarter of the bidders".into());
        }
        if !(1.0..=3600.0).contains(&self.overload_s) {
            return Err("--overload-seconds takes 1 to 3600".into());
        }
        if let Some(pause) = self.crowd.iter().find(|&&pause| pause == 0 || pause > 60_000) {
            return Err(format!("--crowd takes 1 to 60000 milliseconds, not {pause}").into());
        }
        if !self.scale.is_sorted() {
            return Err("--scale takes its sizes in ascending order".into());
        }
        let batches = &self.baseline_batches;
        for (&clients, &batch) in self.baseline_clients.iter().flat_map(|c| batches.iter().map(move |b| (c, b))) {
            if clients == 0 || batch == 0 || clients.saturating_mul(batch) > self.users {
                return Err(
                    format!("the baseline has too few users for {clients} clients with batches of {batch}").into()
                );
            }
        }
        Ok(())
    }
}
