//! Settlement: how long after the end of a large campaign its orders exist, and every websocket is told the result, also
//! if all reconnect within a second, while another campaign is bid in; and whether the result is read as quickly as the running
//! campaign was.

use crate::{
    context::Context,
    data_stores::DataStores,
    error::{Error, Result},
    fixture::User,
    http_client::HttpConnection,
    load::bidders::split_among_connections,
    parts::load_scenarios,
    plan::BidPlacement,
    prices::{STANDING_MEDIAN, StartingPrices, standing_price},
    progress::progress,
    results::Settlement,
    scenario::Scenario,
};
use domain::Timestamp;
use futures_util::StreamExt;
use serde_json::Value;
use sqlx::PgPool;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, interval, sleep_until, timeout_at},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

/// How long before its end a campaign is created, in milliseconds, and how much longer for each bidder.
const PREPARATION_MS: i64 = 20_000;
const PREPARATION_US_PER_BIDDER: i64 = 300;
/// How often PostgreSQL is asked for its time; the answer with the shortest round trip counts.
const CLOCK_SAMPLES: usize = 20;
/// How often PostgreSQL is asked whether the campaign is settled: seldom enough to be no load.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// Connections that view the campaign's page, and for how long.
const VIEWING_CONNECTIONS: usize = 16;
const VIEWING: Duration = Duration::from_secs(3);
/// The bids in the other campaign are measured from this long before the end.
const MEASURED_BEFORE_END: Duration = Duration::from_secs(1);
/// All websockets reconnect within this time after the settlement, evenly spread.
const RECONNECTION: Duration = Duration::from_secs(1);
/// How long to wait for orders and websocket events after the end.
const SETTLEMENT_TIMEOUT: Duration = Duration::from_mins(1);

type Socket = WebSocketStream<TcpStream>;

/// Lets one campaign after another end, one per repetition.
pub async fn measure(ctx: &mut Context, stores: &mut DataStores) -> Result<Vec<Settlement>> {
    let mut settlements = Vec::new();
    for n in 1..=ctx.plan.repeat {
        progress(&format!("settlement of {} bidders, {n} of {}", ctx.plan.settle_bidders, ctx.plan.repeat));
        settlements.push(measure_once(ctx, stores).await?);
    }
    Ok(settlements)
}

async fn measure_once(ctx: &mut Context, stores: &mut DataStores) -> Result<Settlement> {
    let (bidders, quota) = (ctx.plan.settle_bidders, ctx.plan.settle_quota);
    ctx.fixture.ensure_users(&stores.database, bidders).await?;
    let (now, _) = database_time(&stores.database).await?;
    let end = now.plus_millis(PREPARATION_MS + i64::from(bidders) * PREPARATION_US_PER_BIDDER / 1000);
    let campaign = ctx.fixture.create_campaign_until(end, quota).await?;
    let other = ctx.fixture.create_campaign().await?;
    ctx.fixture.insert_standing_bids(&stores.database, &campaign, bidders).await?;
    ctx.fixture.rebuild_ranking(stores, &campaign, u64::from(bidders)).await?;
    let watchers = watchers(&ctx.fixture.users, ctx.plan.settle_sockets);
    send_winning_bids(ctx, &campaign, &watchers).await?;
    stores.vacuum_and_checkpoint().await;
    let views_before_per_s = views_per_s(ctx.fixture.server, &campaign, &watchers).await?;
    let mut sockets = Vec::new();
    for watcher in &watchers {
        let mut socket = open_socket(ctx.fixture.server, &campaign, watcher.user).await?;
        socket.next().await.ok_or("a websocket was closed at once")??;
        sockets.push((watcher.will_win, socket));
    }

    let (now, at) = database_time(&stores.database).await?;
    let left_ms =
        u64::try_from(end.millis_since(now)).map_err(|_| "the campaign ended before its preparation was finished")?;
    let ends_at = at + Duration::from_millis(left_ms);
    progress(&format!("the campaign ends in {left_ms} ms"));
    let told_and_retold = async {
        let mut told = JoinSet::new();
        for (will_win, socket) in sockets {
            told.spawn(async move {
                let at = told_at(socket, will_win, ends_at + SETTLEMENT_TIMEOUT).await?;
                Ok(millis_between(ends_at, at))
            });
        }
        sleep_until(ends_at).await;
        let settled_at = settled_at(&stores.database, &campaign, ends_at + SETTLEMENT_TIMEOUT).await?;
        let told_ms = sorted(told).await?;
        let retold_ms = reconnected_told_ms(ctx.fixture.server, &campaign, &watchers).await?;
        Ok::<_, Error>((settled_at, told_ms, retold_ms))
    };
    let other_bids = async {
        sleep_until(ends_at - MEASURED_BEFORE_END - ctx.plan.warm_up()).await;
        let (connections, rate) = (ctx.plan.open_connections, Some(ctx.plan.settle_rate));
        let scenario = Scenario { connections, rate, pause_ms: 0, viewers: 0 };
        load_scenarios::measure(ctx, scenario, &other, StartingPrices::NoStandingBids).await
    };
    let ((settled_at, told_ms, retold_ms), other_bids) = tokio::try_join!(told_and_retold, other_bids)?;
    progress("viewing the result");
    let views_after_per_s = views_per_s(ctx.fixture.server, &campaign, &watchers).await?;
    let orders = stores.orders(&campaign).await?;
    if orders != u64::from(quota.min(bidders)) {
        return Err(format!("the campaign has {orders} orders instead of {quota}").into());
    }
    Ok(Settlement {
        bidders: ctx.fixture.participants(&campaign).await?,
        orders,
        orders_ms: millis_between(ends_at, settled_at),
        told_p50_ms: quantile(&told_ms, 0.5),
        told_p99_ms: quantile(&told_ms, 0.99),
        told_max_ms: quantile(&told_ms, 1.0),
        other_bids,
        retold_p50_ms: quantile(&retold_ms, 0.5),
        retold_max_ms: quantile(&retold_ms, 1.0),
        views_before_per_s,
        views_after_per_s,
    })
}

/// How long after it began to reconnect each websocket was told, in ascending order.
async fn reconnected_told_ms(server: SocketAddr, campaign: &str, watchers: &[Watcher<'_>]) -> Result<Vec<f64>> {
    progress("all websockets reconnect");
    let (start, mut told) = (Instant::now(), JoinSet::new());
    let interval = RECONNECTION / u32::try_from(watchers.len().max(1))?;
    for (n, watcher) in (0..).zip(watchers) {
        let (campaign, will_win, user) = (campaign.to_owned(), watcher.will_win, watcher.user.cloned());
        told.spawn(async move {
            let reconnects_at = start + interval * n;
            sleep_until(reconnects_at).await;
            let socket = open_socket(server, &campaign, user.as_ref()).await?;
            let at = told_at(socket, will_win, reconnects_at + SETTLEMENT_TIMEOUT).await?;
            Ok(millis_between(reconnects_at, at))
        });
    }
    sorted(told).await
}

/// The results in ascending order.
async fn sorted(mut told: JoinSet<Result<f64>>) -> Result<Vec<f64>> {
    let mut told_ms = Vec::new();
    while let Some(ms) = told.join_next().await {
        told_ms.push(ms??);
    }
    told_ms.sort_by(f64::total_cmp);
    Ok(told_ms)
}

/// How many times per second the watchers, each in turn, can view the campaign's page.
async fn views_per_s(server: SocketAddr, campaign: &str, watchers: &[Watcher<'_>]) -> Result<f64> {
    let cookie = |user: &User| format!("Cookie: gavel_session={}\r\n", user.token);
    let request = |watcher: &Watcher<'_>| {
        let cookie = watcher.user.map(cookie).unwrap_or_default();
        format!("GET /campaigns/{campaign} HTTP/1.1\r\nHost: {server}\r\n{cookie}\r\n").into_bytes()
    };
    let requests: Arc<Vec<Vec<u8>>> = Arc::new(watchers.iter().map(request).collect());
    let (mut viewing, started_at) = (JoinSet::new(), Instant::now());
    for first in 0..VIEWING_CONNECTIONS {
        let requests = requests.clone();
        viewing.spawn(async move {
            let mut connection = HttpConnection::open(server).await?;
            let mut views = 0_u32;
            for request in requests.iter().cycle().skip(first).step_by(VIEWING_CONNECTIONS) {
                if started_at.elapsed() > VIEWING {
                    break;
                }
                let status = connection.exchange(request).await?;
                if status != 200 {
                    return Err(format!("a page was answered {status}").into());
                }
                views += 1;
            }
            Ok::<u32, Error>(views)
        });
    }
    let mut views = 0;
    while let Some(viewed) = viewing.join_next().await {
        views += viewed??;
    }
    Ok(f64::from(views) / started_at.elapsed().as_secs_f64())
}

/// Who watches the end of a campaign over a websocket; a spectator has no user.
struct Watcher<'a> {
    user: Option<&'a User>,
    will_win: bool,
}

/// `sockets` watchers: winners, losers and spectators in turn.
fn watchers(users: &[User], sockets: u32) -> Vec<Watcher<'_>> {
    let third = usize::try_from(sockets.div_ceil(3)).unwrap_or(0);
    let (winners, others) = users.split_at(third);
    // Nobody wins with a bid in the lower half: the quota is at most a quarter of the bidders.
    let is_low = |(n, _): &(usize, &User)| standing_price(winners.len() + n) < STANDING_MEDIAN;
    let losers = others.iter().enumerate().filter(is_low).map(|(_, user)| user).take(third);
    let winners = winners.iter().map(|user| Watcher { user: Some(user), will_win: true });
    let losers = losers.map(|user| Watcher { user: Some(user), will_win: false });
    winners
        .zip(losers)
        .flat_map(|(winner, loser)| [winner, loser, Watcher { user: None, will_win: false }])
        .take(usize::try_from(sockets).unwrap_or(0))
        .collect()
}

/// Bids higher than all standing bids for every watcher who is to win.
async fn send_winning_bids(ctx: &Context, campaign: &str, watchers: &[Watcher<'_>]) -> Result<()> {
    let winners: Vec<User> =
        watchers.iter().filter(|watcher| watcher.will_win).filter_map(|watcher| watcher.user.cloned()).collect();
    let count = u32::try_from(winners.len())?;
    let starting_prices = StartingPrices::StandingBids(BidPlacement::Top);
    let groups = split_among_connections(ctx.fixture.server, campaign, &winners, starting_prices, count);
    let mut connection = HttpConnection::open(ctx.fixture.server).await?;
    for mut bidder in groups.into_iter().flatten() {
        let status = connection.exchange(bidder.next_request(&ctx.prices)).await?;
        if status != 201 {
            return Err(format!("a winner's bid was answered {status}").into());
        }
    }
    Ok(())
}

/// Opens a websocket. After the settlement its first frame may be the result.
async fn open_socket(server: SocketAddr, campaign: &str, user: Option<&User>) -> Result<Socket> {
    let stream = connect(server).await?;
    stream.set_nodelay(true)?;
    let query = user.map(|user| format!("?token={}", user.token)).unwrap_or_default();
    Ok(client_async(format!("ws://{server}/ws/{campaign}{query}"), stream).await?.0)
}

/// Connects from one of several addresses, if they are of this machine: closed connections keep their ports for a minute,
/// and finding a free one among thousands would be measured, too.
async fn connect(server: SocketAddr) -> Result<TcpStream> {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    if !server.is_ipv4() || !server.ip().is_loopback() {
        return Ok(TcpStream::connect(server).await?);
    }
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 1, NEXT.fetch_add(1, Ordering::Relaxed)), 0).into())?;
    Ok(socket.connect(server).await?)
}

/// When a websocket was told the result, which must be the expected one.
async fn told_at(mut socket: Socket, will_win: bool, give_up: Instant) -> Result<Instant> {
    loop {
        let message = timeout_at(give_up, socket.next()).await.map_err(|_| "a websocket was not told in time")?;
        let at = Instant::now();
        let Message::Text(text) = message.ok_or("a websocket was closed")?? else { continue };
        // Rankings are skipped unparsed.
        if text.starts_with(r#"{"event":"campaign_ended""#) {
            let event: Value = serde_json::from_str(&text)?;
            if event["data"]["is_winner"] != will_win {
                return Err(format!("expected is_winner to be {will_win} in {event}").into());
            }
            return Ok(at);
        }
    }
}

/// When the campaign, and with it all its orders, could be read as settled.
async fn settled_at(database: &PgPool, campaign: &str, give_up: Instant) -> Result<Instant> {
    let mut ticks = interval(POLL_INTERVAL);
    loop {
        ticks.tick().await;
        let status: String = sqlx::query_scalar("SELECT status FROM campaigns WHERE campaign_id = $1::uuid")
            .bind(campaign)
            .fetch_one(database)
            .await?;
        let now = Instant::now();
        if status == "settled" {
            return Ok(now);
        }
        if now > give_up {
            return Err("the campaign was not settled in time".into());
        }
    }
}

/// PostgreSQL's time, and the moment at which it was that.
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
    let (_, micros, at) = best.ok_or("the database was not asked for its time")?;
    Ok((Timestamp::from_unix_micros(micros).ok_or("the database's clock is out of range")?, at))
}

fn millis_between(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}

/// A quantile of sorted values; 0 without any.
fn quantile(sorted: &[f64], quantile: f64) -> f64 {
    sorted.get(nearest_rank(sorted.len(), quantile)).copied().unwrap_or(0.0)
}

/// The index of a quantile among `count` sorted values (nearest rank), so that it is always a measured value.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of a small count")]
fn nearest_rank(count: usize, quantile: f64) -> usize {
    ((count as f64 * quantile).ceil() as usize).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measured_values() {
        assert_eq!((nearest_rank(300, 0.5), nearest_rank(300, 0.99), nearest_rank(300, 1.0)), (149, 296, 299));
        assert_eq!((nearest_rank(1, 0.5), nearest_rank(0, 1.0)), (0, 0));
    }
}
