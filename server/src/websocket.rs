//! `/ws/{campaign_id}`: the live feed of a campaign.

use crate::{
    http::{
        authentication::Identity,
        client_address::forwarded_address,
        connection_limits::ConnectionPermit,
        error_response::{ErrorResponse, HandlerResult},
        same_origin::require_same_origin,
        url_params::{PathId, QueryParams},
    },
    state::AppState,
};
use axum::{
    Extension,
    extract::{
        State,
        ws::{
            CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code,
            rejection::WebSocketUpgradeRejection,
        },
    },
    response::Response,
};
use domain::{
    ApiError, CampaignId, ErrorCode, Timestamp,
    limits::WS_MESSAGE_BYTES_MAX,
    websocket_events::{ClientEvent, Pong, ServerEvent},
};
use engine::{Engine, Subscription, TokenSession};
use http::{HeaderMap, header, request::Parts};
use prometheus::{IntGauge, register_int_gauge};
use std::{future::ready, pin::pin, sync::LazyLock, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use web::{
    cookie_headers::cookie,
    session_cookies::{self, SessionHolder},
};

/// How often the server pings, and checks whether the client is still connected.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// A client that has sent nothing for this long, not even a pong, counts as disconnected.
const SILENCE_MAX: Duration = Duration::from_secs(65);
/// A client that does not take a message within this time counts as disconnected.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Size of a socket's read buffer. Small, since there are many clients and they send little.
const READ_BUFFER_BYTES: usize = 512;
/// Maximum size of a socket's write buffer.
const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// Messages a client may send per ping interval.
const MESSAGES_MAX: u32 = 100;

/// Open websockets.
static OPEN_WEBSOCKETS: LazyLock<IntGauge> =
    LazyLock::new(|| register_int_gauge!("websocket_connections", "Open websockets").expect("metric names are unique"));

/// Exports the number of websockets before the first one opens: a dashboard panel without data looks like a fault.
pub fn register_metrics() {
    LazyLock::force(&OPEN_WEBSOCKETS);
}

/// Checks token, campaign and origin before the upgrade, so that a refused client gets the reason as an HTTP response
/// and does not reconnect in a loop.
pub async fn upgrade(
    State(state): State<AppState>,
    campaign: Result<PathId<CampaignId>, ErrorResponse>,
    params: Result<QueryParams, ErrorResponse>,
    identity: Option<Identity>,
    permit: Option<Extension<ConnectionPermit>>,
    request: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> HandlerResult<Response> {
    let PathId(campaign) =
        campaign.map_err(|_| ErrorResponse::new(ErrorCode::NotFound, "There is no such campaign."))?;
    // The only parameters are a token and a ticket.
    let params = params.map_err(|_| ErrorResponse::new(ErrorCode::InvalidToken, "The token is not valid."))?;
    let is_blocked = matches!(&identity, Some(Identity { user: Err(error), by_cookie: true, .. }) if error.code == ErrorCode::AccountInactive);
    let session = match (session_of_params(&state, &params).await?, identity) {
        (Some(session), _) => {
            // The request checks have counted users with a header or a cookie, but do not read the parameters.
            state.rate_limits.check_user(session.user_id)?;
            Some(session)
        }
        (None, Some(identity)) => {
            let user = match identity.user {
                // A browser attaches the cookie of a blocked account, or of a session that was ended elsewhere, to the
                // spectator's page that it gets.
                Err(error) if identity.by_cookie && error.code == ErrorCode::AccountInactive => None,
                Err(_) if identity.by_cookie && has_ended_session(&state, &request.headers) => None,
                user => user.map_err(ErrorResponse)?,
            };
            if user.is_some() && identity.by_cookie {
                require_same_origin(&request.headers, &state.config)?;
            }
            let token = user.and_then(|_| session_cookies::token(&request.headers));
            token.map(|(token, _)| state.engine.accounts.token_session(&token)).transpose()?
        }
        (None, None) => None,
    };
    let user = session.map(|session| session.user_id);
    // Other clients send no companion.
    let is_browser = cookie(&request.headers, session_cookies::COMPANION_COOKIE).is_some();
    let upgrade = upgrade.map_err(|_| ErrorResponse(ApiError::field("", "must be a WebSocket handshake")))?;
    let forwarded_for = forwarded_address(&request, &state.config);
    let Some(websocket_permit) = state.connections.admit_websocket(user, forwarded_for) else {
        return Err(ErrorResponse::new(ErrorCode::RateLimited, "Too many open live feeds; close one first."));
    };
    let subscription =
        state.engine.live.subscribe(campaign, session).await.map_err(ErrorResponse::for_path_resource)?;
    // A page may reconnect because its session is over or its account blocked, and learns it here.
    let holder = match user {
        Some(user) => SessionHolder::Member(user),
        None if is_blocked => SessionHolder::Blocked,
        None => SessionHolder::Nobody,
    };
    let companion =
        session_cookies::companion_correction(&state.engine, &request.headers, holder, state.secure_cookies());
    // Held from before the upgrade, so that a shutdown that begins meanwhile waits until this socket is closed.
    let held = (permit, websocket_permit, state.shutdown.open_websockets.token());
    let serve = move |socket| {
        let (engine, shutdown) = (state.engine.clone(), state.shutdown.close_websockets.clone());
        let expires_at = session.map(|session| session.expires_at);
        let connection = FeedConnection { engine, socket, subscription, expires_at, shutdown };
        state.feed_threads.handle().spawn(async move {
            let _held = held;
            connection.run().await;
        });
        ready(())
    };
    let mut response = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(WS_MESSAGE_BYTES_MAX)
        .max_frame_size(WS_MESSAGE_BYTES_MAX)
        .on_upgrade(serve);
    if let Some(companion) = companion.filter(|_| is_browser) {
        response.headers_mut().append(header::SET_COOKIE, companion);
    }
    Ok(response)
}

/// The session of the ticket, or else of the token, in a websocket's address.
async fn session_of_params(state: &AppState, params: &QueryParams) -> HandlerResult<Option<TokenSession>> {
    let accounts = &state.engine.accounts;
    if let Some(ticket) = params.get("ticket") {
        return Ok(Some(accounts.ticket_session(ticket).await?));
    }
    let Some(token) = params.get("token") else { return Ok(None) };
    accounts.authenticate(token).await?;
    Ok(Some(accounts.token_session(token)?))
}

fn has_ended_session(state: &AppState, headers: &HeaderMap) -> bool {
    session_cookies::cookie_token(headers).is_some_and(|token| state.engine.accounts.is_of_ended_session(&token))
}

/// One client's connection to the live feed.
struct FeedConnection {
    engine: Engine,
    socket: WebSocket,
    subscription: Subscription,
    /// When the session that opened the connection expires; `None` for spectators.
    expires_at: Option<Timestamp>,
    /// Cancelled when the server shuts down.
    shutdown: CancellationToken,
}

/// Why a connection ends.
enum CloseReason {
    /// The client has closed the connection, or counts as disconnected.
    Disconnected,
    /// The server is shutting down; the client should reconnect.
    Shutdown,
    SessionExpired,
    SessionEnded,
    TooManyMessages,
}

impl CloseReason {
    /// The close frame that tells the client; `None` if it is disconnected.
    fn close_frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Disconnected => return None,
            Self::Shutdown => (close_code::RESTART, "the server is restarting"),
            Self::SessionExpired => (close_code::POLICY, "the session has expired"),
            Self::SessionEnded => (close_code::POLICY, "the session has ended or the account was deactivated"),
            Self::TooManyMessages => (close_code::POLICY, "too many messages"),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

impl FeedConnection {
    async fn run(mut self) {
        OPEN_WEBSOCKETS.inc();
        if let Some(frame) = self.serve().await.close_frame() {
            let _ = timeout(SEND_TIMEOUT, self.socket.send(Message::Close(Some(frame)))).await;
        }
        OPEN_WEBSOCKETS.dec();
    }

    /// Sends events and answers pings until the connection has to be closed.
    async fn serve(&mut self) -> CloseReason {
        // The first tick of `interval` would be immediate and reset the count of messages.
        let mut ping = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_received_at = Instant::now();
        let mut messages_since_ping = 0;
        let shutdown = self.shutdown.clone();
        let mut session_expiry = pin!(session_expiry(self.engine.clone(), self.expires_at));
        loop {
            let message = tokio::select! {
                () = shutdown.cancelled() => return CloseReason::Shutdown,
                () = &mut session_expiry => return CloseReason::SessionExpired,
                frame = self.subscription.next() => match frame.map(Utf8Bytes::try_from) {
                    Some(Ok(text)) => Message::Text(text),
                    _ => return CloseReason::SessionEnded,
                },
                received = self.socket.recv() => {
                    last_received_at = Instant::now();
                    messages_since_ping += 1;
                    if messages_since_ping > MESSAGES_MAX {
                        return CloseReason::TooManyMessages;
                    }
                    match received {
                        Some(Ok(Message::Text(text))) => match self.reply(&text) {
                            Some(reply) => reply,
                            None => continue,
                        },
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return CloseReason::Disconnected,
                        // The websocket library answers pings; binary messages have no meaning here.
                        Some(Ok(_)) => continue,
                    }
                }
                _ = ping.tick() => {
                    messages_since_ping = 0;
                    if last_received_at.elapsed() > SILENCE_MAX {
                        return CloseReason::Disconnected;
                    }
                    Message::Ping(axum::body::Bytes::new())
                }
            };
            match timeout(SEND_TIMEOUT, self.socket.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return CloseReason::Disconnected,
            }
        }
    }

    /// The reply to a client's text message; `None` if it is not a ping, since messages of other kinds are ignored.
    fn reply(&self, text: &str) -> Option<Message> {
        if text == "ping" {
            return Some(Message::Text(Utf8Bytes::from_static("pong")));
        }
        let ClientEvent::Ping = serde_json::from_str(text).ok()?;
        let pong = ServerEvent::Pong(Pong { server_time: self.engine.clock.now() });
        serde_json::to_string(&pong).ok().map(|text| Message::Text(text.into()))
    }
}

/// Resolves when the session expires; pending forever for spectators.
async fn session_expiry(engine: Engine, expires_at: Option<Timestamp>) {
    match expires_at {
        Some(time) => engine.clock.sleep_until(time).await,
        None => std::future::pending().await,
    }
}
