//! The live feed: what sockets receive.

use domain::{
    SessionId, UserId, Weight,
    api::{accounts::UpdateUser, bids::PlaceBid, products::UpdateProduct},
    websocket_events::{BidAccepted, RankChanged, ServerEvent},
};
use engine::{Subscription, TokenSession};
use testkit::{World, noon};
use uuid::Uuid;

/// A session of a user, as a websocket names it.
fn session_of(user_id: UserId) -> TokenSession {
    let (issued_at, expires_at) = (noon(), noon().plus_millis(3_600_000));
    TokenSession { session_id: SessionId(Uuid::from_u128(1)), user_id, scope: None, issued_at, expires_at }
}

/// The next event that `wanted` picks out.
async fn next<T>(feed: &mut Subscription, what: &str, mut wanted: impl FnMut(ServerEvent) -> Option<T>) -> T {
    let mut passed_over = Vec::new();
    let found = async {
        loop {
            let frame = feed.next().await.expect("the feed is open");
            if let Some(found) = wanted(serde_json::from_slice(&frame).expect("an event")) {
                return found;
            }
            passed_over.push(String::from_utf8_lossy(&frame).chars().take(200).collect::<String>());
        }
    };
    let found = tokio::time::timeout(std::time::Duration::from_secs(20), found).await;
    found.unwrap_or_else(|_| panic!("no {what}, only {passed_over:#?}"))
}

#[tokio::test]
async fn a_ranking_comes_on_connect_and_on_change() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let ann = world.member("ann").await;
    let mut spectator = world.engine.live.subscribe(campaign, None).await.expect("opens");
    let ranking = |event| match event {
        ServerEvent::RankingUpdate(update) => Some(update),
        _ => None,
    };
    let first = next(&mut spectator, "ranking", ranking).await;
    assert_eq!((first.total_participants, first.top_k.len()), (0, 0));
    world.bid(&ann, campaign, 90_000).await;
    let mut version = first.version;
    let changed = next(&mut spectator, "changed ranking", |event| {
        let update = ranking(event)?;
        assert!(update.version >= version, "the version goes back");
        version = update.version;
        (update.total_participants == 1).then_some(update)
    })
    .await;
    assert_eq!(changed.top_k[0].user_id, ann.user_id);
}

#[tokio::test]
async fn bidders_receive_their_accepted_bids_and_rank_changes() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    let mut feed = world.engine.live.subscribe(campaign, Some(session_of(ann.user_id))).await.expect("opens");
    let placed = world.bid(&ann, campaign, 90_000).await;
    let accepted = next(&mut feed, "bid_accepted", |event| match event {
        ServerEvent::BidAccepted(accepted) => Some(accepted),
        _ => None,
    })
    .await;
    assert_eq!((accepted.bid_id, accepted.rank, accepted.score), (placed.bid_id, 1, placed.score));
    world.bid(&bob, campaign, 100_000).await;
    let changed = next(&mut feed, "rank_changed", |event| match event {
        ServerEvent::RankChanged(changed) => Some(changed),
        _ => None,
    })
    .await;
    assert_eq!((changed.rank, changed.previous_rank, changed.is_winning), (2, Some(1), false));
}

/// What an event says about a bidder's standing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct StandingEvent {
    rank: u64,
    wins: bool,
    previous_rank: Option<u64>,
    version: u64,
}

impl StandingEvent {
    /// From `rank_changed` or `bid_accepted`.
    fn of(event: &ServerEvent, quota: u64) -> Option<Self> {
        match event {
            ServerEvent::RankChanged(RankChanged { rank, is_winning, previous_rank, version, .. }) => {
                assert_eq!(*is_winning, *rank <= quota);
                Some(Self { rank: *rank, wins: *is_winning, previous_rank: *previous_rank, version: *version })
            }
            ServerEvent::BidAccepted(BidAccepted { rank, version, .. }) => {
                Some(Self { rank: *rank, wins: *rank <= quota, previous_rank: None, version: *version })
            }
            _ => None,
        }
    }
}

/// The next event with this rank.
async fn standing_with_rank(feed: &mut Subscription, quota: u64, rank: u64) -> StandingEvent {
    next(feed, "standing", |event| StandingEvent::of(&event, quota).filter(|standing| standing.rank == rank)).await
}

#[tokio::test]
async fn a_bidder_who_is_outbid_at_once_is_told() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 1).await;
    let members = world.members(3).await;
    let mut feed = world.engine.live.subscribe(campaign, Some(session_of(members[1].user_id))).await.expect("opens");
    world.bid(&members[0], campaign, 90_000).await;
    // Both before the feed makes its next frame.
    let answer = world.bid(&members[1], campaign, 91_000).await;
    world.bid(&members[2], campaign, 92_000).await;
    assert_eq!(answer.rank, 1);
    let standing = standing_with_rank(&mut feed, 1, 2).await;
    let mine = world.engine.rankings.my_standing(&members[1], campaign).await.expect("reads");
    assert_eq!((mine.rank, mine.version), (Some(standing.rank), standing.version));
}

#[tokio::test]
async fn a_socket_that_comes_late_is_told_where_its_bidder_stands() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 1).await;
    let members = world.members(2).await;
    world.bid(&members[0], campaign, 90_000).await;
    world.bid(&members[1], campaign, 91_000).await;
    // In a process that has received no event about these bids.
    let elsewhere = world.another_process().await;
    for (member, rank) in [(&members[0], 2), (&members[1], 1)] {
        let mut feed = elsewhere.live.subscribe(campaign, Some(session_of(member.user_id))).await.expect("opens");
        assert_eq!(standing_with_rank(&mut feed, 1, rank).await.previous_rank, None);
    }
}

#[tokio::test]
async fn an_answer_that_no_event_repeats_is_followed_by_the_standing() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(5).await, 2).await;
    let members = world.members(2).await;
    world.bid(&members[0], campaign, 90_000).await;
    world.bid(&members[1], campaign, 91_000).await;
    let mut feed = world.engine.live.subscribe(campaign, Some(session_of(members[0].user_id))).await.expect("opens");
    standing_with_rank(&mut feed, 2, 2).await;
    let lower = PlaceBid { campaign_id: campaign, price: testkit::price(80_000), user_id: None };
    let unchanged = world.engine.bidding.place(&members[0], lower).await.expect("has no effect");
    assert_eq!((unchanged.improved, unchanged.rank), (false, 2));
    standing_with_rank(&mut feed, 2, 2).await;
}

#[tokio::test]
async fn leaving_the_winning_places_is_told_beyond_the_board() {
    let world = World::new().await;
    let campaign = world.price_only_campaign(&world.product(150).await, 150).await;
    let members = world.members(151).await;
    for (n, member) in (0..).zip(&members[..150]) {
        world.bid(member, campaign, 100_000 - n).await;
    }
    let mut last = world.engine.live.subscribe(campaign, Some(session_of(members[149].user_id))).await.expect("opens");
    standing_with_rank(&mut last, 150, 150).await;
    world.bid(&members[150], campaign, 200_000).await;
    // Together with the frame that shows the bid: of the messages after that frame, the standing is the first.
    let mut has_changed = false;
    let standing = next(&mut last, "standing with the frame", |event| match event {
        ServerEvent::RankingUpdate(update) if update.total_participants == 151 => {
            assert!(!has_changed, "a frame later");
            has_changed = true;
            None
        }
        event => StandingEvent::of(&event, 150).filter(|standing| !standing.wins),
    })
    .await;
    assert_eq!((standing.rank, standing.previous_rank), (151, Some(150)));
}

#[tokio::test]
async fn everyone_receives_the_result_in_any_process_and_even_late() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    world.bid(&ann, campaign, 90_000).await;
    world.bid(&bob, campaign, 100_000).await;
    let other_process = world.another_process().await;
    let mut winner = world.engine.live.subscribe(campaign, Some(session_of(bob.user_id))).await.expect("opens");
    let mut loser = other_process.live.subscribe(campaign, Some(session_of(ann.user_id))).await.expect("opens");
    world.engine.start();
    world.at(60_000);
    let ended = |event| match event {
        ServerEvent::CampaignEnded(ended) => Some(ended),
        _ => None,
    };
    let won = next(&mut winner, "campaign_ended", ended).await;
    assert_eq!((won.is_winner, won.final_rank), (true, Some(1)));
    let lost = next(&mut loser, "campaign_ended", ended).await;
    assert_eq!((lost.is_winner, lost.final_rank), (false, Some(2)));
    let mut late = other_process.live.subscribe(campaign, None).await.expect("opens");
    let seen = next(&mut late, "campaign_ended", ended).await;
    assert_eq!((seen.is_winner, seen.final_rank, seen.min_winning_score), (false, None, won.final_score));
}

#[tokio::test]
async fn edits_are_sent() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let mut feed = world.engine.live.subscribe(campaign, None).await.expect("opens");
    let end_time = noon().plus_millis(90_000);
    let change = domain::api::campaigns::UpdateCampaign { end_time: Some(end_time), ..Default::default() };
    world.engine.campaigns.update(&world.admin, campaign, change).await.expect("extends");
    let updated = next(&mut feed, "campaign_updated", |event| match event {
        ServerEvent::CampaignUpdated(updated) => Some(updated),
        _ => None,
    })
    .await;
    assert_eq!(updated.end_time, end_time);
    assert_eq!(updated.campaign.campaign.end_time, end_time);
}

#[tokio::test]
async fn edits_of_the_product_and_of_the_account_are_told_in_every_process() {
    let world = World::new().await;
    let product = world.product(5).await;
    let campaign = world.campaign(&product, 1).await;
    let ann = world.member("ann").await;
    let elsewhere = world.another_process().await;
    elsewhere.start();
    let mut feed = elsewhere.live.subscribe(campaign, Some(session_of(ann.user_id))).await.expect("opens");
    let weight = |wanted: Weight| {
        move |event| match event {
            ServerEvent::AccountUpdated(account) => (account.weight == wanted).then_some(account.user_id),
            _ => None,
        }
    };
    next(&mut feed, "account on connect", weight(Weight::NEW_USER)).await;
    let dearer = UpdateProduct { min_price: Some(testkit::price(85_000)), ..Default::default() };
    world.engine.products.update(&world.admin, product.product_id, dearer).await.expect("edits");
    let updated = next(&mut feed, "campaign_updated", |event| match event {
        ServerEvent::CampaignUpdated(updated) => Some(updated),
        _ => None,
    })
    .await;
    assert_eq!(updated.campaign.campaign.product.min_price, testkit::price(85_000));
    let heavier = Weight::new(2.5).expect("in range");
    let change = UpdateUser { weight: Some(heavier), status: None };
    world.engine.accounts.update_user(&world.admin, ann.user_id, change).await.expect("edits");
    assert_eq!(next(&mut feed, "account_updated", weight(heavier)).await, ann.user_id);
    // A client that missed the event finds the campaign's version in a frame. One that was being made during the edit
    // may still come before it.
    let version = updated.campaign.campaign.version;
    next(&mut feed, "frame with the campaign's version", |event| match event {
        ServerEvent::RankingUpdate(update) => (update.campaign_version == version).then_some(()),
        _ => None,
    })
    .await;
}
