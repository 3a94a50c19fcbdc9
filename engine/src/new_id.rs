//! New ids.

use uuid::Uuid;

/// A new id, ordered by time (UUID version 7) so that indexes grow at their end. The time in it is the machine's and
/// has no meaning.
pub(crate) fn new_id() -> Uuid {
    Uuid::now_v7()
}
