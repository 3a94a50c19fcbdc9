//! `/ws/{campaign_id}`: the live feed of a campaign.

use crate::{
    http::{
        admission::Identity,
        client::Place,
        extract::{Params, PathId},
        failure::{Answer, Failure},
        metrics::WEBSOCKETS,
        origin::is_same_origin,
    },
    state::AppState,
};
use app::session;
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
    websocket::{ClientEvent, Pong, ServerEvent},
};
use engine::{Engine, Subscription};
use http::HeaderMap;
use std::{future::ready, pin::pin, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::sync::CancellationToken;

/// How often the server pings, and looks whether the client is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A client that has sent nothing for this long, not even a pong, is gone.
const SILENCE_MAX: Duration = Duration::from_secs(65);
/// A frame that cannot be sent within this finds a client that has stopped reading.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Read buffer of a socket in bytes: clients send little, and there are many of them.
const READ_BUFFER_BYTES: usize = 512;
/// Bytes that may wait in a socket's write buffer.
const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// Messages a client may send per ping interval.
const MESSAGES_MAX: u32 = 100;

/// Checks token, campaign and origin before the upgrade, so that a refused client sees why and
/// does not loop.
pub async fn upgrade(
    State(state): State<AppState>,
    campaign: Result<PathId<CampaignId>, Failure>,
    params: Result<Params, Failure>,
    identity: Option<Identity>,
    place: Option<Extension<Place>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let PathId(campaign) = campaign.map_err(|_| Failure::new(ErrorCode::NotFound, "There is no such campaign."))?;
    // All that the query holds is a token.
    let params = params.map_err(|_| Failure::new(ErrorCode::InvalidToken, "The token is not valid."))?;
    let session = match (params.get("token"), identity) {
        (Some(token), _) => {
            let user = state.engine.accounts.authenticate(token).await?.user_id;
            // The gate counts the users of headers and cookies.
            state.limits.admit_user(user)?;
            Some((user, token.to_owned()))
        }
        (None, Some(identity)) => {
            let user = identity.user.map_err(Failure)?;
            if user.is_some() && identity.by_cookie && !is_same_origin(&headers, &state.config) {
                return Err(Failure::new(ErrorCode::CrossOrigin, "This request came from another site."));
            }
            let token = session::bearer_token(&headers).or_else(|| session::cookie_token(&headers));
            user.map(|user| user.user_id).zip(token)
        }
        (None, None) => None,
    };
    let user = session.as_ref().map(|(user, _)| *user);
    let expires_at = session.map(|(_, token)| state.engine.accounts.session_end(&token)).transpose()?;
    let upgrade = upgrade.map_err(|_| Failure(ApiError::field("", "must be a websocket's opening handshake")))?;
    let subscription = state.engine.live.subscribe(campaign, user).await.map_err(Failure::at_path)?;
    // From here on, so that a shutdown waits for this socket's farewell, however early it comes.
    let held = (place, state.lifecycle.sockets.token());
    let serve = move |socket| {
        let (engine, closing) = (state.engine.clone(), state.lifecycle.closing.clone());
        let feed = Feed { engine, socket, subscription, expires_at, closing };
        state.feed_threads.handle().spawn(async move {
            let _held = held;
            feed.run().await;
        });
        ready(())
    };
    Ok(upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(WS_MESSAGE_BYTES_MAX)
        .max_frame_size(WS_MESSAGE_BYTES_MAX)
        .on_upgrade(serve))
}

/// One open socket.
struct Feed {
    engine: Engine,
    socket: WebSocket,
    subscription: Subscription,
    /// When the session ends that opened it; a spectator has none.
    expires_at: Option<Timestamp>,
    closing: CancellationToken,
}

/// Why a socket is closed by the server.
enum Farewell {
    /// The client left or broke off: there is nobody to tell.
    Silent,
    /// Told with a close code.
    Told(u16, &'static str),
}

impl Feed {
    async fn run(mut self) {
        WEBSOCKETS.inc();
        let farewell = self.serve().await;
        if let Farewell::Told(code, reason) = farewell {
            let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
            let _ = timeout(SEND_TIMEOUT, self.socket.send(close)).await;
        }
        WEBSOCKETS.dec();
    }

    async fn serve(&mut self) -> Farewell {
        // Not at once: the first tick would forgive what a client has sent by then.
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard_at = Instant::now();
        let mut messages = 0;
        let closing = self.closing.clone();
        let mut expiry = pin!(expiry(self.engine.clone(), self.expires_at));
        loop {
            let message = tokio::select! {
                () = closing.cancelled() => return Farewell::Told(close_code::RESTART, "the server is restarting"),
                () = &mut expiry => return Farewell::Told(close_code::POLICY, "the session has expired"),
                frame = self.subscription.next() => match frame.map(Utf8Bytes::try_from) {
                    Some(Ok(text)) => Message::Text(text),
                    _ => return Farewell::Told(close_code::POLICY, "the account has been deactivated"),
                },
                received = self.socket.recv() => {
                    heard_at = Instant::now();
                    messages += 1;
                    if messages > MESSAGES_MAX {
                        return Farewell::Told(close_code::POLICY, "too many messages");
                    }
                    match received {
                        Some(Ok(Message::Text(text))) => match self.reply(&text) {
                            Some(reply) => reply,
                            None => continue,
                        },
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Farewell::Silent,
                        // Pings are answered below us; binary means nothing here.
                        Some(Ok(_)) => continue,
                    }
                }
                _ = ping.tick() => {
                    messages = 0;
                    if heard_at.elapsed() > SILENCE_MAX {
                        return Farewell::Silent;
                    }
                    Message::Ping(axum::body::Bytes::new())
                }
            };
            match timeout(SEND_TIMEOUT, self.socket.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Farewell::Silent,
            }
        }
    }

    /// The answer to a client's text; what we do not know we do not answer.
    fn reply(&self, text: &str) -> Option<Message> {
        if text == "ping" {
            return Some(Message::Text(Utf8Bytes::from_static("pong")));
        }
        let ClientEvent::Ping = serde_json::from_str(text).ok()?;
        let pong = ServerEvent::Pong(Pong { server_time: self.engine.clock.now() });
        serde_json::to_string(&pong).ok().map(|text| Message::Text(text.into()))
    }
}

/// Comes true when a session ends; without one, never.
async fn expiry(engine: Engine, expires_at: Option<Timestamp>) {
    match expires_at {
        Some(time) => engine.clock.sleep_until(time).await,
        None => std::future::pending().await,
    }
}
