//! Messages between processes, over Redis pub/sub.
//!
//! They only speed things up: whoever misses one sees the same a little later, because caches
//! expire and rooms look at the ranking by themselves. After every new subscription everything is
//! looked at anew, since nobody knows what was said meanwhile.

use crate::{Engine, config::EngineConfig, error::Result, store::keys::Keys, store::redis::Redis};
use domain::{
    CampaignId, UserId,
    ws::{BidAccepted, CampaignUpdated},
};
use futures_util::StreamExt;
use redis::{Client, RedisResult};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use uuid::Uuid;

/// How long after a lost subscription the next attempt is made.
const RETRY: Duration = Duration::from_millis(500);
/// A subscription that has been silent for so long is tested.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// An answer that takes longer never comes.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// Longest wait for a subscription before going on without.
const LISTEN_MAX: Duration = Duration::from_secs(1);
/// Requests to listen that may wait.
const REQUESTS_MAX: usize = 1024;

/// What one process tells the others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// Bids made or improved standings: the ranking of this campaign has changed.
    BidsAccepted(CampaignId, Vec<(UserId, BidAccepted)>),
    /// Bidders' standings were better than their bids. Their answers told them a rank, and no event does.
    BidsKept(CampaignId, Vec<UserId>),
    /// A campaign was created, edited, cancelled or settled; its rooms are shown the event.
    CampaignChanged(CampaignId, Option<Box<CampaignUpdated>>),
    /// A product changed, and with it all campaigns that show it.
    ProductChanged,
    /// A user's record changed.
    UserChanged(UserId),
}

/// What a listener is told.
pub(crate) enum Heard {
    /// Another process said something.
    Message(Message),
    /// The subscription is new: look at everything anew.
    Resync,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: Uuid,
    message: Message,
}

enum Request {
    /// Answered once messages will arrive.
    Listen(CampaignId, oneshot::Sender<()>),
    Leave(CampaignId),
}

/// Speaks to other processes and says which campaigns this one listens to; clones share it.
#[derive(Clone)]
pub(crate) struct Bus {
    process: Uuid,
    redis: Redis,
    keys: Keys,
    requests: mpsc::Sender<Request>,
    is_listening: Arc<AtomicBool>,
}

/// The listening end; there is one per process.
pub(crate) struct Listener {
    process: Uuid,
    keys: Keys,
    nodes: Vec<Client>,
    requests: mpsc::Receiver<Request>,
    is_listening: Arc<AtomicBool>,
    campaigns: HashSet<CampaignId>,
}

impl Bus {
    /// Both ends; `process` tells this process's own messages from others'.
    pub fn new(config: &EngineConfig, process: Uuid, redis: Redis, keys: Keys) -> Result<(Self, Listener)> {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        // Pub/sub needs a connection of its own; in a cluster any node passes messages on.
        let nodes = config.redis_url.expose_secret().split(',').map(|url| Client::open(url.trim()));
        let nodes = nodes.collect::<RedisResult<Vec<_>>>()?;
        let is_listening = Arc::new(AtomicBool::new(false));
        let listener = Listener {
            process,
            keys: keys.clone(),
            nodes,
            requests,
            is_listening: is_listening.clone(),
            campaigns: HashSet::new(),
        };
        Ok((Self { process, redis, keys, requests: sender, is_listening }, listener))
    }

    /// Tells the other processes. Without Redis they find out by themselves, later.
    pub async fn publish(&self, message: Message) {
        let channel = match &message {
            Message::BidsAccepted(campaign, _) | Message::BidsKept(campaign, _) => {
                self.keys.campaign_channel(*campaign)
            }
            _ => self.keys.control_channel(),
        };
        let envelope = Envelope { from: self.process, message };
        let Ok(payload) = serde_json::to_vec(&envelope) else { return };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(channel).arg(payload);
        let _: RedisResult<()> = self.redis.command("publish", &publish).await;
    }

    /// From now on this process wants to hear of bids in a campaign. Returns once it will, or
    /// after a moment if nobody is listening: a room looks by itself, too.
    pub async fn listen(&self, campaign: CampaignId) {
        let (answer, answered) = oneshot::channel();
        let asked = self.requests.try_send(Request::Listen(campaign, answer)).is_ok();
        if asked && self.is_listening.load(Ordering::Relaxed) {
            let _ = timeout(LISTEN_MAX, answered).await;
        }
    }

    /// No more.
    pub fn leave(&self, campaign: CampaignId) {
        let _ = self.requests.try_send(Request::Leave(campaign));
    }
}

impl Listener {
    /// Listens for the engine until dropped, and subscribes again whenever the connection is lost.
    pub async fn run(mut self, engine: Engine) {
        let mut node = 0;
        loop {
            if let Err(error) = self.subscribe(node, &engine).await {
                tracing::debug!(%error, "the subscription to other processes is lost");
            }
            self.is_listening.store(false, Ordering::Relaxed);
            node += 1;
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn subscribe(&mut self, node: usize, engine: &Engine) -> RedisResult<()> {
        // What was asked for meanwhile.
        while let Ok(request) = self.requests.try_recv() {
            match request {
                Request::Listen(campaign, _) => self.campaigns.insert(campaign),
                Request::Leave(campaign) => self.campaigns.remove(&campaign),
            };
        }
        let client = &self.nodes[node % self.nodes.len()];
        let pubsub = answered(client.get_async_pubsub()).await?;
        let (mut sink, mut stream) = pubsub.split();
        answered(sink.subscribe(self.keys.control_channel())).await?;
        for campaign in &self.campaigns {
            answered(sink.subscribe(self.keys.campaign_channel(*campaign))).await?;
        }
        self.is_listening.store(true, Ordering::Relaxed);
        engine.hear(Heard::Resync).await;
        loop {
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(Request::Listen(campaign, answer)) => {
                        if self.campaigns.insert(campaign) {
                            answered(sink.subscribe(self.keys.campaign_channel(campaign))).await?;
                        }
                        let _ = answer.send(());
                    }
                    Some(Request::Leave(campaign)) => {
                        if self.campaigns.remove(&campaign) {
                            answered(sink.unsubscribe(self.keys.campaign_channel(campaign))).await?;
                        }
                    }
                    // The engine is gone.
                    None => std::future::pending().await,
                },
                message = timeout(SILENCE_MAX, stream.next()) => match message {
                    Ok(Some(message)) => {
                        match serde_json::from_slice::<Envelope>(message.get_payload_bytes()) {
                            Ok(envelope) if envelope.from == self.process => {}
                            Ok(envelope) => engine.hear(Heard::Message(envelope.message)).await,
                            // A process of another version said something that matters to it.
                            Err(_) => engine.hear(Heard::Resync).await,
                        }
                    }
                    Ok(None) => return Ok(()),
                    // Subscribing again changes nothing and finds out whether anyone is there.
                    Err(_) => answered(sink.subscribe(self.keys.control_channel())).await?,
                },
            }
        }
    }
}

async fn answered<T>(call: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let silence = || redis::RedisError::from((redis::ErrorKind::Io, "no answer"));
    timeout(ANSWER_MAX, call).await.unwrap_or_else(|_| Err(silence()))
}
