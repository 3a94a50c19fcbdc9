//! The audit log: what it records and how it is read.

use crate::support::FIRST_PAGE;
use domain::{
    api::accounts::{UpdateUser, UserStatus},
    validated::{Password, Search},
};
use engine::{AuditFilter, SignInSource};
use serde_json::json;
use testkit::{LOCALHOST, PASSWORD, World, eventually};

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

#[tokio::test]
async fn sign_ins_of_admins_and_exports_are_recorded() {
    let world = World::new().await;
    world.member("ann").await;
    let [right, wrong] = [PASSWORD, "a wrong one"].map(|text| Password::claimed(text).expect("a password"));
    let accounts = &world.engine.accounts;
    for (email, password) in [(&*world.admin.email, &wrong), (&world.admin.email, &right), ("ann@test.example", &wrong)]
    {
        let _ = accounts
            .sign_in(email, password, SignInSource { user_agent: "curl/8", ..SignInSource::at(LOCALHOST) })
            .await;
    }
    let campaign = world.campaign(&world.product(5).await, 1).await;
    let log = &world.engine.audit_log;
    log.record_export(&world.admin, Some(campaign), "orders").await.expect("records");
    log.record_export(&world.admin, None, "audit").await.expect("records");
    // Sign-ins are recorded in the background.
    let entries = eventually("all are recorded", async || {
        let page = log.search(&world.admin, AuditFilter::of(&Search::all()), FIRST_PAGE).await.expect("reads");
        (page.total == 7).then_some(page.entries)
    })
    .await;
    let entry = |action: &str| entries.iter().find(|entry| entry.action == action).expect("recorded");
    let admin = world.admin.user_id;
    assert_eq!((entry("user.sign_in").actor_id, entry("user.sign_in").subject_id), (Some(admin), admin.0));
    let signed_in = &entry("user.sign_in").after;
    assert_eq!((&signed_in["network"], &signed_in["user_agent"]), (&json!("127.0.0.1"), &json!("curl/8")));
    let refused = entry("user.refuse_sign_in");
    assert_eq!((refused.actor_id, refused.subject_id), (None, admin.0));
    assert_eq!(
        (entry("campaign.export").subject_id, &entry("campaign.export").after["file"]),
        (campaign.0, &json!("orders"))
    );
    assert_eq!((entry("user.export").actor_id, &entry("user.export").after["file"]), (Some(admin), &json!("audit")));
}
