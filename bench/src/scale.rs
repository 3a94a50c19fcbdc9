//! Scale: the same load on campaigns with many bidders in them already.

use crate::{
    Result,
    bidders::Field,
    measure::{Bench, Sample, Scenario},
    run::progress,
    stores::Stores,
};
use serde::Serialize;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long a ranking may take to be whole.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often Redis is asked, and the server, which starts a rebuild where one is needed.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const ASK_EVERY: Duration = Duration::from_secs(5);

/// A campaign of some size.
#[derive(Serialize)]
pub struct Size {
    /// Bidders in it before the load.
    pub bidders: u32,
    /// Time the server took to make the ranking in Redis from PostgreSQL.
    pub rebuild_s: f64,
    /// The repetitions.
    pub samples: Vec<Sample>,
}

impl Bench {
    /// Measures one size after another: the tables grow, as they do in life.
    pub async fn scale(&mut self, stores: &mut Stores) -> Result<Vec<Size>> {
        let field = Field { standing: Some(self.plan.scale_places) };
        let scenario = Scenario { connections: self.plan.scale_connections, rate: None, pause_ms: 0, viewers: 0 };
        let mut sizes = Vec::new();
        for bidders in self.plan.scale.clone() {
            progress(&format!("scale: making a campaign with {bidders} bidders"));
            self.world.populate(&stores.database, bidders).await?;
            let campaign = self.world.campaign().await?;
            self.world.fill(&stores.database, &campaign, bidders).await?;
            let rebuild_s = self.wait_for_ranking(stores, &campaign, u64::from(bidders)).await?;
            stores.settle_down().await;
            let mut samples = Vec::new();
            for n in 1..=self.plan.repeat {
                progress(&format!("scale: {bidders} bidders, {n} of {}", self.plan.repeat));
                samples.push(self.measure(scenario, &campaign, field).await?);
            }
            sizes.push(Size { bidders, rebuild_s, samples });
        }
        Ok(sizes)
    }

    /// Until the server and Redis both know all bidders; returns the seconds it took. The bids were
    /// made past the server, so Redis has to forget the ranking without them first.
    pub async fn wait_for_ranking(&self, stores: &mut Stores, campaign: &str, bidders: u64) -> Result<f64> {
        stores.forget_ranking(campaign).await?;
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let told = self.world.participants(campaign).await?;
            let asked = Instant::now();
            while asked.elapsed() < ASK_EVERY {
                if told == bidders && stores.ranked(campaign).await? == bidders {
                    return Ok(began.elapsed().as_secs_f64());
                }
                sleep(LOOK_EVERY).await;
            }
        }
        Err(format!("the ranking of {bidders} bidders is not whole after {} s", PATIENCE.as_secs()).into())
    }
}
