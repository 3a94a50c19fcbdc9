//! What lives in the browser.

mod campaign;
mod form;

pub use campaign::LiveCampaign;
pub use form::{Choice, Field, FieldKind, FormSpec, KeptForm};
