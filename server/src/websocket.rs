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
    ApiError, CampaignId, ErrorCode,
    limits::WS_MESSAGE_BYTES_MAX,
    ws::{ClientEvent, Pong, ServerEvent},
};
use engine::{Engine, Subscription};
use http::HeaderMap;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

/// How often the server pings, and looks whether the client is still there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A client that has sent nothing for this long, not even a pong, is gone.
const SILENCE_MAX: Duration = Duration::from_secs(65);
/// A frame that cannot be sent within this finds a client that has stopped reading.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Read buffer of a socket in bytes: clients send little, and there are many of them.
const READ_BUFFER_BYTES: usize = 2 * 1024;
/// Bytes that may wait in a socket's write buffer.
const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// Messages a client may send per ping interval.
const MESSAGES_MAX: u32 = 100;

/// Checks token, campaign and origin before the upgrade, so that a refused client sees why and
/// does not loop.
pub async fn upgrade(
    State(state): State<AppState>,
    campaign: Result<PathId<CampaignId>, Failure>,
    params: Params,
    identity: Option<Identity>,
    place: Option<Extension<Place>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let PathId(campaign) = campaign.map_err(|_| Failure::new(ErrorCode::NotFound, "There is no such campaign."))?;
    let user = match (params.get("token"), identity) {
        (Some(token), _) => Some(state.engine.authenticate(token).await?),
        (None, Some(identity)) => {
            let user = identity.user.map_err(Failure)?;
            if user.is_some() && identity.by_cookie && !is_same_origin(&headers, &state.config) {
                return Err(Failure::new(ErrorCode::CrossOrigin, "This request came from another site."));
            }
            user
        }
        (None, None) => None,
    };
    let user = user.map(|user| user.user_id);
    let upgrade = upgrade.map_err(|_| Failure(ApiError::field("", "must be a websocket's opening handshake")))?;
    let subscription = state.engine.subscribe(campaign, user).await.map_err(Failure::at_path)?;
    // From here on, so that a shutdown waits for this socket's farewell, however early it comes.
    let held = (place, state.lifecycle.sockets.token());
    let socket_of = move |socket| async move {
        let _held = held;
        let feed = Feed { engine: state.engine.clone(), socket, subscription, closing: state.lifecycle.closing.clone() };
        feed.run().await;
    };
    Ok(upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(WS_MESSAGE_BYTES_MAX)
        .max_frame_size(WS_MESSAGE_BYTES_MAX)
        .on_upgrade(socket_of))
}

/// One open socket.
struct Feed {
    engine: Engine,
    socket: WebSocket,
    subscription: Subscription,
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
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard_at = Instant::now();
        let mut messages = 0;
        loop {
            let closing = self.closing.clone();
            let message = tokio::select! {
                () = closing.cancelled() => return Farewell::Told(close_code::RESTART, "the server is restarting"),
                frame = self.subscription.next() => match frame.map(Utf8Bytes::try_from) {
                    Some(Ok(text)) => Message::Text(text),
                    _ => return Farewell::Told(close_code::RESTART, "the feed has stopped"),
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
        let pong = ServerEvent::Pong(Pong { server_time: self.engine.now() });
        serde_json::to_string(&pong).ok().map(|text| Message::Text(text.into()))
    }
}
