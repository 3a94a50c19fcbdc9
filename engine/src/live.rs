//! Live feeds: one campaign feed per campaign and process, one subscription per socket.
//!
//! A campaign feed encodes a ranking frame once for all its sockets. A slow socket skips to the newest frame and holds
//! nobody up. Personal events go through a short queue per socket.

mod campaign_feed;
mod ranking_frame;
mod subscription;

pub use ranking_frame::Frame;
pub use subscription::Subscription;

use crate::{
    accounts::{Accounts, TokenSession},
    catalog::Campaigns,
    clock::Clock,
    error::Result,
    events::{CampaignChange, EndedSession, Event, Origin, Subscriber},
    message_bus::Bus,
    orders::OutcomesCache,
    ranking::Rankings,
    supervise::catch_panic,
};
use campaign_feed::{CampaignFeed, FeedSources};
use domain::{
    CampaignId, SessionId, UserId,
    api::accounts::{User, UserStatus},
    websocket_events::{AccountUpdated, BidAccepted, CampaignUpdated, ServerEvent},
};
use futures_util::{FutureExt, future::BoxFuture};
use ranking_frame::encode;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The live feeds of this process.
pub struct Live {
    /// For tasks that it spawns.
    this: Weak<Self>,
    feeds: Mutex<HashMap<CampaignId, Arc<CampaignFeed>>>,
    accounts: Arc<Accounts>,
    bus: Bus,
    sources: FeedSources,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// How often everything was to be sent again since the pass that does so began.
    resyncs: AtomicU32,
}

impl Live {
    pub(crate) fn new(
        outcomes: OutcomesCache,
        clock: &Clock,
        accounts: &Arc<Accounts>,
        campaigns: &Arc<Campaigns>,
        rankings: &Arc<Rankings>,
        bus: Bus,
    ) -> Arc<Self> {
        let sources =
            FeedSources { outcomes, campaigns: campaigns.clone(), rankings: rankings.clone(), clock: clock.clone() };
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            feeds: Mutex::default(),
            accounts: accounts.clone(),
            bus,
            sources,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            resyncs: AtomicU32::new(0),
        })
    }

    /// Opens the live feed of a campaign for the user of a session, or for a spectator.
    ///
    /// # Errors
    /// `CAMPAIGN_NOT_FOUND`.
    pub async fn subscribe(
        self: &Arc<Self>,
        campaign: CampaignId,
        session: Option<TokenSession>,
    ) -> Result<Subscription> {
        self.sources.campaigns.get(campaign).await?;
        let (feed, subscription) = {
            let mut feeds = self.feeds();
            let feed = feeds.entry(campaign).or_insert_with(|| {
                let feed = Arc::new(CampaignFeed::new(campaign));
                self.tasks.spawn(self.clone().run(feed.clone()));
                feed
            });
            (feed.clone(), Subscription::open(feed, session))
        };
        // After joining, so that the feed is not removed meanwhile.
        feed.listening.get_or_init(|| self.bus.listen(campaign)).await;
        if let Some(session) = session {
            // The account may have been edited or blocked, or the session ended, just before the socket could be told.
            if self.accounts.has_ended(&session) {
                feed.disconnect(session.user_id, &HashSet::from([session.session_id]));
            }
            self.spawn(move |live| async move { live.send_account(session.user_id).await });
        }
        Ok(subscription)
    }

    /// Stops all feeds and waits for them.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn run(self: Arc<Self>, feed: Arc<CampaignFeed>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = feed.run(&self.sources) => {}
            }
            // The feed has lost its last socket. It is removed, unless another has joined since.
            let mut feeds = self.feeds();
            if feed.is_empty() {
                self.bus.leave(feed.campaign());
                feeds.remove(&feed.campaign());
                return;
            }
        }
    }

    /// Sends accepted bids to their bidders' sockets and requests a frame.
    fn bids_accepted(&self, campaign: CampaignId, accepted: &[(UserId, BidAccepted)]) {
        let Some(feed) = self.feed(campaign) else { return };
        for (user, event) in accepted {
            feed.send_accepted(*user, event);
        }
        feed.request_frame();
    }

    /// Has the feed send bidders their standing, after an answer that no event repeats.
    fn standings_pending(&self, campaign: CampaignId, bidders: &[UserId]) {
        let Some(feed) = self.feed(campaign) else { return };
        for user in bidders {
            feed.mark_standing_pending(*user);
        }
        feed.request_frame();
    }

    /// Sends an edit or cancellation to all sockets, and requests a frame.
    async fn campaign_changed(&self, campaign: CampaignId, change: CampaignChange) {
        let Some(feed) = self.feed(campaign) else { return };
        if matches!(change, CampaignChange::Edited | CampaignChange::Cancelled) {
            match self.campaign_updated(campaign).await {
                Ok(event) => feed.send_to_all(&encode(&event)),
                // Clients see the campaign's new version in the next frame and fetch the edit themselves.
                Err(error) => tracing::warn!(%error, %campaign, "an edit could not be sent to sockets"),
            }
        }
        feed.request_frame();
    }

    async fn campaign_updated(&self, id: CampaignId) -> Result<ServerEvent> {
        let record = self.sources.campaigns.get(id).await?;
        let campaign = self.sources.rankings.detail(&record).await?;
        Ok(ServerEvent::CampaignUpdated(Box::new(CampaignUpdated {
            campaign_id: id,
            status: campaign.campaign.status,
            start_time: record.rules.start_time,
            end_time: record.rules.end_time,
            reason: record.cancel_reason.clone(),
            campaign,
        })))
    }

    /// Sends a user's account to their sockets, or disconnects them if the user is blocked.
    async fn send_account(&self, user: UserId) {
        if !self.feeds().values().any(|feed| feed.has(user)) {
            return;
        }
        // If the account cannot be read, the socket ends with its session at the latest.
        let Ok(found) = self.accounts.find(user).await else { return };
        match found.filter(|user| user.status == UserStatus::Active) {
            Some(user) => self.account_updated(&user),
            None => self.feeds().values().for_each(|feed| feed.disconnect_user(user)),
        }
    }

    /// Disconnects the sockets of sessions that have ended.
    fn sessions_ended(&self, user: UserId, ended: &[EndedSession]) {
        let sessions: HashSet<SessionId> = ended.iter().map(|session| session.session_id).collect();
        self.feeds().values().for_each(|feed| feed.disconnect(user, &sessions));
    }

    /// Works in the background until the process stops.
    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, work: impl FnOnce(Arc<Self>) -> F) {
        if let Some(live) = self.this.upgrade() {
            self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(work(live)));
        }
    }

    fn account_updated(&self, user: &User) {
        let event = ServerEvent::AccountUpdated(AccountUpdated { user_id: user.user_id, weight: user.weight });
        let frame = encode(&event);
        self.feeds().values().for_each(|feed| feed.send_to(user.user_id, &frame));
    }

    /// Sends everything again, because events may have been missed.
    fn resync(&self) {
        for feed in self.feeds().values() {
            feed.mark_all_standings_pending();
            feed.request_frame();
        }
        // One pass at a time: whatever asks for another meanwhile gets one after it.
        if self.resyncs.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        self.spawn(async move |live| {
            loop {
                let asked = live.resyncs.load(Ordering::Acquire);
                let pass = async {
                    for user in live.users() {
                        live.send_account(user).await;
                    }
                };
                catch_panic("feed", pass).await;
                if live.resyncs.compare_exchange(asked, 0, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                    return;
                }
            }
        });
    }

    fn users(&self) -> Vec<UserId> {
        self.feeds().values().flat_map(|feed| feed.users()).collect()
    }

    fn feed(&self, campaign: CampaignId) -> Option<Arc<CampaignFeed>> {
        self.feeds().get(&campaign).cloned()
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<CampaignId, Arc<CampaignFeed>>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Live {
    fn handle<'a>(&'a self, event: &'a Event, origin: Origin) -> BoxFuture<'a, ()> {
        async move {
            match event {
                Event::BidsAccepted(campaign, accepted) => self.bids_accepted(*campaign, accepted),
                Event::StandingsPending(campaign, bidders) => self.standings_pending(*campaign, bidders),
                Event::CampaignChanged(campaign, change) => {
                    let (campaign, change) = (*campaign, *change);
                    match origin {
                        Origin::Here => self.campaign_changed(campaign, change).await,
                        Origin::Elsewhere => {
                            self.spawn(move |live| async move { live.campaign_changed(campaign, change).await });
                        }
                    }
                }
                // `CampaignChanged` is announced as well, for every campaign that sells the product.
                Event::ProductChanged => {}
                Event::UserChanged(user) => {
                    let user = *user;
                    self.spawn(move |live| async move { live.send_account(user).await });
                }
                Event::SessionsEnded(user, ended) => self.sessions_ended(*user, ended),
                Event::Resync => self.resync(),
            }
        }
        .boxed()
    }
}
