//! Once nobody bids any more, all views agree soon: every server's answers, Redis, and the last word of every websocket.

use crate::{
    clients::api::Api,
    error::Result,
    inject::Scene,
    promises::{Limits, Promise, Violations},
    record::{Clock, ConnectionId, Frame},
    truth::{Standing, Truth},
};
use domain::{UserId, api::rankings::Ranking, websocket_events::ServerEvent};
use redis::AsyncCommands;
use reqwest::Method;
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, sleep};

/// How often all views are compared.
const INTERVAL: Duration = Duration::from_millis(50);

/// The score of void bids in Redis.
const VOID_SCORE: f64 = -1.0;

/// Something that does not agree with PostgreSQL.
struct Difference {
    kind: Kind,
    what: String,
}

#[derive(Clone, Copy)]
enum Kind {
    /// A ranking or a result.
    View,
    /// A bidder's own standing, of which events may be two seconds apart.
    OwnStanding,
    /// The ranking in Redis.
    Redis,
}

impl Difference {
    fn of_view(what: String) -> Self {
        Self { kind: Kind::View, what }
    }
}

impl Kind {
    fn limit(self, limits: Limits) -> Duration {
        match self {
            Self::View | Self::Redis => limits.convergence,
            Self::OwnStanding => limits.own_standing,
        }
    }

    fn promise(self) -> Promise {
        match self {
            Self::View | Self::OwnStanding => Promise::RankingsAreTrue,
            Self::Redis => Promise::RedisIsExpendable,
        }
    }
}

/// Waits until all views agree with PostgreSQL, and reports those that do not in time.
pub async fn check(scene: &Scene, clock: Clock, limits: Limits, violations: &mut Violations) -> Result<()> {
    let began = Instant::now();
    loop {
        let mut differences: Vec<Difference> = Vec::new();
        let ended = Truth::read(&scene.system.database, scene.campaigns[0]).await?;
        let running = Truth::read(&scene.system.database, scene.campaigns[1]).await?;
        for (n, server) in scene.system.servers.iter().enumerate() {
            let address = server.lock().await.address;
            let api = Api::new(address, "", clock)?;
            for truth in [&ended, &running] {
                let path = format!("/api/v1/rankings/{}?limit=1000", truth.campaign_id);
                match api.send::<Ranking>(Method::GET, &path, None).await {
                    Ok(ranking) if is_ranking_of(truth, &ranking) => {}
                    Ok(ranking) => differences.push(Difference::of_view(format!("server {n} answers {ranking:?}"))),
                    Err(error) => differences.push(Difference::of_view(format!("server {n}: {error}"))),
                }
            }
        }
        differences.extend(differences_of_frames(&ended, &running, &scene.record.frames()));
        differences.extend(differences_of_redis(scene, &running).await?);
        if differences.is_empty() {
            return Ok(());
        }
        differences.retain(|difference| began.elapsed() > difference.kind.limit(limits));
        if !differences.is_empty() {
            for Difference { kind, what } in differences {
                let what = format!("{:.1} s after the last bid: {what}", began.elapsed().as_secs_f64());
                violations.add(kind.promise(), what);
            }
            return Ok(());
        }
        sleep(INTERVAL).await;
    }
}

fn is_ranking_of(truth: &Truth, ranking: &Ranking) -> bool {
    let rows = ranking.rankings.iter().map(|row| (row.user_id, row.score.get(), row.price.cents()));
    let standings = truth.standings.iter().map(|standing| (standing.user_id, standing.score, standing.price_cents));
    rows.eq(standings) && ranking.total_participants == truth.standings.len() as u64
}

/// What the last frames of each websocket that is open get wrong.
fn differences_of_frames(ended: &Truth, running: &Truth, frames: &[Frame]) -> Vec<Difference> {
    let mut views: HashMap<ConnectionId, View> = HashMap::new();
    let mut newest: HashMap<usize, u32> = HashMap::new();
    for frame in frames {
        let connection = frame.connection;
        newest.insert(connection.watcher, connection.connection);
        views.entry(connection).or_default().apply(frame);
    }
    views.retain(|connection, _| newest.get(&connection.watcher) == Some(&connection.connection));
    let mut differences = Vec::new();
    for (connection, view) in views {
        let truth = if view.campaign_id == Some(ended.campaign_id) { ended } else { running };
        if let Some((kind, difference)) = view.difference(truth) {
            differences.push(Difference { kind, what: format!("{connection:?} {difference}") });
        }
    }
    differences
}

/// What a client that listens to one websocket knows.
#[derive(Default)]
struct View {
    campaign_id: Option<domain::CampaignId>,
    user_id: Option<UserId>,
    rows: Vec<(UserId, f64)>,
    participants: u64,
    /// Rank and score, of a bid that is not void, with the version they belong to.
    mine: Option<(Option<(u64, f64)>, u64)>,
    result: Option<(bool, Option<u64>)>,
}

impl View {
    fn apply(&mut self, frame: &Frame) {
        self.campaign_id = Some(frame.campaign_id);
        self.user_id = frame.user_id;
        match &frame.event {
            ServerEvent::RankingUpdate(update) => {
                self.rows = update.top_k.iter().map(|row| (row.user_id, row.score.get())).collect();
                self.participants = update.total_participants;
            }
            ServerEvent::BidAccepted(event) => self.hear(Some((event.rank, event.score.get())), event.version),
            ServerEvent::RankChanged(event) => self.hear(Some((event.rank, event.score.get())), event.version),
            ServerEvent::BidVoided(event) => self.hear(None, event.version),
            ServerEvent::CampaignEnded(event) => self.result = Some((event.is_winner, event.final_rank)),
            _ => {}
        }
    }

    /// Older news never replaces newer.
    fn hear(&mut self, standing: Option<(u64, f64)>, version: u64) {
        if self.mine.is_none_or(|(_, known)| known <= version) {
            self.mine = Some((standing, version));
        }
    }

    fn difference(&self, truth: &Truth) -> Option<(Kind, String)> {
        let own = self.user_id.and_then(|user| Some((truth.rank_of(user)?, truth.standing_of(user)?.score)));
        if truth.is_settled {
            let rank = own.map(|(rank, _)| rank);
            let is_winner = self.user_id.is_some_and(|user| truth.orders.iter().any(|order| order.user_id == user));
            let expected = Some((is_winner, rank));
            let what = || (Kind::View, format!("was told {:?}, not {expected:?}", self.result));
            return (self.result != expected).then(what);
        }
        let all = truth.standings.iter().map(|standing| (standing.user_id, standing.score));
        let rows: Vec<_> = all.take(self.rows.len()).collect();
        let enough = self.rows.len() >= truth.standings.len().min(usize::try_from(truth.quota).unwrap_or_default());
        if self.rows != rows || !enough || self.participants != truth.standings.len() as u64 {
            return Some((Kind::View, format!("shows {:?} of {}, not {rows:?}", self.rows, self.participants)));
        }
        let heard = self.mine.and_then(|(standing, _)| standing);
        (heard != own).then(|| (Kind::OwnStanding, format!("was told {heard:?} (rank and score), not {own:?}")))
    }
}

/// Redis holds the same ranking and knows that it is complete.
async fn differences_of_redis(scene: &Scene, truth: &Truth) -> Result<Option<Difference>> {
    let mut redis = scene.system.redis.lock().await.connection().await;
    let held: Vec<(String, f64)> = redis.zrevrange_withscores(format!("bid:{{{}}}", truth.campaign_id), 0, -1).await?;
    let is_whole: bool = redis.hexists(format!("bid_meta:{{{}}}", truth.campaign_id), "whole").await?;
    // A member is its sequence, counted down from the largest integer that a double holds, and its user.
    let member = |bid: &Standing| format!("{:016}{}", (1_i64 << 53) - 1 - bid.seq, bid.user_id);
    // Void bids are below all others, and Redis orders equal scores by member.
    let mut void: Vec<_> = truth.void.iter().map(|bid| (member(bid), VOID_SCORE)).collect();
    void.sort_by(|one, other| other.0.cmp(&one.0));
    let valid = truth.standings.iter().map(|bid| (member(bid), bid.score));
    let is_right = is_whole && held == valid.chain(void).collect::<Vec<_>>();
    let what = || format!("Redis (complete: {is_whole}) holds {held:?}");
    Ok((!is_right).then(|| Difference { kind: Kind::Redis, what: what() }))
}
