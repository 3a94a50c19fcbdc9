//! Settings of PostgreSQL sessions and, behind a pooler, of transactions.

use domain::{api::bids::PlaceBid, validated::Page};
use engine::{Engine, EngineConfig};
use futures_util::poll;
use sqlx::{AssertSqlSafe, raw_sql};
use std::pin::pin;
use testkit::{World, price};
use tokio::task::yield_now;

fn direct(world: &World, database_pooled: bool) -> EngineConfig {
    EngineConfig { database_pooled, ..world.stores.direct_config() }
}

#[tokio::test]
async fn a_bid_insists_on_being_on_disk_and_bounds_its_session_whatever_the_database_is_set_to() {
    let world = World::new().await;
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&world.pool).await.expect("a name");
    let off = AssertSqlSafe(format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    raw_sql(off).execute(&world.pool).await.expect("may be set");
    let insist = "CREATE FUNCTION insist() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                      IF current_setting('synchronous_commit') <> 'on' THEN RAISE EXCEPTION 'not on disk'; END IF;
                      IF '0' IN (current_setting('statement_timeout'), current_setting('lock_timeout'),
                          current_setting('idle_in_transaction_session_timeout'))
                      THEN RAISE EXCEPTION 'without bounds'; END IF;
                      RETURN NEW;
                  END $$;
                  CREATE TRIGGER insist BEFORE INSERT ON bids FOR EACH ROW EXECUTE FUNCTION insist()";
    raw_sql(insist).execute(&world.pool).await.expect("a trigger");
    let product = world.product(10).await;
    let campaign = world.campaign(&product, 5).await;
    world.at(1000);
    for pooled in [false, true] {
        let engine = Engine::connect_with_clock(direct(&world, pooled), world.clock.clone()).await.expect("connects");
        let bidder = world.member(if pooled { "pooled" } else { "direct" }).await;
        let bid = PlaceBid { campaign_id: campaign, price: price(90_000), user_id: None };
        engine.bidding.place(&bidder, bid).await.expect("accepted, and on disk");
    }
}

#[tokio::test]
async fn migrations_do_not_go_through_a_pooler() {
    let world = World::new().await;
    let connect =
        async |pooled| Engine::connect_with_clock(direct(&world, pooled), world.clock.clone()).await.expect("connects");
    connect(false).await.migrate().await.expect("is up to date");
    let refused = connect(true).await.migrate().await.expect_err("needs a session");
    assert!(refused.to_string().contains("DATABASE_URL"), "{refused}");
}

/// Whoever goes away in the middle of `BEGIN` leaves a transaction open of which the driver does not know. What is written in
/// it later would never be committed.
#[tokio::test]
async fn what_is_written_after_a_read_was_given_up_is_committed() {
    let world = World::new().await;
    let user = world.member("ann").await;
    let mut saved = 0;
    for _ in 0..20 {
        // Given up after ever more steps.
        for steps in 0..12 {
            {
                let mut read = pin!(world.engine.orders.my_orders(user.user_id, Page { skip: 0, limit: 1 }));
                for _ in 0..steps {
                    if poll!(&mut read).is_ready() {
                        break;
                    }
                    yield_now().await;
                }
            }
            world.engine.saved_forms.save(None, "{}").await.expect("saves");
            saved += 1;
            let committed: i64 =
                sqlx::query_scalar("SELECT count(*) FROM kept_forms").fetch_one(&world.pool).await.expect("counts");
            assert_eq!(committed, saved, "given up after {steps} steps");
        }
    }
}
