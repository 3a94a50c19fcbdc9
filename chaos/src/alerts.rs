//! The alerts of `ops/prometheus/rules.yaml`, on a real Prometheus that watches the real system: none fires while a busy
//! sale goes well, and each fires when its cause is there.

mod causes;
mod prometheus;

use crate::{
    clients::{
        admin,
        api::Api,
        bidders::{self, Bidder},
        watchers::{self, Watcher},
    },
    error::Result,
    record::{Clock, Record},
    system::System,
    users::Users,
};
use causes::Cause;
use domain::{CampaignId, Timestamp};
use prometheus::Prometheus;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// How long the sale goes well: longer than any rule waits, but for that of the clock.
const HEALTHY: Duration = Duration::from_secs(150);
/// How long an alert may take once its cause is there. The rule of the clock waits for five minutes.
const ALERT_MAX: Duration = Duration::from_mins(7);
/// How long an alert may take to be silent when its cause is gone: a minute's rate, and what waited meanwhile.
const SILENCE_MAX: Duration = Duration::from_mins(3);
/// Fires without a cause if a task panics.
const PANICKED: &str = "GavelTaskPanicked";
/// How long the system may take to be ready when a cause is gone.
const RECOVERY_MAX: Duration = Duration::from_secs(30);
const STOCK: u32 = 1_000;
/// The sale takes this long.
const SALE: Duration = Duration::from_hours(1);
/// Watchers of the sale.
const WATCHERS: usize = 12;

/// What causes act on.
pub struct Stage {
    /// The system.
    pub system: Arc<System>,
    /// An admin.
    pub admin: Api,
    /// The product of all campaigns.
    pub product_id: String,
    /// The campaign in which everyone bids all the time.
    pub sale: CampaignId,
    /// Those who bid.
    pub bidders: Vec<Bidder>,
    /// What clients see.
    pub record: Arc<Record>,
    /// The clock of the clients.
    pub clock: Clock,
}

impl Stage {
    async fn new(system: &Arc<System>, users: &Users, clock: Clock, seed: u64) -> Result<Self> {
        let address = system.balancer.address();
        let admin = Api::new(address, &users.admin.token, clock)?;
        let product_id = admin::create_product(&admin, STOCK).await?;
        let now = clock.now();
        let sale = admin::create_campaign(&admin, &product_id, now..in_future(now, SALE)?, admin::USUAL_SCORE).await?;
        let mut bidders = Vec::new();
        for (n, user) in (0..).zip(&users.bidders) {
            let api = Api::new(address, &user.token, clock)?;
            bidders.push(Bidder { user_id: user.user_id, api, seed: seed.wrapping_mul(1000).wrapping_add(n) });
        }
        let record = Arc::new(Record::default());
        Ok(Self { system: system.clone(), admin, product_id, sale, bidders, record, clock })
    }

    /// Creates a campaign that starts at once and ends soon.
    pub async fn short_campaign(&self, lasts: Duration) -> Result<CampaignId> {
        let now = self.clock.now();
        let (admin, running) = (&self.admin, now..in_future(now, lasts)?);
        admin::create_campaign(admin, &self.product_id, running, admin::USUAL_SCORE).await
    }
}

/// Watches a sale that goes well, then brings about every cause. Returns how many alerts were wrong.
#[expect(clippy::print_stdout, reason = "the report of a program for people")]
pub async fn run(system: &Arc<System>, users: &Users, seed: u64, out: &Path) -> Result<usize> {
    let clock = Clock::start();
    let mut addresses = Vec::new();
    for server in &system.servers {
        addresses.push(server.lock().await.management);
    }
    let prometheus = Prometheus::start(&addresses, out).await?;
    let stage = Stage::new(system, users, clock, seed).await?;
    let (stop, stopped) = watch::channel(false);
    for bidder in stage.bidders.clone() {
        tokio::spawn(bidders::run(bidder, [stage.sale; 2], stage.record.clone(), stopped.clone()));
    }
    for number in 0..WATCHERS {
        let (address, campaign_id) = (system.balancer.address(), stage.sale);
        let watcher = Watcher { number, address, campaign_id, user: None };
        tokio::spawn(watchers::run(watcher, stage.record.clone(), clock, stopped.clone()));
    }

    let mut wrong = watch_healthy_sale(&stage, &prometheus).await?;
    for cause in Cause::ALL {
        // Otherwise it could fire because of the cause before.
        for alert in prometheus.wait_until_silent(cause.alerts(), SILENCE_MAX).await? {
            println!("    {alert} DOES NOT STOP, before {}", cause.what());
            wrong += 1;
        }
        let began = Instant::now();
        let brings_about = async {
            cause.bring_about(&stage).await?;
            // It is there, or has been; the alert may take longer.
            std::future::pending::<Result<Vec<String>>>().await
        };
        let silent = tokio::select! {
            result = brings_about => result?,
            silent = prometheus.wait_for(cause.alerts(), ALERT_MAX) => silent?,
        };
        println!("{}: {} after {:.0} s", cause.what(), cause.alerts().join(", "), began.elapsed().as_secs_f64());
        for alert in &silent {
            println!("    {alert} DID NOT FIRE");
        }
        wrong += silent.len();
        if prometheus.firing().await?.contains(PANICKED) {
            println!("    {PANICKED} FIRED");
            wrong += 1;
        }
        cause.undo(&stage).await?;
        system.heal().await?;
        system.wait_until_ready(RECOVERY_MAX).await?;
    }
    let _ = stop.send(true);
    println!("{} causes: {wrong} alerts were wrong", Cause::ALL.len());
    Ok(wrong)
}

/// Returns how many alerts fired without a cause.
#[expect(clippy::print_stdout, reason = "the report of a program for people")]
async fn watch_healthy_sale(stage: &Stage, prometheus: &Prometheus) -> Result<usize> {
    let (began, mut fired) = (Instant::now(), Vec::new());
    // Campaigns end meanwhile.
    let campaigns = [HEALTHY / 4, HEALTHY / 2];
    for lasts in campaigns {
        let campaign = stage.short_campaign(lasts).await?;
        bidders::crowd(&stage.bidders, campaign, stage.bidders.len(), 1, &stage.record).await;
    }
    while began.elapsed() < HEALTHY {
        for alert in prometheus.firing().await? {
            if !fired.contains(&alert) {
                println!("    {alert} FIRED WITHOUT A CAUSE after {:.0} s", began.elapsed().as_secs_f64());
                fired.push(alert);
            }
        }
        sleep(Duration::from_secs(1)).await;
    }
    let (bids, healthy) = (stage.record.bids().len(), HEALTHY.as_secs());
    println!("a sale that goes well, with {bids} bids in {healthy} s: {} alerts", fired.len());
    Ok(fired.len())
}

fn in_future(now: Timestamp, after: Duration) -> Result<Timestamp> {
    Ok(now.plus_millis(i64::try_from(after.as_millis())?))
}
