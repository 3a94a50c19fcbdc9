//! What is stored about a person: returned to them, and erased at their request.

use crate::support::code;
use domain::{
    ErrorCode,
    api::accounts::{ApiKeyScope, ChangePasswordRequest, CreateApiKey},
    validated::Password,
};
use engine::SignInSource;
use secrecy::ExposeSecret;
use testkit::{LOCALHOST, PASSWORD, World, eventually};

async fn sign_in(world: &World, name: &str, agent: &str) -> String {
    sign_in_with(world, name, &Password::claimed(PASSWORD).expect("a password"), agent).await
}

async fn sign_in_with(world: &World, name: &str, password: &Password, agent: &str) -> String {
    let email = format!("{name}@test.example");
    let source = SignInSource { user_agent: agent, ..SignInSource::at(LOCALHOST) };
    let session = world.engine.accounts.sign_in(&email, password, source).await.expect("signs in");
    session.token.expose_secret().to_owned()
}

/// A campaign that `ann` has won.
async fn won(world: &World) -> domain::CampaignId {
    let ann = world.member("ann").await;
    let campaign = world.price_only_campaign(&world.product(5).await, 1).await;
    world.bid(&ann, campaign, 90_000).await;
    world.bid(&ann, campaign, 95_000).await;
    campaign
}

async fn settle(world: &World, campaign: domain::CampaignId) {
    world.at(60_000);
    world.engine.start();
    eventually("it is settled", async || {
        let detail = world.engine.rankings.campaign(campaign).await.expect("reads");
        detail.campaign.settled_at.map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn people_get_what_is_stored_about_them_and_nothing_of_others() {
    let world = World::new().await;
    let campaign = won(&world).await;
    let bob = world.member("bob").await;
    world.bid(&bob, campaign, 85_000).await;
    let token = sign_in(&world, "ann", "Firefox").await;
    let request = CreateApiKey { name: "Bot".parse().expect("a name"), scope: ApiKeyScope::Read, days: None };
    let key = world.engine.accounts.create_api_key(&token, request, LOCALHOST).await.expect("creates");
    settle(&world, campaign).await;
    let data = world.engine.personal_records.export(&token).await.expect("reads");
    assert_eq!(data.account.username, "ann");
    assert_eq!(data.sessions.iter().map(|session| session.user_agent.as_str()).collect::<Vec<_>>(), ["Firefox"]);
    assert_eq!(data.api_keys, [key.key]);
    let prices: Vec<_> = data.bids.iter().map(|bid| bid.price.cents()).collect();
    assert_eq!(prices, [95_000, 90_000]);
    assert_eq!(data.orders.iter().map(|order| order.final_price.cents()).collect::<Vec<_>>(), [95_000]);
    assert_eq!(code(world.engine.personal_records.export(&key.token).await), ErrorCode::InsufficientScope);
}

#[tokio::test]
async fn an_erased_person_is_forgotten_and_their_bids_stay() {
    let world = World::new().await;
    let campaign = won(&world).await;
    let other_process = world.another_process().await;
    other_process.start();
    let token = sign_in(&world, "ann", "Firefox").await;
    let [old_password, password] =
        [PASSWORD, "another battery staple"].map(|text| Password::claimed(text).expect("a password"));
    let request = ChangePasswordRequest { current_password: old_password, new_password: password.clone() };
    world.engine.accounts.change_password(&token, request, LOCALHOST).await.expect("changes");
    let elsewhere = sign_in_with(&world, "ann", &password, "Phone").await;
    let erase = async |token: &str, password: &Password| world.engine.accounts.erase(token, password, LOCALHOST).await;
    assert_eq!(code(erase(&token, &Password::claimed("wrong").expect("a password")).await), ErrorCode::Validation);
    assert_eq!(code(erase(&token, &password).await), ErrorCode::Conflict, "the bid may still win");
    settle(&world, campaign).await;
    erase(&token, &password).await.expect("erases");

    for token in [&token, &elsewhere] {
        eventually("no process accepts a token", async || {
            let refused =
                [&world.engine, &other_process].map(async |engine| engine.accounts.identify(token).await.is_err());
            futures_util::future::join_all(refused).await.into_iter().all(|refused| refused).then_some(())
        })
        .await;
    }
    let again = world.engine.accounts.sign_in("ann@test.example", &password, SignInSource::at(LOCALHOST)).await;
    assert_eq!(code(again), ErrorCode::BadCredentials);
    let ranking = world.engine.rankings.ranking(campaign, None).await.expect("reads");
    assert_eq!(ranking.rankings.len(), 1, "the bid stays");
    assert!(ranking.rankings[0].username.starts_with("Erased "), "{ranking:?}");
    // Nothing but the audit log's own entries about admins names the person any more.
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM users FULL JOIN sessions USING (user_id)
         WHERE (users.*)::text ILIKE '%ann%' OR (sessions.*)::text ILIKE '%firefox%' OR (sessions.*)::text LIKE '%127.0.0.1%'",
    )
    .fetch_one(&world.pool)
    .await
    .expect("reads");
    assert_eq!(found, 0);
    let logged: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE detail::text ILIKE '%ann%'")
        .fetch_one(&world.pool)
        .await
        .expect("reads");
    assert_eq!(logged, 0, "no admin has changed her account");
    let status: String = sqlx::query_scalar("SELECT status FROM users WHERE username LIKE 'Erased %'")
        .fetch_one(&world.pool)
        .await
        .expect("reads");
    assert_eq!(status, "inactive", "no bid that was under way stands");
    // The address is free again.
    world.member("ann").await;
}

#[tokio::test]
async fn an_admin_is_not_erased() {
    let world = World::new().await;
    let password = Password::claimed(PASSWORD).expect("a password");
    let session = world
        .engine
        .accounts
        .sign_in(&world.admin.email, &password, SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    let erased = world.engine.accounts.erase(session.token.expose_secret(), &password, LOCALHOST).await;
    assert_eq!(code(erased), ErrorCode::Conflict);
}
