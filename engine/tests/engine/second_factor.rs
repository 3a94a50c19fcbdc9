//! Signing in with a code as well as the password.

use crate::support::code;
use domain::{
    ErrorCode,
    api::accounts::{ChangePasswordRequest, User},
    validated::Password,
};
use engine::{Engine, EngineConfig, Error, Session, SignInSource, require_admin};
use secrecy::{ExposeSecret, SecretString};
use std::{net::Ipv4Addr, sync::Arc};
use testkit::{LOCALHOST, PASSWORD, World, eventually};
use totp_rs::{Builder, Secret};

const PERIOD_MS: i64 = 30_000;

fn password() -> Password {
    Password::claimed(PASSWORD).expect("a password")
}

/// An authenticator app.
struct App(SecretString);

impl App {
    /// The code that it shows `periods` from now.
    fn code(&self, world: &World, periods: i64) -> String {
        let secret = Secret::try_from_base32(self.0.expose_secret()).expect("a secret");
        let app = Builder::new().with_secret(secret).build().expect("an app");
        let time = world.clock.now().plus_millis(periods * PERIOD_MS).unix_millis() / 1000;
        app.generate(u64::try_from(time).expect("after 1970")).to_string()
    }
}

/// What a sign-in with the right password asks for.
async fn proof(engine: &Engine, user: &User) -> SecretString {
    match engine.accounts.sign_in(&user.email, &password(), SignInSource::at(LOCALHOST)).await {
        Err(Error::CodeRequired { proof }) => proof,
        other => panic!("{other:?}"),
    }
}

async fn enter(engine: &Engine, proof: &SecretString, code: &str) -> engine::Result<Session> {
    engine.accounts.sign_in_with_code(proof.expose_secret(), code, SignInSource::at(LOCALHOST)).await
}

async fn token(engine: &Engine, user: &User) -> SecretString {
    engine.accounts.sign_in(&user.email, &password(), SignInSource::at(LOCALHOST)).await.expect("signs in").token
}

/// Turns the second factor on; returns the app, the recovery codes and a session from before.
async fn turn_on(world: &World, engine: &Engine, user: &User) -> (App, Vec<String>, SecretString) {
    let token = token(engine, user).await;
    let setup = engine.accounts.set_up_second_factor(user, None).expect("sets up");
    let app = App(setup.secret);
    let on = async |code: &str, password: &Password| {
        let secret = app.0.expose_secret();
        engine.accounts.turn_second_factor_on(token.expose_secret(), secret, code, password, LOCALHOST).await
    };
    let now = app.code(world, 0);
    assert_eq!(code(on(&now, &Password::claimed("wrong").expect("a password")).await), ErrorCode::Validation);
    assert_eq!(code(on(&app.code(world, 5), &password()).await), ErrorCode::Validation);
    assert!(!engine.accounts.has_second_factor(user.user_id).await.expect("reads"));
    let codes = on(&now, &password()).await.expect("turns on");
    assert_eq!(code(on(&app.code(world, 1), &password()).await), ErrorCode::Conflict);
    (app, codes, token)
}

async fn ann(world: &World) -> Arc<User> {
    world.member("ann").await
}

#[tokio::test]
async fn a_code_is_asked_for_and_is_good_once() {
    let world = World::new().await;
    let (ann, engine) = (ann(&world).await, &world.engine);
    let elsewhere = token(engine, &ann).await;
    let (app, _, here) = turn_on(&world, engine, &ann).await;
    engine.accounts.identify(here.expose_secret()).await.expect("stays open");
    assert_eq!(code(engine.accounts.identify(elsewhere.expose_secret()).await), ErrorCode::InvalidToken);
    let proof = proof(engine, &ann).await;
    assert_eq!(code(engine.accounts.identify(proof.expose_secret()).await), ErrorCode::InvalidToken);
    // It has been used to turn the second factor on.
    assert_eq!(code(enter(engine, &proof, &app.code(&world, 0)).await), ErrorCode::BadCredentials);
    world.at(PERIOD_MS);
    let now = app.code(&world, 0);
    let session = enter(engine, &proof, &format!(" {} {} ", &now[..3], &now[3..])).await.expect("signs in");
    engine.accounts.identify(session.token.expose_secret()).await.expect("a session");
    for used in [now, app.code(&world, -1), app.code(&world, 5), String::new()] {
        assert_eq!(code(enter(engine, &proof, &used).await), ErrorCode::BadCredentials, "{used}");
    }
}

#[tokio::test]
async fn of_two_who_enter_the_same_code_one_gets_in() {
    let world = World::new().await;
    let (ann, other) = (ann(&world).await, world.another_process().await);
    let (app, _, _) = turn_on(&world, &world.engine, &ann).await;
    let proof = proof(&world.engine, &ann).await;
    world.at(PERIOD_MS);
    let now = app.code(&world, 0);
    let (one, two) = tokio::join!(enter(&world.engine, &proof, &now), enter(&other, &proof, &now));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn the_password_counts_for_five_minutes_and_while_it_is_valid() {
    let world = World::new().await;
    let (ann, engine) = (ann(&world).await, &world.engine);
    let (app, _, token) = turn_on(&world, engine, &ann).await;
    let late = proof(engine, &ann).await;
    world.at(10 * PERIOD_MS + 1000);
    assert_eq!(code(enter(engine, &late, &app.code(&world, 0)).await), ErrorCode::InvalidToken);
    let old = proof(engine, &ann).await;
    let request = ChangePasswordRequest {
        current_password: password(),
        new_password: Password::claimed("another battery staple").expect("a password"),
    };
    engine.accounts.change_password(token.expose_secret(), request, LOCALHOST).await.expect("changes");
    assert_eq!(code(enter(engine, &old, &app.code(&world, 0)).await), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_however_it_is_typed() {
    let world = World::new().await;
    let (ann, engine) = (ann(&world).await, &world.engine);
    let (_, codes, _) = turn_on(&world, engine, &ann).await;
    assert_eq!(codes.len(), 8);
    let proof = proof(engine, &ann).await;
    for typed in [codes[0].clone(), codes[1].to_uppercase(), codes[2].replace('-', " ")] {
        enter(engine, &proof, &typed).await.expect("signs in");
        assert_eq!(code(enter(engine, &proof, &typed).await), ErrorCode::BadCredentials, "{typed}");
    }
}

#[tokio::test]
async fn codes_are_guessed_no_more_often_than_passwords() {
    let world = World::new().await;
    let (ann, engine) = (ann(&world).await, &world.engine);
    let (app, codes, _) = turn_on(&world, engine, &ann).await;
    let proof = proof(engine, &ann).await;
    for _ in 0..world.stores.config().sign_in_limits.failures_per_account_per_minute {
        assert_eq!(code(enter(engine, &proof, &app.code(&world, 7)).await), ErrorCode::BadCredentials);
    }
    assert_eq!(code(enter(engine, &proof, &codes[0]).await), ErrorCode::RateLimited);
}

#[tokio::test]
async fn an_account_takes_fifty_wrong_codes_a_day_from_everywhere_together() {
    let world = World::new().await;
    let (ann, engine) = (ann(&world).await, &world.engine);
    let (app, codes, _) = turn_on(&world, engine, &ann).await;
    let proof = proof(engine, &ann).await;
    let enter_from = async |n: u8, code: &str| {
        let source = SignInSource::at(Ipv4Addr::new(198, 51, 100, n).into());
        engine.accounts.sign_in_with_code(proof.expose_secret(), code, source).await
    };
    for n in 0..50 {
        assert_eq!(code(enter_from(n, &app.code(&world, 7)).await), ErrorCode::BadCredentials, "{n}");
    }
    world.at(PERIOD_MS);
    assert_eq!(code(enter_from(50, &app.code(&world, 0)).await), ErrorCode::RateLimited);
    enter_from(51, &codes[0]).await.expect("recovery codes are left");
}

#[tokio::test]
async fn a_sign_in_that_is_overtaken_by_turning_it_on_opens_no_session() {
    let world = World::new().await;
    let (ann, engine) = (ann(&world).await, &world.engine);
    // The row is locked while the password is being checked, so that the sign-in reads it before and writes after.
    let mut lock = world.pool.begin().await.expect("begins");
    sqlx::query("SELECT FROM users WHERE user_id = $1 FOR UPDATE")
        .bind(ann.user_id.0)
        .execute(&mut *lock)
        .await
        .expect("locks");
    let password = password();
    let sign_in = engine.accounts.sign_in(&ann.email, &password, SignInSource::at(LOCALHOST));
    let turn_on = async {
        eventually("the sign-in waits to store its session", async || {
            (world.waiting_for_locks().await == 1).then_some(())
        })
        .await;
        sqlx::query("UPDATE users SET totp_secret = 'x', totp_last_period = 0 WHERE user_id = $1")
            .bind(ann.user_id.0)
            .execute(&mut *lock)
            .await
            .expect("turns it on");
        lock.commit().await.expect("commits");
    };
    let (signed_in, ()) = tokio::join!(sign_in, turn_on);
    assert_eq!(code(signed_in), ErrorCode::BadCredentials);
}

#[tokio::test]
async fn it_is_turned_off_with_password_and_code_or_by_an_operator() {
    let world = World::new().await;
    let (ann, bob, engine) = (ann(&world).await, world.member("bob").await, &world.engine);
    let (app, codes, token) = turn_on(&world, engine, &ann).await;
    world.at(PERIOD_MS);
    let off = async |code: &str| {
        engine.accounts.turn_second_factor_off(token.expose_secret(), code, &password(), LOCALHOST).await
    };
    assert_eq!(code(off(&app.code(&world, 5)).await), ErrorCode::Validation);
    off(&app.code(&world, 0)).await.expect("turns off");
    self::token(engine, &ann).await;
    // The recovery codes went with it.
    let (_, new_codes, _) = turn_on(&world, engine, &ann).await;
    let proof = proof(engine, &ann).await;
    assert_eq!(code(enter(engine, &proof, &codes[0]).await), ErrorCode::BadCredentials);
    enter(engine, &proof, &new_codes[0]).await.expect("signs in");

    turn_on(&world, engine, &bob).await;
    engine.accounts.remove_second_factor("BOB@test.example").await.expect("removes");
    self::token(engine, &bob).await;
}

#[tokio::test]
async fn where_admins_need_one_they_have_no_rights_without() {
    let world = World::new().await;
    let config = EngineConfig { admins_need_second_factor: true, ..world.stores.config() };
    let engine = Engine::connect_with_clock(config, world.clock.clone()).await.expect("connects");
    let token = token(&engine, &world.admin).await;
    let identify =
        async |token: &SecretString| engine.accounts.authenticate(token.expose_secret()).await.expect("open");
    let member = identify(&token).await;
    assert_eq!(code(require_admin(&member)), ErrorCode::AdminRequired);
    assert!(engine.accounts.lacks_second_factor(world.admin.user_id).await.expect("reads"));
    let (_, _, token) = turn_on(&world, &engine, &world.admin).await;
    let admin = identify(&token).await;
    require_admin(&admin).expect("an admin");
}
