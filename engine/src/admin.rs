//! What admins see besides the public: stock and its promises, members, how a campaign goes, the
//! proof of a settlement, the audit log, and everything by the line for exports.

mod audit_log;
mod exports;
mod members;
mod process;
mod samples;
mod stock;

pub use audit_log::{AuditEntry, AuditLog};
pub use exports::{BidLine, OrderLine, ParticipantLine};
pub use members::UserList;
pub use process::ProcessNumbers;
pub use samples::CampaignSample;
pub use stock::{StockedProduct, StockedProducts};

pub(crate) use process::Latency;
