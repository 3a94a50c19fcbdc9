//! What only admins see, and that nobody else does.

use domain::{
    CampaignId, CampaignStatus, ErrorCode, UserId,
    api::{
        accounts::{UpdateUser, UserStatus},
        campaigns::{CancelCampaign, UpdateCampaign},
        products::{CreateProduct, ProductStatus, UpdateProduct},
    },
    validated::{Page, Quota, Search, Stock},
};
use engine::Error;
use testkit::{World, eventually, minute, noon, price};

const FIRST_PAGE: Page = Page { skip: 0, limit: 100 };

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().map(|error| error.code()).expect("refused")
}

fn wanted(text: &str) -> Search {
    text.parse().expect("a search")
}

#[tokio::test]
async fn everything_is_for_admins_only() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let (engine, ann) = (&world.engine, world.member("ann").await);
    let codes = [
        code(engine.products.stock_list(&ann, &Search::all(), FIRST_PAGE).await),
        code(engine.accounts.users(&ann, &Search::all(), FIRST_PAGE).await),
        code(engine.accounts.user(&ann, ann.user_id).await),
        code(engine.audit_log.search(&ann, &Search::all(), FIRST_PAGE).await),
        code(engine.audit_log.entries_after(&ann, 0, 10).await),
        code(engine.monitoring.campaign_history(&ann, campaign).await),
        code(engine.orders.settlement_audit(&ann, campaign).await),
        code(engine.exports.orders_after(&ann, campaign, 0, 10).await),
        code(engine.exports.bids_after(&ann, campaign, 0, 10).await),
        code(engine.exports.participants_after(&ann, campaign, UserId(uuid::Uuid::nil()), 10).await),
        code(engine.monitoring.process_stats(&ann)),
    ];
    assert!(codes.iter().all(|code| *code == ErrorCode::AdminRequired), "{codes:?}");
}

#[tokio::test]
async fn a_products_promises_are_those_of_its_open_campaigns() {
    let world = World::new().await;
    let (first, second) = (world.product(10).await, world.product(7).await);
    world.campaign(&first, 4).await;
    let cancelled = world.campaign(&first, 3).await;
    let reason = CancelCampaign { reason: "no more".parse().expect("a reason") };
    world.engine.campaigns.cancel(&world.admin, cancelled, reason).await.expect("cancels");
    let withdraw = UpdateProduct { status: Some(ProductStatus::Inactive), ..UpdateProduct::default() };
    world.engine.products.update(&world.admin, second.product_id, withdraw).await.expect("withdraws");

    let list = world.engine.products.stock_list(&world.admin, &Search::all(), FIRST_PAGE).await.expect("lists");
    let seen: Vec<_> =
        list.products.iter().map(|s| (s.product.product_id, s.product.stock, s.promised, s.free())).collect();
    assert_eq!(seen, [(second.product_id, 7, 0, 7), (first.product_id, 10, 4, 6)], "withdrawn ones, too");
    assert_eq!(list.total, 2);
    let one = world.engine.products.stock_of(&world.admin, first.product_id).await.expect("found");
    assert_eq!(one, list.products[1]);
}

#[tokio::test]
async fn products_campaigns_and_deeds_are_found_by_a_part_of_a_name() {
    let world = World::new().await;
    let named = async |name: &str| {
        let product = CreateProduct {
            name: name.parse().expect("a name"),
            description: None,
            image_url: None,
            stock: Stock::new(5).expect("in range"),
            min_price: price(100),
        };
        world.engine.products.create(&world.admin, product).await.expect("a product")
    };
    let (wool, cotton) = (named("Wool 100% soft_touch").await, named("Cotton 50").await);
    let (of_wool, of_cotton) = (world.campaign(&wool, 1).await, world.campaign(&cotton, 1).await);
    let withdraw = UpdateProduct { status: Some(ProductStatus::Inactive), ..UpdateProduct::default() };
    world.engine.products.update(&world.admin, cotton.product_id, withdraw).await.expect("withdraws");

    let (engine, admin) = (&world.engine, &world.admin);
    let found = async |search: &str| {
        let search = wanted(search);
        let products = engine.products.stock_list(admin, &search, FIRST_PAGE).await.expect("lists");
        let offered = engine.products.offered_stock_list(admin, &search, FIRST_PAGE).await.expect("lists");
        let campaigns = engine.campaigns.search(&search, FIRST_PAGE, None).await.expect("lists");
        assert_eq!(usize::try_from(products.total), Ok(products.products.len()));
        assert_eq!(usize::try_from(offered.total), Ok(offered.products.len()));
        assert_eq!(usize::try_from(campaigns.total), Ok(campaigns.campaigns.len()));
        let products: Vec<_> = products.products.into_iter().map(|it| it.product.product_id).collect();
        let campaigns: Vec<_> = campaigns.campaigns.into_iter().map(|it| it.campaign_id).collect();
        (products, offered.products.len(), campaigns)
    };
    assert_eq!(found(" wOOL ").await, (vec![wool.product_id], 1, vec![of_wool]));
    assert_eq!(found("cotton").await, (vec![cotton.product_id], 0, vec![of_cotton]), "withdrawn");
    assert_eq!(found("0%").await.0, [wool.product_id], "no wildcard");
    assert_eq!(found("_").await.0, [wool.product_id], "no wildcard");
    assert_eq!(found("linen").await, (vec![], 0, vec![]));
    assert_eq!(found("").await.0.len(), 2);
    let ended = engine.campaigns.search(&wanted("wool"), FIRST_PAGE, Some(CampaignStatus::Ended)).await;
    assert_eq!(ended.expect("lists").total, 0);

    let deeds =
        async |search: &str| engine.audit_log.search(admin, &wanted(search), FIRST_PAGE).await.expect("reads").total;
    assert_eq!(deeds("").await, 5);
    assert_eq!(deeds("campaign.CREATE").await, 2);
    assert_eq!(deeds(&cotton.product_id.to_string()).await, 3, "made, sold, withdrawn");
    assert_eq!(deeds("nobody").await, 0);
}

#[tokio::test]
async fn a_withdrawn_product_gets_no_more_campaigns() {
    let world = World::new().await;
    world.at(-1000);
    let (product, other) = (world.product(5).await, world.product(5).await);
    let (campaign, of_other) = (world.campaign(&product, 1).await, world.campaign(&other, 1).await);
    let withdraw = UpdateProduct { status: Some(ProductStatus::Inactive), ..UpdateProduct::default() };
    world.engine.products.update(&world.admin, product.product_id, withdraw).await.expect("withdraws");
    let made = world.engine.campaigns.create(&world.admin, minute(&product)).await;
    assert_eq!(code(made), ErrorCode::Conflict);
    let to_it = UpdateCampaign { product_id: Some(product.product_id), ..UpdateCampaign::default() };
    assert_eq!(code(world.engine.campaigns.update(&world.admin, of_other, to_it.clone()).await), ErrorCode::Conflict);
    // The one it has goes on, and may be edited.
    let change = UpdateCampaign { quota: Quota::new(2), ..to_it };
    let edited = world.engine.campaigns.update(&world.admin, campaign, change).await.expect("edits");
    assert_eq!(edited.quota.get(), 2);
}

#[tokio::test]
async fn before_the_start_a_campaign_may_sell_another_product() {
    let world = World::new().await;
    world.at(-1000);
    let (old, new) = (world.product(5).await, world.product(8).await);
    // The old product's row has changed more often than the new one's.
    for stock in [6, 7, 10] {
        let change = UpdateProduct { stock: Stock::new(stock), ..UpdateProduct::default() };
        world.engine.products.update(&world.admin, old.product_id, change).await.expect("edits");
    }
    let campaign = world.campaign(&old, 6).await;
    let other = world.another_process().await;
    assert_eq!(other.rankings.campaign(campaign).await.expect("cached").campaign.product_id, old.product_id);
    world.campaign(&new, 3).await;

    let to_new = |quota| UpdateCampaign { product_id: Some(new.product_id), quota, ..UpdateCampaign::default() };
    let update = async |change| world.engine.campaigns.update(&world.admin, campaign, change).await;
    // Eight units, of which three are promised: six more are too many.
    assert_eq!(code(update(to_new(None)).await), ErrorCode::InsufficientStock);
    let moved = update(to_new(Quota::new(5))).await.expect("moves");
    assert_eq!((moved.product_id, moved.product.product_id), (new.product_id, new.product_id));
    let promised = async |id| world.engine.products.stock_of(&world.admin, id).await.expect("found").promised;
    assert_eq!((promised(old.product_id).await, promised(new.product_id).await), (0, 8));
    // A process that knows nothing yet reads the copy in Redis, which must have made way.
    let third = world.another_process().await;
    assert_eq!(third.rankings.campaign(campaign).await.expect("found").campaign.product_id, new.product_id);

    let nowhere = UpdateCampaign {
        product_id: Some("00000000-0000-7000-8000-000000000000".parse().expect("an id")),
        ..UpdateCampaign::default()
    };
    assert_eq!(code(update(nowhere).await), ErrorCode::ProductNotFound);
    world.at(0);
    let back = UpdateCampaign { product_id: Some(old.product_id), ..UpdateCampaign::default() };
    assert_eq!(code(update(back).await), ErrorCode::Conflict);
}

#[tokio::test]
async fn two_campaigns_may_change_places_at_once() {
    let world = World::new().await;
    world.at(-1000);
    let (left, right) = (world.product(4).await, world.product(4).await);
    let (a, b) = (world.campaign(&left, 2).await, world.campaign(&right, 2).await);
    let to = |product_id| UpdateCampaign { product_id: Some(product_id), ..UpdateCampaign::default() };
    for turn in 0..10 {
        let (for_a, for_b) = if turn % 2 == 0 { (&right, &left) } else { (&left, &right) };
        let (one, two) = tokio::join!(
            world.engine.campaigns.update(&world.admin, a, to(for_a.product_id)),
            world.engine.campaigns.update(&world.admin, b, to(for_b.product_id)),
        );
        assert_eq!(one.expect("moves").product_id, for_a.product_id);
        assert_eq!(two.expect("moves").product_id, for_b.product_id);
    }
}

#[tokio::test]
async fn members_are_found_by_a_part_of_their_name_or_address() {
    let world = World::new().await;
    let (ann, bob) = (world.member("Ann").await, world.member("bob_50%").await);
    let find = async |search: &str| {
        let list = world.engine.accounts.users(&world.admin, &wanted(search), FIRST_PAGE).await.expect("lists");
        assert_eq!(usize::try_from(list.total), Ok(list.users.len()));
        list.users.into_iter().map(|user| user.user_id).collect::<Vec<_>>()
    };
    assert_eq!(find("").await, [bob.user_id, ann.user_id, world.admin.user_id], "newest first");
    assert_eq!(find(" aNN ").await, [ann.user_id]);
    assert_eq!(find("50%").await, [bob.user_id], "no wildcard");
    assert_eq!(find("_").await, [bob.user_id], "no wildcard");
    assert_eq!(find("@TEST").await.len(), 3);
    assert!(find("nobody").await.is_empty());
    let page =
        world.engine.accounts.users(&world.admin, &Search::all(), Page { skip: 1, limit: 1 }).await.expect("lists");
    assert_eq!((page.users[0].user_id, page.total), (ann.user_id, 3));
    assert_eq!(world.engine.accounts.user(&world.admin, ann.user_id).await.expect("found"), *ann);
}

#[tokio::test]
async fn the_log_tells_before_and_after() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let product = world.product(5).await;
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, ann.user_id, block).await.expect("blocks");
    let log = world.engine.audit_log.search(&world.admin, &Search::all(), FIRST_PAGE).await.expect("reads");
    assert_eq!(log.total, 2);
    let [blocked, created] = &log.entries[..] else { panic!("{log:?}") };
    assert_eq!((created.action.as_str(), created.subject_id), ("product.create", product.product_id.0));
    assert_eq!((&created.before, created.after["stock"].as_i64()), (&None, Some(5)));
    assert_eq!((blocked.action.as_str(), blocked.subject_id), ("user.update", ann.user_id.0));
    assert_eq!(blocked.before.as_ref().expect("it was")["status"], "active");
    assert_eq!(blocked.after["status"], "inactive");
    assert_eq!(blocked.actor_email.as_deref(), Some(world.admin.email.as_str()));

    let after = async |id| world.engine.audit_log.entries_after(&world.admin, id, 1).await.expect("reads");
    let first = after(0).await;
    assert_eq!(first[0], *created);
    assert_eq!(after(first[0].audit_id).await[0], *blocked);
    assert!(after(blocked.audit_id).await.is_empty());
}

#[tokio::test]
async fn exports_go_on_after_the_last_line() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    let other = world.campaign(&world.product(5).await, 2).await;
    let (ann, bob) = (world.member("ann").await, world.member("bob").await);
    for (bidder, id, cents) in
        [(&ann, campaign, 90_000), (&bob, other, 91_000), (&bob, campaign, 92_000), (&ann, campaign, 95_000)]
    {
        world.bid(bidder, id, cents).await;
    }
    let (engine, admin) = (&world.engine, &world.admin);
    let mut bids = Vec::new();
    let mut after = 0;
    while let [line] = &engine.exports.bids_after(admin, campaign, after, 1).await.expect("reads")[..] {
        after = line.accepted_seq;
        bids.push((line.username.clone(), line.bid_number, line.price.cents()));
    }
    let expected = [("ann", 1, 90_000), ("bob", 1, 92_000), ("ann", 2, 95_000)];
    assert_eq!(bids, expected.map(|(name, number, cents)| (name.to_owned(), number, cents)));

    let nobody = UserId(uuid::Uuid::nil());
    let both = engine.exports.participants_after(admin, campaign, nobody, 10).await.expect("reads");
    let rest = engine.exports.participants_after(admin, campaign, both[0].user_id, 10).await.expect("reads");
    assert_eq!((both.len(), &rest[..]), (2, &both[1..]));
    let of_ann = both.iter().find(|line| line.user_id == ann.user_id).expect("took part");
    assert_eq!((of_ann.bids, of_ann.price.cents(), of_ann.email.as_str()), (2, 95_000, ann.email.as_str()));

    assert!(engine.exports.orders_after(admin, campaign, 0, 10).await.expect("reads").is_empty());
    engine.start();
    world.at(60_000);
    let orders = eventually("the campaign is settled", async || {
        let orders = engine.exports.orders_after(admin, campaign, 0, 10).await.expect("reads");
        (orders.len() == 2).then_some(orders)
    })
    .await;
    assert_eq!((orders[0].username.as_str(), orders[0].final_price.cents()), ("ann", 95_000));
    assert_eq!(engine.exports.orders_after(admin, campaign, 1, 10).await.expect("reads"), orders[1..]);
    let unknown = "00000000-0000-7000-8000-000000000000".parse().expect("an id");
    assert_eq!(code(engine.exports.orders_after(admin, unknown, 0, 10).await), ErrorCode::CampaignNotFound);
}

#[tokio::test]
async fn a_settlement_is_proved_and_each_fault_is_named() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    for name in ["ann", "bob", "eve"] {
        let bidder = world.member(name).await;
        world.bid(&bidder, campaign, 90_000 + i64::from(name.as_bytes()[0])).await;
    }
    let proof = async || world.engine.orders.settlement_audit(&world.admin, campaign).await.expect("reads");
    let open = proof().await;
    assert!(open.is_consistent(), "{open:?}");
    assert_eq!((open.settled_at, open.expected_orders(), open.orders), (None, 0, 0));

    world.engine.start();
    world.at(60_000);
    let settled = eventually("the campaign is settled", async || {
        let proof = proof().await;
        proof.settled_at.map(|_| proof)
    })
    .await;
    assert!(settled.is_consistent(), "{settled:?}");
    assert_eq!((settled.orders, settled.expected_orders(), settled.participants, settled.quota), (2, 2, 3, 2));
    assert_eq!((settled.stock_before, settled.stock_moved, settled.stock_now, settled.ledger_sum), (5, 2, 3, 3));

    let run = async |statement: &'static str| {
        sqlx::query(statement).execute(&world.pool).await.expect("the statement runs");
    };
    run("UPDATE products SET stock = stock + 1").await;
    assert!(!proof().await.stock_is_its_ledger());
    run("UPDATE products SET stock = stock - 1").await;
    run("UPDATE orders SET final_price = final_price + 1 WHERE final_rank = 1").await;
    assert_eq!((proof().await.misplaced, proof().await.orders_are_the_best_bids()), (1, false));
    run("UPDATE orders SET final_price = final_price - 1 WHERE final_rank = 1").await;
    run("UPDATE orders SET final_rank = 3 WHERE final_rank = 2").await;
    assert!(!proof().await.ranks_have_no_gap());
    run("DELETE FROM orders WHERE final_rank = 3").await;
    let lost = proof().await;
    assert!(!lost.count_is_right() && !lost.stock_moved_by_orders() && !lost.is_consistent(), "{lost:?}");
}

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
    let samples = async || other.monitoring.campaign_history(&world.admin, campaign).await.expect("reads");
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
    let late_samples = async || other.monitoring.campaign_history(&world.admin, late).await.expect("reads");
    eventually("the other campaign has a sample", async || late_samples().await.last().copied()).await;
    assert_eq!(samples().await.len(), 2);
    assert!(
        other.monitoring.campaign_history(&world.admin, CampaignId(uuid::Uuid::nil())).await.expect("reads").is_empty()
    );
}

#[tokio::test]
async fn a_process_tells_its_own_numbers() {
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
