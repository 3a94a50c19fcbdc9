//! The element with the island's initial state. The server renders it, and the browser reads it.

/// Its `id`.
pub(super) const STATE_ELEMENT: &str = "list-refresh";
