//! What admins' forms hold: texts as they were typed, and their parsing.
//!
//! A draft is read by the page that shows it again and reviews it, and by the server function that
//! carries it out. Both parse it with the same code, and the values are those of the API.

mod campaign;
mod product;
mod user;
mod zone;

pub use campaign::{CampaignDraft, CancelDraft};
pub use product::ProductDraft;
pub use user::UserDraft;
pub(crate) use zone::{TimeProblem, ZONE_COOKIE, Zone, places};

/// A mark of something as the admin saw it. If it differs when the form comes back, someone else
/// has changed it meanwhile.
pub(crate) fn seen(thing: &impl serde::Serialize) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};

    let mut hasher = DefaultHasher::new();
    serde_json::to_string(thing).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
