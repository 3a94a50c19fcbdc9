//! The audit log: what it records and how it is read.

use crate::support::FIRST_PAGE;
use domain::{
    api::accounts::{UpdateUser, UserStatus},
    validated::Search,
};
use engine::AuditFilter;
use testkit::World;

#[tokio::test]
async fn an_entry_has_the_values_before_and_after() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let product = world.product(5).await;
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, ann.user_id, block).await.expect("blocks");
    let log =
        world.engine.audit_log.search(&world.admin, AuditFilter::of(&Search::all()), FIRST_PAGE).await.expect("reads");
    assert_eq!(log.total, 3);
    let [blocked, created, admin] = &log.entries[..] else { panic!("{log:?}") };
    // By the command line.
    assert_eq!((admin.action.as_str(), admin.subject_id), ("user.create", world.admin.user_id.0));
    assert_eq!((admin.actor_id, &admin.actor_email), (None, &None));
    assert_eq!((created.action.as_str(), created.subject_id), ("product.create", product.product_id.0));
    assert_eq!((&created.before, created.after["stock"].as_i64()), (&None, Some(5)));
    assert_eq!((blocked.action.as_str(), blocked.subject_id), ("user.update", ann.user_id.0));
    assert_eq!(blocked.before.as_ref().expect("it was")["status"], "active");
    assert_eq!(blocked.after["status"], "inactive");
    assert_eq!(blocked.actor_email.as_deref(), Some(world.admin.email.as_str()));

    let after = async |id| world.engine.audit_log.entries_after(&world.admin, id, 1).await.expect("reads");
    assert_eq!(after(0).await[0], *admin);
    assert_eq!(after(admin.audit_id).await[0], *created);
    assert_eq!(after(created.audit_id).await[0], *blocked);
    assert!(after(blocked.audit_id).await.is_empty());
}
