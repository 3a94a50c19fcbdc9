//! A client of the HTTP API. Each request has a connection of its own: there is one every second or so.

use axum::{
    BoxError,
    body::{Body, Bytes, to_bytes},
};
use domain::{ApiError, ErrorCode};
use http::{Method, Request, StatusCode, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{fmt, net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// After this, no answer is expected any more: longer than the server may take for any.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);
/// Larger answers are not read: the longest are pages of a hundred campaigns.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Pause after a request without a usable answer, and the shortest one after a server that asks for patience.
const RETRY_PAUSE: Duration = Duration::from_secs(5);
/// Pause after an answer that only people can change.
const LONG_PAUSE: Duration = Duration::from_mins(1);

/// Sends requests to one server.
#[derive(Clone, Copy)]
pub(super) struct ApiClient {
    server: SocketAddr,
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server refused it.
    Refused(Box<ApiError>),
    /// There was no answer, or none that could be read.
    Lost(String),
}

impl ApiClient {
    /// A client of the server at an address.
    pub fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    /// Reads what anybody may see.
    pub async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, Failure> {
        self.send(Method::GET, path, None, None).await
    }

    /// Sends a request, with a session's token or without.
    pub async fn send<T: DeserializeOwned>(
        self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<T, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.server.to_string())
            .header(header::CONNECTION, "close");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).map_err(|error| Failure::Lost(error.to_string()))?;
        // On the heap, because a connection is large and every caller's future would contain it.
        match timeout(ANSWER_TIMEOUT, Box::pin(exchange(self.server, request))).await {
            Ok(Ok((status, bytes))) => read(status, &bytes),
            Ok(Err(error)) => Err(Failure::Lost(error.to_string())),
            Err(_) => Err(Failure::Lost("no answer in time".to_owned())),
        }
    }
}

/// For the log.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "{}: {}", error.code.as_str(), error.detail),
            Self::Lost(reason) => f.write_str(reason),
        }
    }
}

impl Failure {
    /// Whether the server refused the request with this code.
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(error) if error.code == code)
    }

    /// How much longer than usual to wait before the next request.
    pub fn pause(&self) -> Duration {
        match self {
            Self::Refused(error) => refusal_pause(error),
            Self::Lost(_) => RETRY_PAUSE,
        }
    }
}

fn refusal_pause(error: &ApiError) -> Duration {
    if let Some(retry_after_ms) = error.retry_after_ms {
        return Duration::from_millis(retry_after_ms).clamp(RETRY_PAUSE, LONG_PAUSE);
    }
    match error.code {
        ErrorCode::BadCredentials | ErrorCode::EmailTaken | ErrorCode::AccountInactive | ErrorCode::AdminRequired => {
            LONG_PAUSE
        }
        // A campaign that has just ended, a session that has expired.
        _ => Duration::ZERO,
    }
}

async fn exchange(server: SocketAddr, request: Request<Body>) -> Result<(StatusCode, Bytes), BoxError> {
    let stream = TcpStream::connect(server).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let bytes = to_bytes(Body::new(response.into_body()), ANSWER_BYTES_MAX).await?;
        Ok::<_, BoxError>((status, bytes))
    };
    // The connection is what writes and reads. If it fails, so does the answer.
    let (answer, _) = tokio::join!(answer, connection);
    answer
}

fn read<T: DeserializeOwned>(status: StatusCode, bytes: &[u8]) -> Result<T, Failure> {
    if status.is_success() {
        return serde_json::from_slice(bytes).map_err(|error| Failure::Lost(format!("an unreadable answer: {error}")));
    }
    Err(match serde_json::from_slice(bytes) {
        Ok(error) => Failure::Refused(Box::new(error)),
        Err(_) => Failure::Lost(format!("status {status}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: ErrorCode, retry_after_ms: Option<u64>) -> Failure {
        Failure::Refused(Box::new(ApiError { retry_after_ms, ..ApiError::new(code, "No.") }))
    }

    #[test]
    fn clients_wait_for_as_long_as_they_are_asked_to_within_reason() {
        for (asked_ms, pause_s) in [(10, 5), (20_000, 20), (86_400_000, 60)] {
            let failure = refused(ErrorCode::RateLimited, Some(asked_ms));
            assert_eq!(failure.pause(), Duration::from_secs(pause_s), "{asked_ms}");
        }
        assert_eq!(refused(ErrorCode::CampaignEnded, None).pause(), Duration::ZERO);
        assert_eq!(refused(ErrorCode::BadCredentials, None).pause(), LONG_PAUSE);
    }

    #[test]
    fn an_error_that_is_no_api_error_is_no_refusal() {
        let body = br#"{"code":"CAMPAIGN_ENDED","detail":"It is over."}"#;
        let failure = read::<Value>(StatusCode::FORBIDDEN, body).expect_err("an error");
        assert!(failure.is(ErrorCode::CampaignEnded), "{failure:?}");
        let failure = read::<Value>(StatusCode::BAD_GATEWAY, b"<html>").expect_err("an error");
        assert!(matches!(failure, Failure::Lost(_)), "{failure:?}");
    }
}
