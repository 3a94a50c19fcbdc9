//! A member of the crowd: an account, and the session in which its requests are sent.

use super::api_client::{ApiClient, Failure};
use domain::{
    ErrorCode,
    api::accounts::{LoginResponse, User},
};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::sleep};

/// Pause after each sign-in, before anybody else may sign in: hashing must not delay the people who use the demo.
const SIGN_IN_PAUSE: Duration = Duration::from_millis(500);

/// An account of the demo. The passwords are public, like those of all demo accounts.
pub(super) struct Account {
    email: String,
    password: &'static str,
    /// The name to register with; `None` if the account belongs to the demo data and is never registered.
    register_as: Option<&'static str>,
}

/// A client with an account.
pub(super) struct Member {
    api: ApiClient,
    /// Passed by one member at a time.
    turnstile: Arc<Mutex<()>>,
    account: Account,
    /// Of the session, if there is one.
    token: Option<String>,
}

impl Account {
    /// The admin of the demo data.
    pub fn admin() -> Self {
        Self { email: "admin@test.com".to_owned(), password: "admin123", register_as: None }
    }

    /// The account of the bidder with a number and a name.
    pub fn bidder(number: u64, name: &'static str) -> Self {
        Self { email: format!("bidder{number:02}@test.com"), password: "password123", register_as: Some(name) }
    }
}

impl Member {
    /// A member who has not signed in yet, and does so before the first request.
    pub fn new(api: ApiClient, turnstile: Arc<Mutex<()>>, account: Account) -> Self {
        Self { api, turnstile, account, token: None }
    }

    /// The address of the account, for the log.
    pub fn email(&self) -> &str {
        &self.account.email
    }

    /// Reads something as this member.
    pub async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Failure> {
        self.send(Method::GET, path, None).await
    }

    /// Sends a request as this member, who signs in first if there is no session.
    pub async fn send<T: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Failure> {
        let token = match self.token.take() {
            Some(token) => token,
            None => self.sign_in().await?,
        };
        let answer = self.api.send(method, path, Some(&token), body).await;
        // Without a token, the next request signs in again.
        if !answer.as_ref().is_err_and(is_without_session) {
            self.token = Some(token);
        }
        answer
    }

    async fn sign_in(&self) -> Result<String, Failure> {
        let _turn = self.turnstile.lock().await;
        let session = self.sign_in_or_register().await;
        sleep(SIGN_IN_PAUSE).await;
        session
    }

    async fn sign_in_or_register(&self) -> Result<String, Failure> {
        let Account { email, password, register_as } = &self.account;
        let credentials = json!({ "email": email, "password": password });
        match (self.open_session(&credentials).await, register_as) {
            (Err(failure), Some(name)) if failure.is(ErrorCode::BadCredentials) => {
                let account = json!({ "email": email, "password": password, "username": name });
                self.api.send::<User>(Method::POST, "/api/v1/auth/register", None, Some(&account)).await?;
                self.open_session(&credentials).await
            }
            (session, _) => session,
        }
    }

    async fn open_session(&self, credentials: &Value) -> Result<String, Failure> {
        let session = self.api.send::<LoginResponse>(Method::POST, "/api/v1/auth/login", None, Some(credentials));
        Ok(session.await?.access_token)
    }
}

fn is_without_session(failure: &Failure) -> bool {
    failure.is(ErrorCode::InvalidToken) || failure.is(ErrorCode::NotAuthenticated)
}
