//! Fresh ids.

use uuid::Uuid;

/// A fresh id. Ordered by time (version 7), so that indexes grow at their end; the time in it is the
/// machine's and means nothing.
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}
