//! Accounts: registration, sign-in, sessions and their limits.

use crate::support::code;
use domain::{
    ErrorCode, Weight,
    api::accounts::{UpdateUser, UserStatus},
    validated::Password,
};
use engine::{AttemptKind, Engine, Error, SignInSource};
use redis::AsyncCommands;
use secrecy::ExposeSecret;
use std::net::IpAddr;
use testkit::{LOCALHOST, PASSWORD, World, eventually, registration};

fn password(text: &str) -> Password {
    Password::claimed(text).expect("a password")
}

#[tokio::test]
async fn an_address_has_one_account_whatever_its_case() {
    let world = World::new().await;
    world.member("ann").await;
    let mut again = registration("ann");
    again.email = "ANN@Test.Example".parse().expect("an address");
    assert_eq!(code(world.engine.accounts.register(again, LOCALHOST).await), ErrorCode::EmailTaken);
}

#[tokio::test]
async fn a_session_belongs_to_whoever_knew_the_password() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let session = world
        .engine
        .accounts
        .sign_in("Ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    assert_eq!(session.user, *ann);
    let user = world.engine.accounts.authenticate(session.token.expose_secret()).await.expect("a good token");
    assert_eq!(user, ann);
    assert_eq!(
        code(world.engine.accounts.sign_in("ann@test.example", &password("wrong"), SignInSource::at(LOCALHOST)).await),
        ErrorCode::BadCredentials
    );
    assert_eq!(
        code(
            world
                .engine
                .accounts
                .sign_in("nobody@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
                .await
        ),
        ErrorCode::BadCredentials
    );
    assert_eq!(
        code(world.engine.accounts.sign_in("not an address\0", &password(PASSWORD), SignInSource::at(LOCALHOST)).await),
        ErrorCode::BadCredentials
    );
}

#[tokio::test]
async fn a_look_alike_of_an_address_opens_nothing_and_old_accounts_still_open() {
    let world = World::new().await;
    let (ann, _) = (world.member("ann").await, world.member("iris").await);
    for other in ["аnn@test.example", "ann\u{200b}@test.example", "ann@test.example\0", "İris@test.example"] {
        assert_eq!(
            code(world.engine.accounts.sign_in(other, &password(PASSWORD), SignInSource::at(LOCALHOST)).await),
            ErrorCode::BadCredentials,
            "{other}"
        );
    }
    // The full-width letters are the same ones.
    let session = world
        .engine
        .accounts
        .sign_in("ａｎｎ@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    assert_eq!(session.user, *ann);
    // Made when there was no rule about its letters.
    let bob = world.member("bob").await;
    sqlx::query("UPDATE users SET email = 'bob\u{ad}@例子.tw', username = chr(8203) WHERE username = 'bob'")
        .execute(&world.pool)
        .await
        .expect("changes the address");
    let session = world
        .engine
        .accounts
        .sign_in("BOB\u{ad}@例子.tw", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    assert_eq!(session.user.user_id, bob.user_id);
}

#[tokio::test]
async fn guesses_at_an_account_count_together_however_it_is_typed() {
    let world = World::new().await;
    world.member("ann").await;
    let spellings =
        ["ann@test.example", "ＡNN@test.example", " ａnn@test.example", "aｎn@test.example", "anｎ@test.example"];
    for spelling in spellings {
        assert_eq!(
            code(world.engine.accounts.sign_in(spelling, &password("wrong"), SignInSource::at(LOCALHOST)).await),
            ErrorCode::BadCredentials
        );
    }
    assert_eq!(
        code(world.engine.accounts.sign_in("ann@test.example", &password("wrong"), SignInSource::at(LOCALHOST)).await),
        ErrorCode::RateLimited
    );
}

#[tokio::test]
async fn a_remembered_sign_in_tells_no_one_who_guesses_the_password() {
    let world = World::new().await;
    world.member("ann").await;
    let sign_in = async |text: &str, network| {
        world.engine.accounts.sign_in("ann@test.example", &password(text), SignInSource::at(network)).await
    };
    sign_in(PASSWORD, LOCALHOST).await.expect("signs in, and is remembered");
    let stranger = network("192.0.2.1");
    for _ in 0..5 {
        assert_eq!(code(sign_in("wrong", stranger).await), ErrorCode::BadCredentials);
    }
    for guess in ["wrong", PASSWORD] {
        assert_eq!(code(sign_in(guess, stranger).await), ErrorCode::RateLimited, "{guess}");
    }
    sign_in(PASSWORD, LOCALHOST).await.expect("the owner is elsewhere");
}

#[tokio::test]
async fn strangers_cannot_keep_an_owner_out_of_a_network_they_have_signed_in_from() {
    let world = World::new().await;
    world.member("ann").await;
    let sign_in = async |text: &str, network| {
        world.engine.accounts.sign_in("ann@test.example", &password(text), SignInSource::at(network)).await
    };
    let (home, elsewhere) = (network("192.0.2.1"), network("198.51.100.1"));
    sign_in(PASSWORD, home).await.expect("signs in");
    // Five from each network and minute, and twenty times that from all in an hour.
    for stranger in 0..20 {
        for _ in 0..5 {
            let _ = sign_in("wrong", network(&format!("203.0.113.{stranger}"))).await;
        }
    }
    assert_eq!(code(sign_in(PASSWORD, elsewhere).await), ErrorCode::RateLimited);
    sign_in(PASSWORD, home).await.expect("from home the owner gets in");
    for _ in 0..5 {
        assert_eq!(code(sign_in("wrong", home).await), ErrorCode::BadCredentials);
    }
    assert_eq!(code(sign_in(PASSWORD, home).await), ErrorCode::RateLimited, "but nobody guesses there");
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_up() {
    let world = World::new().await;
    world.member("ann").await;
    let session = world
        .engine
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    let token = session.token.expose_secret();
    let length_ms = i64::try_from(session.expires_in_s * 1000).expect("an hour");
    world.at(length_ms - 1);
    world.engine.accounts.authenticate(token).await.expect("still good");
    world.at(length_ms);
    assert_eq!(code(world.engine.accounts.authenticate(token).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_renewed_session_outlives_the_one_it_came_from() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let old = world
        .engine
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    world.at(1_800_000);
    let new = world.engine.accounts.renew_session(old.token.expose_secret()).await.expect("still good");
    assert_eq!(new.user, *ann);
    assert_eq!(new.expires_at, old.expires_at.plus_millis(1_800_000));
    world.at(3_600_000);
    assert_eq!(code(world.engine.accounts.renew_session(old.token.expose_secret()).await), ErrorCode::InvalidToken);
    world.engine.accounts.authenticate(new.token.expose_secret()).await.expect("still good");
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, ann.user_id, block).await.expect("blocks");
    assert_eq!(code(world.engine.accounts.renew_session(new.token.expose_secret()).await), ErrorCode::AccountInactive);
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let world = World::new().await;
    world.member("ann").await;
    let session = world
        .engine
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    let token = session.token.expose_secret();
    let (head, signature) = token.rsplit_once('.').expect("three parts");
    let unsigned = format!("{head}.");
    let swapped = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for forged in ["", "x", "a.b.c", unsigned.as_str(), swapped.as_str()] {
        assert_eq!(code(world.engine.accounts.authenticate(forged).await), ErrorCode::InvalidToken, "{forged}");
    }
}

#[tokio::test]
async fn a_remembered_sign_in_does_not_outlive_its_password() {
    let world = World::new().await;
    world.member("ann").await;
    world.member("bob").await;
    // Remembered now.
    world
        .engine
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    world
        .engine
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in from memory");
    sqlx::query("UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE username = 'admin') WHERE username = 'ann'")
        .execute(&world.pool)
        .await
        .expect("changes the hash");
    // The same password under another salt still matches, so change it to something else.
    sqlx::query("UPDATE users SET password_hash = regexp_replace(password_hash, '[^$]*$', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA') WHERE username = 'ann'")
        .execute(&world.pool)
        .await
        .expect("changes the hash");
    assert_eq!(
        code(world.engine.accounts.sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST)).await),
        ErrorCode::BadCredentials
    );
}

#[tokio::test]
async fn of_two_admins_who_block_each_other_one_remains() {
    for _ in 0..5 {
        let world = World::new().await;
        let accounts = &world.engine.accounts;
        let mut other = registration("boss");
        other.email = "boss@test.example".parse().expect("an address");
        let other = accounts.create_admin(other).await.expect("creates");
        let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
        let (first, second) = tokio::join!(
            accounts.update_user(&world.admin, other.user_id, block),
            accounts.update_user(&other, world.admin.user_id, block),
        );
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let refused = first.err().or(second.err()).expect("one is refused");
        assert_eq!(refused.code(), ErrorCode::AccountInactive);
    }
}

#[tokio::test]
async fn admins_cannot_block_themselves() {
    let world = World::new().await;
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    let refused = world.engine.accounts.update_user(&world.admin, world.admin.user_id, block).await;
    assert_eq!(code(refused), ErrorCode::Validation);
    let weight = UpdateUser { weight: Some(Weight::new(2.0).expect("in range")), ..UpdateUser::default() };
    let admin = world.engine.accounts.update_user(&world.admin, world.admin.user_id, weight).await.expect("saves");
    assert_eq!(admin.status, UserStatus::Active);
}

#[tokio::test]
async fn a_blocked_account_is_refused() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let session = world
        .engine
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST))
        .await
        .expect("signs in");
    let token = session.token.expose_secret();
    let other_process = world.another_process().await;
    other_process.start();
    other_process.accounts.authenticate(token).await.expect("in the memory of the other process");
    let block = UpdateUser { status: Some(UserStatus::Inactive), ..UpdateUser::default() };
    world.engine.accounts.update_user(&world.admin, ann.user_id, block).await.expect("blocks");
    assert_eq!(code(world.engine.accounts.authenticate(token).await), ErrorCode::AccountInactive);
    assert_eq!(
        code(world.engine.accounts.sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST)).await),
        ErrorCode::AccountInactive
    );
    eventually("the other process knows", async || other_process.accounts.authenticate(token).await.err()).await;
}

fn network(address: &str) -> IpAddr {
    address.parse().expect("an address")
}

#[tokio::test]
async fn too_many_failures_lock_an_account_for_a_while() {
    let world = World::new().await;
    world.member("ann").await;
    for _ in 0..world.stores.config().sign_in_limits.failures_per_account_per_minute {
        assert_eq!(
            code(
                world
                    .engine
                    .accounts
                    .sign_in("ann@test.example", &password("wrong"), SignInSource::at(LOCALHOST))
                    .await
            ),
            ErrorCode::BadCredentials
        );
    }
    let other_process = world.another_process().await;
    let locked =
        other_process.accounts.sign_in("ANN@test.example", &password(PASSWORD), SignInSource::at(LOCALHOST)).await;
    assert!(matches!(locked, Err(Error::RateLimited { retry_after_ms: 1..=60_000 })));
}

#[tokio::test]
async fn a_strangers_guesses_do_not_keep_the_owner_out() {
    let world = World::new().await;
    world.member("ann").await;
    let limit = world.stores.config().sign_in_limits.failures_per_account_per_minute;
    let sign_in = async |spelling: &str, secret: &str, from: &str| {
        world.engine.accounts.sign_in(spelling, &password(secret), SignInSource::at(network(from))).await
    };
    for _ in 0..limit {
        assert_eq!(code(sign_in("ann@test.example", "wrong", "192.0.2.1").await), ErrorCode::BadCredentials);
    }
    // However the address is typed, it is the same account.
    for spelling in ["ANN@test.example", "ａｎｎ@test.example"] {
        assert_eq!(code(sign_in(spelling, PASSWORD, "192.0.2.1").await), ErrorCode::RateLimited, "{spelling}");
    }
    sign_in("ann@test.example", PASSWORD, "192.0.2.2").await.expect("her own network has guessed nothing");
    // Guesses from everywhere are limited, too.
    let mut guesses = 0;
    for n in 0..=u8::MAX {
        let from = format!("198.51.100.{n}");
        match sign_in("ann@test.example", "wrong", &from).await {
            Err(error) if error.code() == ErrorCode::RateLimited => break,
            refused => assert_eq!(code(refused), ErrorCode::BadCredentials),
        }
        guesses += 1;
    }
    assert!(guesses <= 20 * limit, "{guesses}");
}

#[tokio::test]
async fn a_device_that_signed_in_before_gets_through_from_a_network_that_guesses() {
    let world = World::new().await;
    world.member("ann").await;
    world.member("bob").await;
    let limit = world.stores.config().sign_in_limits.failures_per_account_per_minute;
    let sign_in = async |name: &str, secret: &str, device: Option<&str>| {
        let source = SignInSource { device, ..SignInSource::at(network("192.0.2.1")) };
        world.engine.accounts.sign_in(&format!("{name}@test.example"), &password(secret), source).await
    };
    let session = sign_in("ann", PASSWORD, None).await.expect("signs in");
    let device = session.device.expect("it is new").token;
    let bobs_device = sign_in("bob", PASSWORD, None).await.expect("signs in").device.expect("it is new").token;
    let (device, bobs_device) = (Some(device.expose_secret()), Some(bobs_device.expose_secret()));
    for _ in 0..limit {
        assert_eq!(code(sign_in("ann", "wrong", None).await), ErrorCode::BadCredentials);
    }
    for stranger in [None, bobs_device, Some("no token"), Some(session.token.expose_secret())] {
        assert_eq!(code(sign_in("ann", PASSWORD, stranger).await), ErrorCode::RateLimited, "{stranger:?}");
    }
    let again = sign_in("ann", PASSWORD, device).await.expect("it has guessed nothing");
    assert!(again.device.is_none(), "it has its token");
    let refused = world.engine.accounts.identify(device.expect("a token")).await;
    assert_eq!(code(refused), ErrorCode::InvalidToken, "the token of a device opens nothing");
    // It guesses no more often than anyone.
    for _ in 0..limit {
        assert_eq!(code(sign_in("ann", "wrong", device).await), ErrorCode::BadCredentials);
    }
    assert_eq!(code(sign_in("ann", PASSWORD, device).await), ErrorCode::RateLimited);
}

#[tokio::test]
async fn devices_share_a_limit_and_are_unknown_after_a_new_password() {
    let world = World::new().await;
    let ann = world.member("ann").await;
    let limit = world.stores.config().sign_in_limits.failures_per_account_per_minute;
    let sign_in = async |secret: &str, device: Option<&str>| {
        let source = SignInSource { device, ..SignInSource::at(network("192.0.2.1")) };
        world.engine.accounts.sign_in("ann@test.example", &password(secret), source).await
    };
    let mut devices = Vec::new();
    for _ in 0..=20 {
        let session = sign_in(PASSWORD, None).await.expect("signs in");
        devices.push(session.device.expect("it is new").token);
    }
    let mut guesses = 0;
    'devices: for device in &devices {
        for _ in 0..limit {
            match code(sign_in("wrong", Some(device.expose_secret())).await) {
                ErrorCode::BadCredentials => guesses += 1,
                ErrorCode::RateLimited => break 'devices,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(guesses, 20 * limit);
    let new = Password::new_password("another battery staple").expect("a password");
    world.engine.accounts.reset_password(&ann.email, new).await.expect("resets");
    let device = Some(devices[0].expose_secret());
    let session = sign_in("another battery staple", device).await.expect("like any other browser");
    assert!(session.device.is_some(), "it is new again");
}

#[tokio::test]
async fn one_network_uses_up_only_a_part_of_all_guesses() {
    let world = World::new().await;
    world.member("ann").await;
    let limit = world.stores.config().sign_in_limits.failures_per_account_per_minute;
    let mut redis = world.stores.redis().await;
    let mut guesses = 0;
    // An hour of a stranger's guesses. As minutes pass, the counts of a minute are forgotten; a new process has none.
    'hour: for _ in 0..30 {
        let engine = world.another_process().await;
        for _ in 0..limit {
            let guess = engine
                .accounts
                .sign_in("ann@test.example", &password("wrong"), SignInSource::at(network("192.0.2.1")))
                .await;
            match code(guess) {
                ErrorCode::BadCredentials => guesses += 1,
                ErrorCode::RateLimited => break 'hour,
                other => panic!("{other:?}"),
            }
        }
        let minute = format!("{}attempts:failure:*", world.stores.config().redis_prefix);
        let counts: Vec<String> = redis.keys(minute).await.expect("reads");
        let _: () = redis.del(counts).await.expect("forgets");
    }
    assert_eq!(guesses, 4 * limit, "a fifth of what all networks have");
    let owner = world.another_process().await;
    owner
        .accounts
        .sign_in("ann@test.example", &password(PASSWORD), SignInSource::at(network("198.51.100.1")))
        .await
        .expect("the owner gets in, from a network that is new");
}

#[tokio::test]
async fn without_redis_a_process_counts_guesses_on_its_own() {
    let world = World::new().await;
    world.member("ann").await;
    let mut config = world.stores.config();
    config.redis_url = "redis://127.0.0.1:1".to_owned().into();
    let limit = config.sign_in_limits.failures_per_account_per_minute;
    let engine = Engine::connect_with_clock(config, world.clock.clone()).await.expect("starts without Redis");
    let guess =
        async || engine.accounts.sign_in("ann@test.example", &password("wrong"), SignInSource::at(LOCALHOST)).await;
    for _ in 0..limit {
        assert_eq!(code(guess().await), ErrorCode::BadCredentials);
    }
    assert_eq!(code(guess().await), ErrorCode::RateLimited);
}

#[tokio::test]
async fn an_address_may_try_only_so_often() {
    let world = World::new().await;
    for _ in 0..world.stores.config().sign_in_limits.registrations_per_address_per_minute {
        world
            .engine
            .accounts
            .admit_attempt(AttemptKind::Register, network("192.0.2.1"))
            .await
            .expect("within the limit");
    }
    assert_eq!(
        code(world.engine.accounts.admit_attempt(AttemptKind::Register, network("192.0.2.1")).await),
        ErrorCode::RateLimited
    );
    world.engine.accounts.admit_attempt(AttemptKind::Register, network("192.0.2.2")).await.expect("another address");
    world.engine.accounts.admit_attempt(AttemptKind::SignIn, network("192.0.2.1")).await.expect("another kind");
}
