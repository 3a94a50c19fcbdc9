//! What admins' forms hold: the fields as typed, and their parsing into the API's types.
//!
//! The page that shows or reviews a form and the server function that executes it parse it with the same code.

mod campaign;
mod edit_conflict;
mod field_parser;
mod product;
mod reason;
mod time_zone;
mod user;

pub use campaign::CampaignInput;
pub(crate) use field_parser::FieldParser;
pub use product::ProductInput;
pub use reason::ReasonInput;
pub(crate) use time_zone::{TimeError, ZONE_COOKIE, Zone, zones_by_area};
pub use user::UserInput;
