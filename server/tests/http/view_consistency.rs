//! All views of a ranking agree. After random bids in three processes, the last event of every socket, every page and
//! `/me` show the same standing, and until then no event contradicts another.

use crate::support::{Server, ServerProcess};
use app::campaign_model::{leaderboard::Leaderboard, snapshot::RankingView, versioned_standing::VersionedStanding};
use domain::{
    CampaignId, UserId,
    api::{
        bids::BidOutcome,
        rankings::{MyStanding, RankingRow},
    },
    websocket_events::{RankingUpdate, ServerEvent},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, Mutex},
};
use testkit::eventually;
use tokio::sync::mpsc;

const BIDDERS: usize = 8;
/// Bids of each bidder, one after the other.
const BIDS: usize = 15;
const QUOTA: u64 = 3;

/// The content of every version of the ranking that any process has sent.
type Contents = Arc<Mutex<HashMap<u64, (Vec<RankingRow>, u64)>>>;

/// An open page of a bidder, without its view.
struct Page {
    leaderboard: Leaderboard,
    /// The bidder's standing in the latest event.
    last_event: Option<VersionedStanding>,
    version: u64,
    contents: Contents,
}

impl Page {
    fn new(me: UserId, contents: Contents) -> Self {
        let empty = RankingView { rows: Vec::new(), total: 0, min_winning_score: None, version: 0 };
        Self { leaderboard: Leaderboard::new(empty, QUOTA, Some(me), None), last_event: None, version: 0, contents }
    }

    fn apply_event(&mut self, event: ServerEvent) {
        match event {
            ServerEvent::RankingUpdate(update) => self.apply_ranking(update),
            ServerEvent::BidAccepted(event) => {
                let (rank, score, price, version) = (event.rank, event.score, event.price, event.version);
                self.apply_standing(VersionedStanding { rank, score, price, version });
            }
            ServerEvent::RankChanged(event) => {
                assert_eq!(event.is_winning, event.rank <= QUOTA);
                let (rank, score, price, version) = (event.rank, event.score, event.price, event.version);
                self.apply_standing(VersionedStanding { rank, score, price, version });
            }
            _ => {}
        }
        self.assert_consistent();
    }

    fn apply_ranking(&mut self, update: RankingUpdate) {
        assert!(update.version >= self.version, "the version decreases from {} to {}", self.version, update.version);
        self.version = update.version;
        let content = (update.top_k.clone(), update.total_participants);
        let mut contents = self.contents.lock().expect("no panic");
        let known = contents.entry(update.version).or_insert_with(|| content.clone());
        assert_eq!(*known, content, "version {} has two contents", update.version);
        drop(contents);
        self.leaderboard.apply_ranking(RankingView {
            rows: update.top_k,
            total: update.total_participants,
            min_winning_score: update.min_winning_score,
            version: update.version,
        });
    }

    fn apply_standing(&mut self, standing: VersionedStanding) {
        self.last_event = Some(standing);
        self.leaderboard.apply_standing(standing);
    }

    /// Applies the response to a bid from this page.
    fn apply_response(&mut self, outcome: &BidOutcome) {
        assert_eq!(outcome.is_winning, outcome.rank <= QUOTA);
        let (rank, score, price, version) = (outcome.rank, outcome.score, outcome.price, outcome.version);
        self.leaderboard.apply_standing(VersionedStanding { rank, score, price, version });
        self.assert_consistent();
    }

    fn assert_consistent(&self) {
        let Some(position) = self.leaderboard.position() else {
            assert_eq!(self.leaderboard.my_row(), None);
            return;
        };
        match self.leaderboard.my_row() {
            Some(row) => assert_eq!((position.rank, position.score), (row.rank, row.score)),
            None => {
                assert!(position.rank > self.leaderboard.ranking.rows.len() as u64, "{position:?} is not in the table");
            }
        }
        if let Some(last) = self.leaderboard.ranking.min_winning_score {
            assert!(!position.wins || position.score >= last, "{position:?} is below the line {last:?}");
        }
    }

    /// Whether the latest event and what the page shows agree with `/me`.
    fn agrees_with(&self, mine: &MyStanding) -> bool {
        let received = self.last_event.map(|standing| (Some(standing.rank), Some(standing.score)));
        let shown = self.leaderboard.position().filter(|position| !position.or_lower);
        let shown = shown.map(|position| (Some(position.rank), Some(position.score), Some(position.wins)));
        received.unwrap_or_default() == (mine.rank, mine.score)
            && shown.unwrap_or_default() == (mine.rank, mine.score, mine.is_winning)
            && !self.leaderboard.awaits_ranking()
    }
}

/// Opens a page of a user at a process. The sender passes responses to its bids to the page.
async fn open_page(
    process: &ServerProcess,
    campaign: CampaignId,
    token: &str,
    me: UserId,
    contents: &Contents,
) -> (Arc<Mutex<Page>>, mpsc::UnboundedSender<BidOutcome>) {
    let page = Arc::new(Mutex::new(Page::new(me, contents.clone())));
    let mut socket = process.watch_as(campaign, token).await;
    let (sender, mut responses) = mpsc::unbounded_channel::<BidOutcome>();
    let updated = page.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                event = socket.server_event() => updated.lock().expect("no panic").apply_event(event),
                Some(response) = responses.recv() => updated.lock().expect("no panic").apply_response(&response),
            }
        }
    });
    (page, sender)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_agrees_in_the_end() {
    let seed = std::env::var("GAVEL_TRUTH_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    eprintln!("GAVEL_TRUTH_SEED={seed}");
    let server = Server::start().await;
    server.world.engine.start();
    let quota = i32::try_from(QUOTA).expect("small");
    let campaign = server.world.price_only_campaign(&server.world.product(quota).await, quota).await;
    let others = [server.another_process().await, server.another_process().await];
    let processes: [&ServerProcess; 3] = [&server, &others[0], &others[1]];
    let contents = Contents::default();
    let mut pages = Vec::new();
    let mut members = Vec::new();
    for n in 0..BIDDERS {
        let member = server.member(&format!("bidder{n}")).await;
        let mut pages_of_member = Vec::new();
        for process in [processes[n % 3], processes[(n + 1) % 3]] {
            pages_of_member.push(open_page(process, campaign, &member.token, member.user.user_id, &contents).await);
        }
        pages.push(pages_of_member);
        members.push(member);
    }
    let bidding = (0..).zip(members.iter().zip(&pages)).map(|(n, (member, pages))| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(n));
        async move {
            for _ in 0..BIDS {
                let process = processes[rng.random_range(0..3)];
                let price = rng.random_range(800..2000);
                let response = process.with_token(&member.token).bid(campaign, price).await;
                assert!(response.status.is_success(), "{}", response.text);
                let outcome = serde_json::from_str(&response.text).expect("an outcome");
                pages[rng.random_range(0..2)].1.send(outcome).expect("the page is open");
            }
        }
    });
    futures_util::future::join_all(bidding).await;
    for (member, pages) in members.iter().zip(&pages) {
        let mine = member.get(&format!("/api/v1/rankings/{campaign}/me")).await.json(200);
        let mine: MyStanding = serde_json::from_value(mine).expect("a standing");
        for (page, _) in pages {
            let what = format!("{}'s page agrees with {mine:?}", member.user.username);
            eventually(&what, async || page.lock().expect("no panic").agrees_with(&mine).then_some(())).await;
        }
    }
}
