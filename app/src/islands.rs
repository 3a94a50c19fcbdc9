//! What lives in the browser.

mod campaign;
mod form;
mod turnover;

pub use campaign::LiveCampaign;
pub use form::{Choice, Field, FieldKind, FormSpec, KeptForm};
pub use turnover::Turnover;
