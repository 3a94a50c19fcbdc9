//! Saved forms: who finds them, and how many there can be.

use engine::SavedForm;
use testkit::World;

#[tokio::test]
async fn a_form_is_found_by_its_owner_for_a_day() {
    let world = World::new().await;
    let (ann, bob) = (world.member("ann").await.user_id, world.member("bob").await.user_id);
    let fields = r#"{"description":"兩\r\n行\u0000"}"#;
    let id = world.engine.saved_forms.save(Some(ann), fields).await.expect("saves").expect("an id");
    let find = async |who| world.engine.saved_forms.find(who, &id).await.expect("reads");
    assert_eq!(find(Some(ann)).await, Some(SavedForm { fields: fields.to_owned(), is_own: true }));
    assert_eq!((find(Some(bob)).await, find(None).await), (None, None));
    for nothing in ["", "x", "00000000000000000000000000000000"] {
        assert_eq!(world.engine.saved_forms.find(Some(ann), nothing).await.expect("reads"), None, "{nothing}");
    }
    sqlx::query("UPDATE kept_forms SET kept_at = now() - interval '1 day'").execute(&world.pool).await.expect("ages");
    assert_eq!(find(Some(ann)).await, None);
    world.engine.saved_forms.save(Some(bob), "{}").await.expect("saves");
    assert_eq!(count(&world).await, 1, "expired forms are deleted");
}

#[tokio::test]
async fn saved_forms_are_bounded() {
    let world = World::new().await;
    let ann = world.member("ann").await.user_id;
    let first = world.engine.saved_forms.save(Some(ann), "{}").await.expect("saves").expect("an id");
    for _ in 0..60 {
        world.engine.saved_forms.save(Some(ann), "{}").await.expect("saves");
    }
    assert_eq!(count(&world).await, 50, "the newest remain");
    assert_eq!(world.engine.saved_forms.find(Some(ann), &first).await.expect("reads"), None);
    let long = format!(r#"{{"email":"{}"}}"#, "x".repeat(4096));
    assert_eq!(
        world.engine.saved_forms.save(None, &long).await.expect("answers"),
        None,
        "too long for an anonymous visitor"
    );
    assert!(world.engine.saved_forms.save(Some(ann), &long).await.expect("saves").is_some());
    let short = world.engine.saved_forms.save(None, "{}").await.expect("saves").expect("an id");
    let found = world.engine.saved_forms.find(Some(ann), &short).await.expect("reads");
    assert_eq!(found, Some(SavedForm { fields: "{}".to_owned(), is_own: false }), "once signed in");
    sqlx::query(
        "INSERT INTO kept_forms (form_id, fields) SELECT gen_random_uuid(), '{}' FROM generate_series(1, 1500)",
    )
    .execute(&world.pool)
    .await
    .expect("fills");
    world.engine.saved_forms.save(None, "{}").await.expect("saves");
    assert_eq!(count(&world).await, 50 + 1000, "anonymous visitors do not fill the database");
}

async fn count(world: &World) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM kept_forms").fetch_one(&world.pool).await.expect("counts")
}
