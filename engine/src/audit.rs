//! The audit log: what admins did.

mod read;
mod write;

pub use read::{AuditEntry, AuditLog, AuditPage};

pub(crate) use write::record;
