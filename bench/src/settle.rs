//! Settlement: how long after the end of a large campaign its orders are there, and everyone who
//! watches knows how it ended.

use crate::{
    Result,
    bidders::{Field, STANDING_MIDDLE, deal, standing_price},
    http::Connection,
    measure::Bench,
    options::Places,
    run::progress,
    stores::Stores,
    world::User,
};
use domain::Timestamp;
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgPool;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{Instant, interval, sleep_until, timeout_at},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// Time to make a campaign before it ends, in milliseconds, and more of it for each bidder.
const PREPARATION_MS: i64 = 15_000;
const PREPARATION_US_PER_BIDDER: i64 = 300;
/// Questions for PostgreSQL's time; the quickest answer counts.
const CLOCK_SAMPLES: usize = 20;
/// How often PostgreSQL is asked whether the orders are there: rarely enough to be no load.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// What has not come by then never will.
const PATIENCE: Duration = Duration::from_mins(1);

/// The end of one campaign. Times count from its `end_time`, by PostgreSQL's clock.
#[derive(Serialize)]
pub struct Ending {
    /// Bidders in it.
    pub bidders: u64,
    /// Orders it made.
    pub orders: u64,
    /// Until the orders could be read.
    pub orders_ms: f64,
    /// Until the half of the sockets knew.
    pub told_p50_ms: f64,
    /// Until 99 of 100 knew.
    pub told_p99_ms: f64,
    /// Until the last one knew.
    pub told_max_ms: f64,
}

type Socket = WebSocketStream<TcpStream>;

impl Bench {
    /// Lets one campaign after another end.
    pub async fn settle(&mut self, stores: &mut Stores) -> Result<Vec<Ending>> {
        let mut endings = Vec::new();
        for n in 1..=self.plan.repeat {
            progress(&format!("settlement of {} bidders, {n} of {}", self.plan.settle_bidders, self.plan.repeat));
            endings.push(self.settle_once(stores).await?);
        }
        Ok(endings)
    }

    async fn settle_once(&mut self, stores: &mut Stores) -> Result<Ending> {
        let (bidders, quota) = (self.plan.settle_bidders, self.plan.settle_quota);
        self.world.populate(&stores.database, bidders).await?;
        let (now, _) = database_time(&stores.database).await?;
        let end = now.plus_millis(PREPARATION_MS + i64::from(bidders) * PREPARATION_US_PER_BIDDER / 1000);
        let campaign = self.world.campaign_until(end, quota).await?;
        self.world.fill(&stores.database, &campaign, bidders).await?;
        self.wait_for_ranking(stores, &campaign, u64::from(bidders)).await?;
        let watchers = self.watchers();
        self.outbid(&campaign, &watchers).await?;
        stores.settle_down().await;
        let mut sockets = Vec::new();
        for watcher in &watchers {
            sockets.push((watcher.will_win, watch(self.world.server, &campaign, watcher.user).await?));
        }

        let (now, at) = database_time(&stores.database).await?;
        let left_ms = u64::try_from(end.millis_since(now)).map_err(|_| "the campaign was over before it was made")?;
        let ends_at = at + Duration::from_millis(left_ms);
        let mut told = JoinSet::new();
        for (will_win, socket) in sockets {
            told.spawn(told_at(socket, will_win, ends_at + PATIENCE));
        }
        sleep_until(ends_at).await;
        let settled_at = settled_at(&stores.database, &campaign, ends_at + PATIENCE).await?;
        let mut told_ms = Vec::new();
        while let Some(at) = told.join_next().await {
            told_ms.push(millis(ends_at, at??));
        }
        told_ms.sort_by(f64::total_cmp);
        let told_after = |share: f64| told_ms.get(place(told_ms.len(), share)).copied().unwrap_or(0.0);
        let orders = stores.orders(&campaign).await?;
        if orders != u64::from(quota.min(bidders)) {
            return Err(format!("{orders} orders of {quota}").into());
        }
        Ok(Ending {
            bidders: self.world.participants(&campaign).await?,
            orders,
            orders_ms: millis(ends_at, settled_at),
            told_p50_ms: told_after(0.5),
            told_p99_ms: told_after(0.99),
            told_max_ms: told_after(1.0),
        })
    }

    /// A third of the sockets each for winners, losers and spectators, in turn.
    fn watchers(&self) -> Vec<Watcher<'_>> {
        let third = usize::try_from(self.plan.settle_sockets.div_ceil(3)).unwrap_or(0);
        let (winners, others) = self.world.users.split_at(third);
        // With bids in the lower half nobody wins.
        let low = |(n, _): &(usize, &User)| standing_price(winners.len() + n) < STANDING_MIDDLE;
        let losers = others.iter().enumerate().filter(low).map(|(_, user)| user).take(third);
        let winners = winners.iter().map(|user| Watcher { user: Some(user), will_win: true });
        let losers = losers.map(|user| Watcher { user: Some(user), will_win: false });
        winners
            .zip(losers)
            .flat_map(|(winner, loser)| [winner, loser, Watcher { user: None, will_win: false }])
            .take(usize::try_from(self.plan.settle_sockets).unwrap_or(0))
            .collect()
    }

    /// Lets everyone who is to win bid more than all standing bids.
    async fn outbid(&self, campaign: &str, watchers: &[Watcher<'_>]) -> Result<()> {
        let winners: Vec<User> =
            watchers.iter().filter(|watcher| watcher.will_win).filter_map(|watcher| watcher.user.cloned()).collect();
        let count = u32::try_from(winners.len())?;
        let field = Field { standing: Some(Places::Top) };
        let mut connection = Connection::open(self.world.server).await?;
        for mut bidder in deal(self.world.server, campaign, &winners, field, count).into_iter().flatten() {
            let status = connection.exchange(bidder.next(&self.prices)).await?;
            if status != 201 {
                return Err(format!("a winner's bid was answered {status}").into());
            }
        }
        Ok(())
    }
}

/// Someone who watches how it ends; a spectator has no user.
struct Watcher<'a> {
    user: Option<&'a User>,
    will_win: bool,
}

/// Opens a socket and waits for its first frame.
async fn watch(server: SocketAddr, campaign: &str, user: Option<&User>) -> Result<Socket> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let query = user.map(|user| format!("?token={}", user.token)).unwrap_or_default();
    let (mut socket, _) = client_async(format!("ws://{server}/ws/{campaign}{query}"), stream).await?;
    socket.next().await.ok_or("a socket was closed at once")??;
    Ok(socket)
}

/// When a socket was told how the campaign ended, which must be as foreseen.
async fn told_at(mut socket: Socket, will_win: bool, give_up: Instant) -> Result<Instant> {
    loop {
        let message = timeout_at(give_up, socket.next()).await.map_err(|_| "a socket was not told in time")?;
        let at = Instant::now();
        let Message::Text(text) = message.ok_or("a socket was closed")?? else { continue };
        // Rankings are passed over unread.
        if text.starts_with(r#"{"event":"campaign_ended""#) {
            let event: Value = serde_json::from_str(&text)?;
            if event["data"]["is_winner"] != will_win {
                return Err(format!("{event}, but a winner is {will_win}").into());
            }
            return Ok(at);
        }
    }
}

/// When the campaign was seen settled, and so its orders.
async fn settled_at(database: &PgPool, campaign: &str, give_up: Instant) -> Result<Instant> {
    let mut looks = interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        let status: String = sqlx::query_scalar("SELECT status FROM campaigns WHERE campaign_id = $1::uuid")
            .bind(campaign)
            .fetch_one(database)
            .await?;
        let now = Instant::now();
        if status == "settled" {
            return Ok(now);
        }
        if now > give_up {
            return Err("the campaign was not settled".into());
        }
    }
}

/// PostgreSQL's time, and when it was that.
async fn database_time(database: &PgPool) -> Result<(Timestamp, Instant)> {
    let mut best: Option<(Duration, i64, Instant)> = None;
    for _ in 0..CLOCK_SAMPLES {
        let asked = Instant::now();
        let micros = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
        let micros = micros.fetch_one(database).await?;
        let round_trip = asked.elapsed();
        if best.is_none_or(|(shortest, ..)| round_trip < shortest) {
            best = Some((round_trip, micros, asked + round_trip / 2));
        }
    }
    let (_, micros, at) = best.ok_or("the database was not asked")?;
    Ok((Timestamp::from_unix_micros(micros).ok_or("the database's clock is far off")?, at))
}

fn millis(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}

/// The place of the value that a share of `count` sorted ones do not exceed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small count")]
fn place(count: usize, share: f64) -> usize {
    ((count as f64 * share).ceil() as usize).saturating_sub(1)
}

impl Stores {
    /// How many orders a campaign made.
    pub async fn orders(&self, campaign: &str) -> Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orders WHERE campaign_id = $1::uuid");
        Ok(count.bind(campaign).fetch_one(&self.database).await?.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        assert_eq!((place(300, 0.5), place(300, 0.99), place(300, 1.0)), (149, 296, 299));
        assert_eq!((place(1, 0.5), place(0, 1.0)), (0, 0));
    }
}
