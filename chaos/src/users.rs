//! The users of all rounds, with sessions.

use crate::{error::Result, record::Clock};
use domain::UserId;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

/// How many bid.
const BIDDERS: usize = 24;
/// Sessions outlive every run.
const SESSION_S: i64 = 24 * 3600;

/// A user with a session.
#[derive(Clone)]
pub struct User {
    /// The id.
    pub user_id: UserId,
    /// The session's token.
    pub token: String,
}

/// Everyone.
pub struct Users {
    /// An admin.
    pub admin: User,
    /// Those who bid.
    pub bidders: Vec<User>,
}

#[derive(Serialize)]
struct Claims {
    sub: UserId,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

impl Users {
    /// Creates them, with weights from 0.5 to 5.0.
    pub async fn create(database: &PgPool, jwt_secret: &str, clock: Clock) -> Result<Self> {
        let mut users = Vec::new();
        for n in 0..=BIDDERS {
            let user_id = UserId(Uuid::new_v4());
            sqlx::query(
                "INSERT INTO users (user_id, email, username, weight, password_hash, is_admin)
                 VALUES ($1, $2 || '@chaos.example', $2, $3, 'none', $4)",
            )
            .bind(user_id.0)
            .bind(format!("user{n}"))
            .bind((n % 10 + 1) as f64 / 2.0)
            .bind(n == BIDDERS)
            .execute(database)
            .await?;
            let now_s = clock.now_us() / 1_000_000;
            let claims = Claims { sub: user_id, iat: now_s, exp: now_s + SESSION_S, jti: Uuid::new_v4() };
            let key = EncodingKey::from_secret(jwt_secret.as_bytes());
            let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?;
            users.push(User { user_id, token });
        }
        let admin = users.pop().ok_or("there is at least one user")?;
        Ok(Self { admin, bidders: users })
    }
}
