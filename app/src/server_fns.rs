//! The server functions that forms post to and islands call, one file each: authenticate, parse, call the engine, map
//! the error.
//!
//! Every function takes strings and parses them itself, so that each field gets its own error. A script gets the outcome
//! or the error as JSON with its status; a plain form is redirected to its page, which shows the error (see
//! `form_request`).

#[cfg(feature = "ssr")]
pub mod admin;
mod change_password;
mod confirm_email;
mod create_api_key;
mod end_sessions;
mod erase_account;
mod place_bid;
mod register;
mod renew_session;
mod request_confirmation;
mod request_password_reset;
mod reset_password;
mod revoke_api_key;
#[cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "server functions are async, this one awaits nothing")
)]
mod set_language;
#[cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "server functions are async, this one awaits nothing")
)]
mod set_theme;
mod sign_in;
mod sign_in_with_code;
mod sign_out;
mod turn_second_factor_off;
mod turn_second_factor_on;

mod error;
#[cfg(feature = "ssr")]
mod form_request;

pub use change_password::{ChangePassword, change_password};
pub use confirm_email::{ConfirmEmail, confirm_email};
pub use create_api_key::{CreateApiKey, create_api_key};
pub use end_sessions::{EndSessions, end_sessions};
pub use erase_account::{EraseAccount, erase_account};
pub use error::AppError;
#[cfg(feature = "ssr")]
use form_request::FormRequest;
pub use place_bid::{PlaceBid, place_bid};
pub use register::{Register, register};
pub use renew_session::{RenewSession, renew_session};
pub use request_confirmation::{RequestConfirmation, request_confirmation};
pub use request_password_reset::{RequestPasswordReset, request_password_reset};
pub use reset_password::{ResetPassword, reset_password};
pub use revoke_api_key::{RevokeApiKey, revoke_api_key};
pub use set_language::{SetLanguage, set_language};
pub use set_theme::{SetTheme, set_theme};
pub use sign_in::{SignIn, sign_in};
pub use sign_in_with_code::{SignInWithCode, sign_in_with_code};
pub use sign_out::{SignOut, sign_out};
pub use turn_second_factor_off::{TurnSecondFactorOff, turn_second_factor_off};
pub use turn_second_factor_on::{TurnSecondFactorOn, turn_second_factor_on};
