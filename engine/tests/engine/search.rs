//! Searches of the admin lists.

use crate::support::FIRST_PAGE;
use domain::{
    CampaignStatus, UserId,
    api::products::{CreateProduct, ProductStatus, UpdateProduct},
    validated::{Page, Search, Stock},
};
use engine::{AuditFilter, AuditSubject};
use testkit::{World, price};

fn wanted(text: &str) -> Search {
    text.parse().expect("a search")
}

#[tokio::test]
async fn products_campaigns_and_audit_entries_are_found_by_a_part_of_a_name() {
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

    let log = &engine.audit_log;
    let filtered = async |search: &str, actions: &[String], subject| {
        let search = wanted(search);
        let filter = AuditFilter { actions, subject, ..AuditFilter::of(&search) };
        log.search(admin, filter, FIRST_PAGE).await.expect("reads")
    };
    let entries = async |search: &str| filtered(search, &[], None).await.total;
    assert_eq!(entries("").await, 6, "with the creation of the admin");
    assert_eq!(entries("campaign.CREATE").await, 2);
    assert_eq!(entries(&cotton.product_id.to_string()).await, 3, "created, sold, withdrawn");
    assert_eq!(entries("nobody").await, 0);
    let meant = ["campaign.create".to_owned(), "product.update".to_owned()];
    let found = filtered("made or edited", &meant, None).await;
    assert_eq!((found.total, found.entries.len()), (3, 3), "two campaigns, one edit of a product");
    assert_eq!(filtered("made or edited", &meant, Some(AuditSubject::Product)).await.total, 1);
    assert_eq!(filtered("", &[], Some(AuditSubject::Campaign)).await.total, 2);
    assert_eq!(filtered("", &[], Some(AuditSubject::User)).await.total, 1);

    let all = wanted("");
    let count = async |filter| log.search(admin, filter, FIRST_PAGE).await.expect("reads").total;
    let filter = AuditFilter::of(&all);
    assert_eq!(count(AuditFilter { actor: Some(admin.user_id), ..filter }).await, 5, "not its own creation");
    assert_eq!(count(AuditFilter { actor: Some(UserId(uuid::Uuid::nil())), ..filter }).await, 0);
    // By PostgreSQL's clock.
    let newest = log.search(admin, filter, FIRST_PAGE).await.expect("reads").entries[0].created_at;
    assert_eq!(count(AuditFilter { from: Some(newest), ..filter }).await, 1);
    assert_eq!(count(AuditFilter { until: Some(newest), ..filter }).await, 5);
}

#[tokio::test]
async fn users_are_found_by_a_part_of_their_name_or_address() {
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
