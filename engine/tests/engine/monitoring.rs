//! Samples of running campaigns, and statistics of a process.

use domain::CampaignId;
use testkit::{World, eventually, noon};

#[tokio::test]
async fn a_running_campaign_is_sampled_once_for_all_processes() {
    let world = World::new().await;
    world.at(-1000);
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let other = world.another_process().await;
    world.engine.start();
    other.start();
    world.at(1500);
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    world.bid(&ann, campaign, 90_000).await;
    let samples = async || other.monitoring.campaign_samples(&world.admin, campaign).await.expect("reads");
    eventually("there is a sample", async || samples().await.last().copied()).await;
    world.bid(&bob, campaign, 95_000).await;
    world.at(3900);
    let last = eventually("there is a later sample", async || {
        samples().await.last().copied().filter(|sample| sample.taken_at == noon().plus_millis(3900))
    })
    .await;
    assert_eq!((last.participants, last.bids), (2, 2));
    let ranking = other.rankings.ranking(campaign, None).await.expect("a ranking");
    assert_eq!((last.min_winning_score, last.max_score), (ranking.min_winning_score, ranking.max_score));
    // Too soon for a third. The first sample of another campaign shows that both were looked at.
    world.at(4700);
    let late = world.campaign(&world.product(5).await, 1).await;
    let late_samples = async || other.monitoring.campaign_samples(&world.admin, late).await.expect("reads");
    eventually("the other campaign has a sample", async || late_samples().await.last().copied()).await;
    assert_eq!(samples().await.len(), 2);
    assert!(
        other.monitoring.campaign_samples(&world.admin, CampaignId(uuid::Uuid::nil())).await.expect("reads").is_empty()
    );
}

#[tokio::test]
async fn a_process_reports_its_own_statistics() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let before = world.engine.monitoring.process_stats(&world.admin).expect("numbers");
    world.engine.start();
    let ann = world.member("ann").await;
    let mut prices = 90_000..;
    // What came before the first sample does not count as recent.
    let numbers = eventually("ten bids are recent", async || {
        world.bid(&ann, campaign, prices.next()?).await;
        Some(world.engine.monitoring.process_stats(&world.admin).expect("numbers"))
            .filter(|numbers| numbers.recent_bids >= 10)
    })
    .await;
    assert_eq!(numbers.process, before.process);
    let (p50, p99) = (numbers.latency_p50_s.expect("bids"), numbers.latency_p99_s.expect("bids"));
    assert!(0.0 < p50 && p50 <= p99, "{numbers:?}");
    assert_ne!(
        world.another_process().await.monitoring.process_stats(&world.admin).expect("numbers").process,
        before.process
    );
}
