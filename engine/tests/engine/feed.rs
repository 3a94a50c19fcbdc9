//! The live feed: what sockets receive.

use domain::ws::ServerEvent;
use engine::Subscription;
use testkit::World;

/// The next event that `wanted` picks out.
async fn next<T>(feed: &mut Subscription, what: &str, mut wanted: impl FnMut(ServerEvent) -> Option<T>) -> T {
    let found = async {
        loop {
            let frame = feed.next().await.expect("the room is open");
            if let Some(found) = wanted(serde_json::from_slice(&frame).expect("an event")) {
                return found;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), found).await.unwrap_or_else(|_| panic!("no {what}"))
}

#[tokio::test]
async fn a_ranking_comes_on_connect_and_on_change() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let ann = world.member("ann").await;
    let mut spectator = world.engine.subscribe(campaign, None).await.expect("opens");
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
async fn bidders_hear_of_their_bids_and_of_being_overtaken() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    let mut feed = world.engine.subscribe(campaign, Some(ann.user_id)).await.expect("opens");
    let placed = world.bid(&ann, campaign, 90_000).await;
    let accepted = next(&mut feed, "bid_accepted", |event| match event {
        ServerEvent::BidAccepted(accepted) => Some(accepted),
        _ => None,
    })
    .await;
    assert_eq!((accepted.bid_id, accepted.rank, accepted.score), (placed.bid_id, 1, placed.score));
    // Ann's first rank must have been seen before it can change.
    next(&mut feed, "own row", |event| match event {
        ServerEvent::RankingUpdate(update) => (update.total_participants == 1).then_some(()),
        _ => None,
    })
    .await;
    world.bid(&bob, campaign, 100_000).await;
    let changed = next(&mut feed, "rank_changed", |event| match event {
        ServerEvent::RankChanged(changed) => Some(changed),
        _ => None,
    })
    .await;
    assert_eq!((changed.rank, changed.previous_rank, changed.is_winning), (2, Some(1), false));
}

#[tokio::test]
async fn everyone_hears_how_it_ended_in_any_process_and_even_late() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    world.bid(&ann, campaign, 90_000).await;
    world.bid(&bob, campaign, 100_000).await;
    let other_process = world.another_process().await;
    let mut winner = world.engine.subscribe(campaign, Some(bob.user_id)).await.expect("opens");
    let mut loser = other_process.subscribe(campaign, Some(ann.user_id)).await.expect("opens");
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
    let mut late = other_process.subscribe(campaign, None).await.expect("opens");
    let seen = next(&mut late, "campaign_ended", ended).await;
    assert_eq!((seen.is_winner, seen.final_rank, seen.min_winning_score), (false, None, won.final_score));
}

#[tokio::test]
async fn edits_are_told() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let mut feed = world.engine.subscribe(campaign, None).await.expect("opens");
    let end_time = testkit::noon().plus_millis(90_000);
    let change = domain::api::campaigns::UpdateCampaign { end_time: Some(end_time), ..Default::default() };
    world.engine.update_campaign(&world.admin, campaign, change).await.expect("extends");
    let updated = next(&mut feed, "campaign_updated", |event| match event {
        ServerEvent::CampaignUpdated(updated) => Some(updated),
        _ => None,
    })
    .await;
    assert_eq!(updated.end_time, end_time);
}
