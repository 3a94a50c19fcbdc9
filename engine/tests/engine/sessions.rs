//! Sessions that end before their time: by signing out, with a changed password, or with a blocked account.

use crate::support::code;
use domain::{
    ErrorCode, SessionId,
    api::accounts::{ApiKeyScope, ChangePasswordRequest, CreateApiKey, UpdateUser, UserStatus},
    validated::{ApiKeyDays, Password, Stock},
};
use engine::{Engine, EngineConfig, SeedOptions, Session, SignInSource, Subscription};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;
use testkit::{LOCALHOST, PASSWORD, World, eventually, registration};
use tokio::time::timeout;
use uuid::Uuid;

const NEW_PASSWORD: &str = "another battery staple";

async fn sign_in(engine: &Engine, password: &str, agent: &str) -> engine::Result<Session> {
    let password = Password::claimed(password).expect("a password");
    engine
        .accounts
        .sign_in("ann@test.example", &password, SignInSource { user_agent: agent, ..SignInSource::at(LOCALHOST) })
        .await
}

/// The token of a new session of ann.
async fn token(engine: &Engine, agent: &str) -> String {
    sign_in(engine, PASSWORD, agent).await.expect("signs in").token.expose_secret().to_owned()
}

async fn assert_ended(engine: &Engine, token: &str) {
    assert_eq!(code(engine.accounts.authenticate(token).await), ErrorCode::InvalidToken);
    assert_eq!(code(engine.accounts.renew_session(token).await), ErrorCode::InvalidToken);
    assert_eq!(code(engine.accounts.token_session(token)), ErrorCode::InvalidToken);
}

/// A feed ends, after what was on its way.
async fn assert_ends(feed: &mut Subscription) {
    let end = async { while feed.next().await.is_some() {} };
    timeout(Duration::from_secs(20), end).await.expect("the feed ends");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_feeds_in_every_process() {
    let world = World::new().await;
    let other_process = world.another_process().await;
    other_process.start();
    let campaign = world.campaign(&world.product(5).await, 2).await;
    world.member("ann").await;
    let (old, kept) = (token(&world.engine, "").await, token(&world.engine, "").await);
    let renewed = world.engine.accounts.renew_session(&old).await.expect("renews").token;
    let session = world.engine.accounts.token_session(&old).expect("valid");
    let reader = Some(session);
    let mut feeds = Vec::new();
    for engine in [&world.engine, &other_process] {
        feeds.push(engine.live.subscribe(campaign, reader).await.expect("opens"));
        engine.accounts.authenticate(&old).await.expect("valid");
    }
    world.engine.accounts.sign_out(renewed.expose_secret()).await.expect("signs out");
    for token in [&old, renewed.expose_secret()] {
        assert_ended(&world.engine, token).await;
        eventually("the other process knows", async || other_process.accounts.token_session(token).err()).await;
    }
    for feed in &mut feeds {
        assert_ends(feed).await;
    }
    assert!(
        world.engine.live.subscribe(campaign, reader).await.expect("opens").next().await.is_none(),
        "came too late"
    );
    for engine in [&world.engine, &other_process, &world.another_process().await] {
        engine.accounts.authenticate(&kept).await.expect("another session");
        assert_ended(engine, &old).await;
    }
}

#[tokio::test]
async fn a_session_that_ended_without_a_message_is_refused_and_its_feeds_end() {
    let world = World::new().await;
    let campaign = world.campaign(&world.product(5).await, 2).await;
    world.member("ann").await;
    let token = token(&world.engine, "").await;
    let session = world.engine.accounts.token_session(&token).expect("valid");
    let other_process = world.another_process().await;
    other_process.start();
    let mut feed = other_process.live.subscribe(campaign, Some(session)).await.expect("opens");
    assert!(feed.next().await.is_some());
    // Nobody is told.
    let end = sqlx::query("UPDATE sessions SET ended_at = created_at WHERE session_id = $1").bind(session.session_id.0);
    end.execute(&world.pool).await.expect("ends");
    eventually("it has read the ended sessions", async || other_process.accounts.token_session(&token).err()).await;
    assert_ends(&mut feed).await;
}

#[tokio::test]
async fn a_sign_in_that_is_overtaken_by_a_new_password_or_a_block_opens_no_session() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    for _ in 0..4 {
        let new = || Password::new_password(PASSWORD).expect("a password");
        let (session, reset) =
            tokio::join!(sign_in(&world.engine, PASSWORD, ""), world.engine.accounts.reset_password(&ann.email, new()));
        reset.expect("resets");
        if let Ok(session) = session {
            // It was first, and the new password has ended it.
            assert_ended(&world.engine, session.token.expose_secret()).await;
        }
        let set = async |status| {
            let change = UpdateUser { status: Some(status), ..UpdateUser::default() };
            world.engine.accounts.update_user(&world.admin, ann.user_id, change).await.expect("saves");
        };
        let (session, ()) = tokio::join!(sign_in(&world.engine, PASSWORD, ""), set(UserStatus::Inactive));
        set(UserStatus::Active).await;
        if let Ok(session) = session {
            assert_ended(&world.engine, session.token.expose_secret()).await;
        }
    }
}

#[tokio::test]
async fn a_block_ends_all_sessions_for_good() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let token = token(&world.engine, "").await;
    let set = async |status| {
        let change = UpdateUser { status: Some(status), ..UpdateUser::default() };
        world.engine.accounts.update_user(&world.admin, ann.user_id, change).await.expect("saves");
    };
    set(UserStatus::Inactive).await;
    assert_eq!(code(world.engine.accounts.authenticate(&token).await), ErrorCode::AccountInactive);
    set(UserStatus::Active).await;
    assert_ended(&world.engine, &token).await;
    sign_in(&world.engine, PASSWORD, "").await.expect("signs in again");
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let world = World::new().await;
    world.member("ann").await;
    let (mine, other) = (token(&world.engine, "").await, token(&world.engine, "").await);
    let change = async |current: &str, new: &str| {
        let request = ChangePasswordRequest {
            current_password: Password::claimed(current).expect("a password"),
            new_password: Password::new_password(new).expect("a password"),
        };
        world.engine.accounts.change_password(&mine, request, LOCALHOST).await
    };
    let field = |result: engine::Result<()>| result.expect_err("refused").to_api().errors[0].field.clone();
    assert_eq!(field(change("wrong", NEW_PASSWORD).await), "current_password");
    assert_eq!(field(change(PASSWORD, PASSWORD).await), "new_password");
    for token in [&mine, &other] {
        world.engine.accounts.authenticate(token).await.expect("nothing has changed");
    }
    change(PASSWORD, NEW_PASSWORD).await.expect("changes");
    world.engine.accounts.authenticate(&mine).await.expect("stays signed in");
    assert_ended(&world.engine, &other).await;
    assert_eq!(code(sign_in(&world.engine, PASSWORD, "").await), ErrorCode::BadCredentials);
    sign_in(&world.engine, NEW_PASSWORD, "").await.expect("signs in");
}

#[tokio::test]
async fn only_so_many_wrong_current_passwords_are_checked() {
    let world = World::new().await;
    world.member("ann").await;
    let token = token(&world.engine, "").await;
    let guess = async || {
        let request = ChangePasswordRequest {
            current_password: Password::claimed("wrong").expect("a password"),
            new_password: Password::new_password(NEW_PASSWORD).expect("a password"),
        };
        code(world.engine.accounts.change_password(&token, request, LOCALHOST).await)
    };
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(guess().await);
    }
    assert_eq!(answers.first(), Some(&ErrorCode::Validation));
    assert_eq!(answers.last(), Some(&ErrorCode::RateLimited), "{answers:?}");
}

#[tokio::test]
async fn an_operator_resets_a_password_and_all_sessions_end() {
    let world = World::new().await;
    world.member("ann").await;
    let token = token(&world.engine, "").await;
    let new = || Password::new_password(NEW_PASSWORD).expect("a password");
    let accounts = &world.engine.accounts;
    assert_eq!(code(accounts.reset_password("nobody@test.example", new()).await), ErrorCode::NotFound);
    accounts.reset_password("Ann@Test.example", new()).await.expect("resets");
    assert_ended(&world.engine, &token).await;
    sign_in(&world.engine, NEW_PASSWORD, "").await.expect("signs in");
}

#[tokio::test]
async fn open_sessions_are_listed_and_ended_one_by_one_or_all_others() {
    let world = World::new().await;
    world.member("ann").await;
    let bob = world.member("bob").await;
    let long = format!("new\nline {}", "x".repeat(400));
    let (first, second, third) =
        (token(&world.engine, "Firefox").await, token(&world.engine, &long).await, token(&world.engine, "").await);
    let accounts = &world.engine.accounts;
    let listed = async |token: &str| accounts.active_sessions(token).await.expect("lists");
    let sessions = listed(&second).await;
    let id = |token: &str| accounts.token_session(token).expect("valid").session_id;
    let mut found: Vec<SessionId> = sessions.iter().map(|session| session.session_id).collect();
    found.sort();
    let mut expected = [id(&first), id(&second), id(&third)];
    expected.sort();
    assert_eq!(found, expected);
    let current = sessions.iter().find(|session| session.is_current).expect("the one of the token");
    assert_eq!((current.session_id, current.network), (id(&second), LOCALHOST));
    assert!(current.user_agent.starts_with("newline xxx") && current.user_agent.len() == 300, "{current:?}");

    let password = Password::claimed(PASSWORD).expect("a password");
    let bobs = accounts.sign_in(&bob.email, &password, SignInSource::at(LOCALHOST)).await.expect("signs in").token;
    let first_id = id(&first);
    assert_eq!(code(accounts.end_session(bobs.expose_secret(), first_id).await), ErrorCode::NotFound);
    accounts.authenticate(&first).await.expect("not his to end");
    accounts.end_session(&second, first_id).await.expect("ends");
    assert_ended(&world.engine, &first).await;
    assert_eq!(code(accounts.end_session(&second, first_id).await), ErrorCode::NotFound, "it has ended");
    accounts.end_other_sessions(&second).await.expect("ends");
    assert_ended(&world.engine, &third).await;
    assert_eq!(listed(&second).await.len(), 1);
    accounts.authenticate(bobs.expose_secret()).await.expect("another user's");
    world.at(3_600_000);
    assert_eq!(code(accounts.active_sessions(&second).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn tokens_of_the_version_before_name_no_session_and_end_together() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let old_token = || {
        let now_s = world.engine.clock.now().unix_millis() / 1000;
        let claims = json!({ "sub": ann.user_id, "iat": now_s, "exp": now_s + 3600, "jti": Uuid::new_v4() });
        let secret = world.stores.direct_config().jwt_secret;
        let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).expect("signs")
    };
    let accounts = &world.engine.accounts;
    let (first, second) = (old_token(), old_token());
    let named = token(&world.engine, "").await;
    accounts.renew_session(&second).await.expect("renews");
    accounts.sign_out(&first).await.expect("signs out");
    for token in [&first, &second] {
        assert_ended(&world.engine, token).await;
    }
    accounts.authenticate(&named).await.expect("another session");
    // One that a process of the version before issues afterwards is good, until a block.
    world.at(2_000);
    let third = old_token();
    accounts.authenticate(&third).await.expect("valid");
    for status in [UserStatus::Inactive, UserStatus::Active] {
        let change = UpdateUser { status: Some(status), ..UpdateUser::default() };
        accounts.update_user(&world.admin, ann.user_id, change).await.expect("saves");
    }
    assert_ended(&world.engine, &third).await;
    assert_ended(&world.another_process().await, &third).await;
}

#[tokio::test]
async fn a_secret_changes_in_two_rounds_without_a_sign_out() {
    let world = World::new().await;
    world.member("ann").await;
    let old = token(&world.engine, "").await;
    // Both rounds: processes that know the next secret, and processes that sign with it and know the last one.
    let last = world.stores.config().jwt_secret;
    let next: SecretString = "another secret for tests".to_owned().into();
    let process = async |secret: &SecretString, accepted: &SecretString| {
        let accepted_jwt_secrets = vec![accepted.clone()];
        let config = EngineConfig { jwt_secret: secret.clone(), accepted_jwt_secrets, ..world.stores.config() };
        Engine::connect_with_clock(config, world.clock.clone()).await.expect("connects")
    };
    let (before, after) = (process(&last, &next).await, process(&next, &last).await);
    let new = token(&after, "").await;
    for engine in [&before, &after] {
        for token in [&old, &new] {
            engine.accounts.authenticate(token).await.expect("valid");
        }
    }
    let config = EngineConfig { jwt_secret: next, ..world.stores.config() };
    let afterwards = Engine::connect_with_clock(config, world.clock.clone()).await.expect("connects");
    assert_eq!(code(afterwards.accounts.authenticate(&old).await), ErrorCode::InvalidToken);
    afterwards.accounts.authenticate(&new).await.expect("valid");
}

#[tokio::test]
async fn demo_accounts_are_noticed_until_their_passwords_are_others() {
    let world = World::new().await;
    let options = SeedOptions { users: 3, stock: Stock::new(5).expect("in range"), minutes: 10, reset: false };
    let has_accounts = async || world.engine.demo_data.has_accounts().await.expect("reads");
    assert!(!has_accounts().await);
    world.engine.demo_data.seed(options).await.expect("seeds");
    assert!(has_accounts().await);
    let new = || Password::new_password(NEW_PASSWORD).expect("a password");
    world.engine.accounts.reset_password("admin@test.com", new()).await.expect("resets");
    assert!(has_accounts().await, "the users");
    world.engine.accounts.reset_password("user0001@test.com", new()).await.expect("resets");
    assert!(has_accounts().await, "the others");
    for n in 2..=3 {
        world.engine.accounts.reset_password(&format!("user000{n}@test.com"), new()).await.expect("resets");
    }
    assert!(!has_accounts().await);
}

#[tokio::test]
async fn whoever_registers_a_demo_address_makes_no_demo_account() {
    let world = World::new().await;
    for (email, password) in [("admin@test.com", "admin123"), ("user0001@test.com", "password123")] {
        let mut account = registration("x");
        account.email = email.parse().expect("an address");
        account.password = Password::new_password(password).expect("a password");
        world.engine.accounts.register(account, LOCALHOST).await.expect("registers");
    }
    assert!(!world.engine.demo_data.has_accounts().await.expect("reads"));
}

#[tokio::test]
async fn the_audit_log_only_grows() {
    let world = World::new().await;
    world.product(1).await;
    for statement in ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"] {
        let refused = sqlx::query(statement).execute(&world.pool).await.expect_err("refused");
        assert!(refused.to_string().contains("never changed"), "{refused}");
    }
}

#[tokio::test]
async fn api_keys_are_limited_at_a_time_and_within_a_day() {
    let world = World::new().await;
    world.member("ann").await;
    let mine = token(&world.engine, "").await;
    let accounts = &world.engine.accounts;
    let create = async || {
        let request = CreateApiKey { name: "Bot".parse().expect("a name"), scope: ApiKeyScope::Read, days: None };
        accounts.create_api_key(&mine, request, LOCALHOST).await
    };
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(create().await.expect("creates").key.key_id);
    }
    assert_eq!(code(create().await), ErrorCode::Conflict, "so many at a time");
    for _ in 20..100 {
        accounts.revoke_api_key(&mine, open.pop().expect("there is one")).await.expect("revokes");
        open.push(create().await.expect("creates").key.key_id);
    }
    accounts.revoke_api_key(&mine, open.pop().expect("there is one")).await.expect("revokes");
    assert_eq!(code(create().await), ErrorCode::Conflict, "so many within a day");
}

#[tokio::test]
async fn an_api_key_works_until_it_is_revoked_or_the_password_changes() {
    let world = World::new().await;
    let other_process = world.another_process().await;
    other_process.start();
    world.member("ann").await;
    let mine = token(&world.engine, "").await;
    let accounts = &world.engine.accounts;
    let create = async |name: &str, scope| {
        let request = CreateApiKey { name: name.parse().expect("a name"), scope, days: ApiKeyDays::new(30) };
        accounts.create_api_key(&mine, request, LOCALHOST).await
    };
    let bot = create("Bot", ApiKeyScope::Bid).await.expect("creates");
    let reader = create("Reader", ApiKeyScope::Read).await.expect("creates");
    assert_eq!(bot.key.expires_at, bot.key.created_at.plus_millis(30 * 24 * 3_600_000));
    for engine in [&world.engine, &other_process] {
        let (user, session) = engine.accounts.identify(&bot.token).await.expect("valid");
        assert_eq!((user.username.as_str(), session.scope), ("ann", Some(ApiKeyScope::Bid)));
    }
    let mut listed = accounts.api_keys(&mine).await.expect("reads");
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(listed, [bot.key.clone(), reader.key.clone()]);
    assert_eq!(accounts.active_sessions(&mine).await.expect("reads").len(), 1, "a key is no sign-in");
    // A key makes no other key, and nothing of a session.
    let request = CreateApiKey { name: "x".parse().expect("a name"), scope: ApiKeyScope::Admin, days: None };
    let scope = ErrorCode::InsufficientScope;
    assert_eq!(code(accounts.create_api_key(&bot.token, request, LOCALHOST).await), scope);
    assert_eq!(code(accounts.renew_session(&bot.token).await), scope);
    assert_eq!(code(accounts.revoke_api_key(&bot.token, reader.key.key_id).await), scope);
    assert_eq!(code(accounts.sign_out(&bot.token).await), scope);
    assert_eq!(code(accounts.active_sessions(&bot.token).await), scope);
    assert_eq!(code(accounts.end_other_sessions(&bot.token).await), scope);

    // It is none of the sessions that are ended elsewhere, and outlives them.
    assert_eq!(code(accounts.end_session(&mine, bot.key.key_id).await), ErrorCode::NotFound);
    accounts.end_other_sessions(&mine).await.expect("ends");
    world.at(2 * 3_600_000);
    other_process.accounts.identify(&bot.token).await.expect("valid");
    world.at(0);

    accounts.revoke_api_key(&mine, bot.key.key_id).await.expect("revokes");
    assert_eq!(code(accounts.revoke_api_key(&mine, bot.key.key_id).await), ErrorCode::NotFound);
    for engine in [&world.engine, &other_process] {
        eventually("it is refused", async || {
            let refused = engine.accounts.identify(&bot.token).await;
            refused.is_err().then_some(())
        })
        .await;
    }
    for n in 1..20 {
        create(&format!("Key {n}"), ApiKeyScope::Read).await.expect("creates");
    }
    assert_eq!(code(create("One more", ApiKeyScope::Read).await), ErrorCode::Conflict);

    let request = ChangePasswordRequest {
        current_password: Password::claimed(PASSWORD).expect("a password"),
        new_password: Password::new_password(NEW_PASSWORD).expect("a password"),
    };
    accounts.change_password(&mine, request, LOCALHOST).await.expect("changes");
    assert_eq!(code(accounts.identify(&reader.token).await), ErrorCode::InvalidToken);
    assert!(accounts.api_keys(&mine).await.expect("reads").is_empty());
}

#[tokio::test]
async fn a_session_is_not_renewed_for_ever() {
    let world = World::new().await;
    world.member("ann").await;
    let token = token(&world.engine, "").await;
    let set_age = async |days: i64| {
        let opened_at = world.clock.now().plus_millis(-days * 86_400_000).as_datetime();
        sqlx::query("UPDATE sessions SET created_at = $1").bind(opened_at).execute(&world.pool).await.expect("ages");
    };
    set_age(29).await;
    world.engine.accounts.renew_session(&token).await.expect("renews");
    set_age(31).await;
    assert_eq!(code(world.engine.accounts.renew_session(&token).await), ErrorCode::Conflict);
    world.engine.accounts.identify(&token).await.expect("it lasts until its end");
}
