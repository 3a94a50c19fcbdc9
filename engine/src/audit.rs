//! The audit log: what admins did.

mod log;
mod write;

pub use log::{AuditEntry, AuditLog, AuditPage};

pub(crate) use write::record;
