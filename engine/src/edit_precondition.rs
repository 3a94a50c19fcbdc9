//! Preconditions of edits: an edit that was made for one state of a record is refused if the record has changed since.

use crate::{
    error::{Error, Result},
    hex::hex,
};
use domain::ErrorCode;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Characters of an entity tag.
const TAG_CHARS: usize = 32;

/// The entity tag of a record: it differs whenever anything in the record does.
pub fn entity_tag(record: &impl Serialize) -> String {
    let mut tag = hex(&Sha256::digest(serde_json::to_vec(record).unwrap_or_default()));
    tag.truncate(TAG_CHARS);
    tag
}

/// Which states of a record an edit may be applied to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EditPrecondition(Option<Vec<String>>);

impl EditPrecondition {
    /// Any state.
    pub const NONE: Self = Self(None);

    /// One with any of these entity tags.
    pub fn any_of(tags: Vec<String>) -> Self {
        Self(Some(tags))
    }

    /// The state that this record has.
    pub fn unchanged(record: &impl Serialize) -> Self {
        Self::any_of(vec![entity_tag(record)])
    }

    /// Checks a record, which must be locked, so that it does not change until the edit is committed.
    pub(crate) fn check(&self, record: &impl Serialize) -> Result<()> {
        match &self.0 {
            Some(tags) if !tags.contains(&entity_tag(record)) => {
                Err(Error::Refused(ErrorCode::Stale, "It was changed in the meantime; read it again."))
            }
            _ => Ok(()),
        }
    }
}
