//! Messages between processes, over Redis pub/sub.
//!
//! Messages only speed things up: a process that misses one sees the change a little later, because caches expire and
//! live feeds read the ranking every few seconds anyway. After each new subscription the receiver gets
//! [`Received::Resync`], since messages may have been lost in between.

use crate::{
    engine_config::EngineConfig,
    error::Result,
    store::{keys::Keys, redis::Redis},
};
use domain::CampaignId;
use futures_util::StreamExt;
use redis::{Client, RedisResult};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
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

/// Delay before a lost subscription is made again.
const RETRY: Duration = Duration::from_millis(500);
/// A subscription that has been silent for this long is tested.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// How long Redis may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// How long a caller waits for a subscription before it continues without.
const LISTEN_MAX: Duration = Duration::from_secs(1);
/// Requests that may be queued.
const REQUESTS_MAX: usize = 1024;

/// Where a message goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Channel {
    /// To all processes.
    All,
    /// To the processes that listen to a campaign.
    Campaign(CampaignId),
}

/// What a listener delivers.
pub(crate) enum Received<M> {
    /// A message of another process.
    Message(M),
    /// Messages may have been missed.
    Resync,
}

#[derive(Serialize, Deserialize)]
struct Envelope<M> {
    from: Uuid,
    message: M,
}

/// A request to start or stop listening to a campaign.
enum ListenRequest {
    /// Answered once messages arrive.
    Listen(CampaignId, oneshot::Sender<()>),
    Leave(CampaignId),
}

/// The sending end, which also decides which campaigns this process listens to; clones share it.
#[derive(Clone)]
pub(crate) struct Bus {
    process: Uuid,
    redis: Redis,
    keys: Keys,
    requests: mpsc::Sender<ListenRequest>,
    is_listening: Arc<AtomicBool>,
}

/// The listening end; there is one per process.
pub(crate) struct Listener {
    process: Uuid,
    keys: Keys,
    nodes: Vec<Client>,
    requests: mpsc::Receiver<ListenRequest>,
    is_listening: Arc<AtomicBool>,
    campaigns: HashSet<CampaignId>,
}

impl Bus {
    /// Both ends. `process` identifies this process, which ignores its own messages.
    pub fn new(config: &EngineConfig, process: Uuid, redis: Redis, keys: Keys) -> Result<(Self, Listener)> {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        // Pub/sub needs a connection of its own. In a cluster every node forwards messages.
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

    /// Sends a message to the other processes. Without Redis it is lost, and they see the change later.
    pub async fn publish(&self, channel: Channel, message: &impl Serialize) {
        let channel = match channel {
            Channel::All => self.keys.control_channel(),
            Channel::Campaign(campaign) => self.keys.campaign_channel(campaign),
        };
        let Ok(payload) = serde_json::to_vec(&Envelope { from: self.process, message }) else { return };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(channel).arg(payload);
        let _: RedisResult<()> = self.redis.command("publish", &publish).await;
    }

    /// Starts listening to a campaign. Returns once its messages arrive; if the listener is not connected, at once or
    /// after [`LISTEN_MAX`], which is harmless because live feeds also read the ranking without messages.
    pub async fn listen(&self, campaign: CampaignId) {
        let (answer, answered) = oneshot::channel();
        let asked = self.requests.try_send(ListenRequest::Listen(campaign, answer)).is_ok();
        if asked && self.is_listening.load(Ordering::Relaxed) {
            let _ = timeout(LISTEN_MAX, answered).await;
        }
    }

    /// Stops listening to a campaign.
    pub fn leave(&self, campaign: CampaignId) {
        let _ = self.requests.try_send(ListenRequest::Leave(campaign));
    }
}

impl Listener {
    /// Delivers messages until dropped, and subscribes again whenever the connection is lost.
    pub async fn run<M: DeserializeOwned, F: Future<Output = ()>>(mut self, on_received: impl Fn(Received<M>) -> F) {
        let mut node = 0;
        loop {
            if let Err(error) = self.subscribe(node, &on_received).await {
                tracing::debug!(%error, "the subscription to other processes is lost");
            }
            self.is_listening.store(false, Ordering::Relaxed);
            node += 1;
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn subscribe<M: DeserializeOwned, F: Future<Output = ()>>(
        &mut self,
        node: usize,
        on_received: &impl Fn(Received<M>) -> F,
    ) -> RedisResult<()> {
        // Requests made while there was no connection.
        while let Ok(request) = self.requests.try_recv() {
            match request {
                ListenRequest::Listen(campaign, _) => self.campaigns.insert(campaign),
                ListenRequest::Leave(campaign) => self.campaigns.remove(&campaign),
            };
        }
        let client = &self.nodes[node % self.nodes.len()];
        let pubsub = with_timeout(client.get_async_pubsub()).await?;
        let (mut sink, mut stream) = pubsub.split();
        with_timeout(sink.subscribe(self.keys.control_channel())).await?;
        for campaign in &self.campaigns {
            with_timeout(sink.subscribe(self.keys.campaign_channel(*campaign))).await?;
        }
        self.is_listening.store(true, Ordering::Relaxed);
        on_received(Received::Resync).await;
        loop {
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(ListenRequest::Listen(campaign, answer)) => {
                        if self.campaigns.insert(campaign) {
                            with_timeout(sink.subscribe(self.keys.campaign_channel(campaign))).await?;
                        }
                        let _ = answer.send(());
                    }
                    Some(ListenRequest::Leave(campaign)) => {
                        if self.campaigns.remove(&campaign) {
                            with_timeout(sink.unsubscribe(self.keys.campaign_channel(campaign))).await?;
                        }
                    }
                    // Every `Bus` has been dropped.
                    None => std::future::pending().await,
                },
                message = timeout(SILENCE_MAX, stream.next()) => match message {
                    Ok(Some(message)) => {
                        match serde_json::from_slice::<Envelope<M>>(message.get_payload_bytes()) {
                            Ok(envelope) if envelope.from == self.process => {}
                            Ok(envelope) => on_received(Received::Message(envelope.message)).await,
                            // Sent by a process of another version, in a form that this one cannot read.
                            Err(_) => on_received(Received::Resync).await,
                        }
                    }
                    Ok(None) => return Ok(()),
                    // Subscribing again changes nothing, but fails if the connection is dead.
                    Err(_) => with_timeout(sink.subscribe(self.keys.control_channel())).await?,
                },
            }
        }
    }
}

async fn with_timeout<T>(call: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let silence = || redis::RedisError::from((redis::ErrorKind::Io, "no answer"));
    timeout(ANSWER_MAX, call).await.unwrap_or_else(|_| Err(silence()))
}
