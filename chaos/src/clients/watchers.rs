//! Watchers: websockets that stay open, and open again when they were closed.

use crate::record::{Clock, ConnectionId, Frame, Record};
use domain::{CampaignId, UserId, websocket_events::ServerEvent};
use futures_util::StreamExt;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// Pause before a websocket is opened again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);
/// How long opening one may take.
const OPEN_MAX: Duration = Duration::from_secs(3);

/// Who watches what, and where.
pub struct Watcher {
    /// Its number.
    pub number: usize,
    /// A server, or the balancer.
    pub address: SocketAddr,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// The user with their token; `None` for a spectator.
    pub user: Option<(UserId, String)>,
}

/// Watches until told to stop.
pub async fn run(watcher: Watcher, record: Arc<Record>, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut connection = 0;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = watch_once(&watcher, connection, &record, clock) => {}
        }
        connection += 1;
        sleep(RECONNECT_PAUSE).await;
    }
}

/// Watches until the connection ends.
async fn watch_once(watcher: &Watcher, connection: u32, record: &Record, clock: Clock) {
    let token = watcher.user.as_ref().map(|(_, token)| format!("?token={token}")).unwrap_or_default();
    let url = format!("ws://{}/ws/{}{token}", watcher.address, watcher.campaign_id);
    let Ok(Ok((mut socket, _))) = timeout(OPEN_MAX, connect_async(url)).await else { return };
    let connection = ConnectionId { watcher: watcher.number, connection };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        match serde_json::from_str::<ServerEvent>(&text) {
            Ok(event) => record.frame(Frame {
                connection,
                user_id: watcher.user.as_ref().map(|(user, _)| *user),
                campaign_id: watcher.campaign_id,
                at_us: clock.now_us(),
                event,
            }),
            Err(error) => record.problem(format!("a frame that cannot be read: {error}: {text}")),
        }
    }
}
