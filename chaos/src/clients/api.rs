//! Gavel's HTTP API, as far as the clients need it.

use crate::{
    error::Result,
    record::{Answer, BidAttempt, Clock},
};
use domain::{CampaignId, Money, Timestamp, UserId, api::bids::PlaceBid};
use reqwest::{Client, Method, header::RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{net::SocketAddr, time::Duration};

/// After this, a client gives up on an answer: longer than the server may take for any.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(40);

/// A client with connections of its own and, perhaps, a session.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: String,
    token: String,
    clock: Clock,
}

impl Api {
    /// A client of the server, or the balancer, at an address.
    pub fn new(address: SocketAddr, token: &str, clock: Clock) -> Result<Self> {
        let client = Client::builder().timeout(GIVE_UP_AFTER).tcp_nodelay(true).build()?;
        Ok(Self { client, base: format!("http://{address}"), token: token.to_owned(), clock })
    }

    /// Sends a bid, whatever becomes of it.
    pub async fn bid(&self, user_id: UserId, campaign_id: CampaignId, price: Money) -> BidAttempt {
        let sent_us = self.clock.now_us();
        let body = PlaceBid { campaign_id, price, user_id: None };
        let request = self.client.post(format!("{}/api/v1/bids", self.base)).bearer_auth(&self.token).json(&body);
        let answer = match request.send().await {
            Ok(response) => read_answer(response).await,
            Err(error) => Answer::Lost(chain(&error)),
        };
        BidAttempt { user_id, campaign_id, price, sent_us, answered_us: self.clock.now_us(), answer }
    }

    /// Sends a request that must succeed.
    pub async fn send<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&Value>) -> Result<T> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        if !status.is_success() {
            return Err(format!("{path}: {status} {text}").into());
        }
        // An answer without a body is `null`.
        Ok(serde_json::from_str(if text.is_empty() { "null" } else { &text })?)
    }

    /// The text of a page that must be there.
    pub async fn text(&self, path: &str) -> Result<String> {
        let response = self.client.get(format!("{}{path}", self.base)).send().await?;
        Ok(response.error_for_status()?.text().await?)
    }
}

async fn read_answer(response: reqwest::Response) -> Answer {
    let status = response.status();
    let has_retry_after = response.headers().contains_key(RETRY_AFTER);
    let text = match response.text().await {
        Ok(text) => text,
        Err(error) => return Answer::Lost(chain(&error)),
    };
    if status.is_success() {
        return match serde_json::from_str(&text) {
            Ok(outcome) => Answer::Accepted { created: status.as_u16() == 201, outcome: Box::new(outcome) },
            // Honest answers to a bid are bids and errors.
            Err(error) => Answer::Refused {
                status: status.as_u16(),
                code: format!("unreadable: {error}"),
                has_retry_after,
                server_time: None,
            },
        };
    }
    let error: Value = serde_json::from_str(&text).unwrap_or_default();
    let server_time = error["server_time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
    let code = error["code"].as_str().unwrap_or_default().to_owned();
    Answer::Refused { status: status.as_u16(), code, has_retry_after, server_time }
}

/// An error with its causes, without the URL.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    if text.is_empty() { "the request failed".to_owned() } else { text }
}
