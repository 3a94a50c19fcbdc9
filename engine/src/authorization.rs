//! Authorization: the only check of rights.

use crate::error::{Error, Result};
use domain::{ErrorCode, api::accounts::User};

/// Refuses everyone but admins.
///
/// # Errors
/// `ADMIN_REQUIRED`.
pub fn require_admin(actor: &User) -> Result<()> {
    if actor.is_admin { Ok(()) } else { Err(Error::Refused(ErrorCode::AdminRequired, "Only admins may do this.")) }
}
