//! The audit log: what admins did.

mod read;
mod write;

pub use read::{AuditEntry, AuditFilter, AuditLog, AuditPage, AuditSubject};

pub(crate) use write::record;
