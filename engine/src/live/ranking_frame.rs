//! Events as they go over the wire.

use bytes::Bytes;
use domain::websocket_events::ServerEvent;

/// An encoded websocket text, shared by all its receivers.
pub type Frame = Bytes;

/// Encodes an event.
pub(super) fn encode(event: &ServerEvent) -> Frame {
    // These types hold nothing JSON cannot: no maps with odd keys, no failing serializers.
    serde_json::to_vec(event).unwrap_or_default().into()
}
