//! HTTP clients, signed in or not, and their responses.

use domain::{CampaignId, api::accounts::User};
use http::{HeaderMap, Method, StatusCode, header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::{ops::Deref, sync::Arc};

/// Sends requests to one server, with a bearer token or without.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    token: Option<String>,
}

impl Client {
    /// A client that is not signed in.
    pub fn new(http: reqwest::Client, origin: String) -> Self {
        Self { http, origin, token: None }
    }

    /// The same with a bearer token.
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// A request that has not been sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Response {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Posts a body as it is, without a content type.
    pub async fn post_bytes(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        send(self.request(Method::POST, path).body(body)).await
    }

    /// Bids in a campaign.
    pub async fn bid(&self, campaign: CampaignId, price: impl Into<Value>) -> Response {
        self.post("/api/v1/bids", json!({ "campaign_id": campaign, "price": price.into() })).await
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Response {
        self.post("/api/v1/auth/login", json!({ "email": email, "password": password })).await
    }
}

/// A signed-in user and their client.
pub struct Member {
    pub user: Arc<User>,
    pub token: String,
    client: Client,
}

impl Member {
    /// The user whose token the client sends.
    pub fn new(user: Arc<User>, token: String, client: Client) -> Self {
        Self { client: client.with_token(&token), user, token }
    }
}

impl Deref for Member {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Sends a request, and checks a header that every response has.
pub async fn send(request: RequestBuilder) -> Response {
    let received = request.send().await.expect("a response");
    let (status, headers) = (received.status(), received.headers().clone());
    let response = Response { status, headers, text: received.text().await.expect("a text") };
    assert_eq!(response.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    response
}

/// A response with its whole body.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Response {
    /// The value of a header, empty without the header.
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// The JSON body; fails unless the status is this one.
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json");
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The body of an error with this status and code; fails unless it has the form of all errors.
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        assert_eq!(body["code"], code, "{body}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
        let expected = if status == 401 { "Bearer" } else { "" };
        assert_eq!(self.header(header::WWW_AUTHENTICATE), expected, "{body}");
        if matches!(status, 429 | 503) {
            assert!(body["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0), "{body}");
            assert!(self.header(header::RETRY_AFTER).parse::<u64>().is_ok_and(|seconds| seconds > 0), "{body}");
        }
        body
    }

    /// The field that a validation error names; fails unless there is exactly one.
    pub fn invalid_field(&self) -> String {
        let body = self.refused(422, "VALIDATION");
        let errors = body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{body}");
        assert!(errors[0]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        errors[0]["field"].as_str().expect("a field").to_owned()
    }
}

/// Fails unless an object has all these fields, which are separated by blanks.
pub fn assert_has_fields(object: &Value, fields: &str) {
    for field in fields.split_whitespace() {
        assert!(object.get(field).is_some(), "no {field} in {object}");
    }
}

/// The values that the objects of a list have in one field.
pub fn column(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().expect("a list").iter().map(|row| row[field].clone()).collect()
}
