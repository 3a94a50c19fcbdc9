//! The engine's error type. It maps to stable codes and knows nothing of HTTP.

use domain::{ApiError, BidRejection, ErrorCode, FieldError, Timestamp};
use secrecy::SecretString;

/// Why a call to the engine failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A bid that the campaign's rules refuse, and when it was received.
    #[error("{0}")]
    BidRejected(BidRejection, Timestamp),
    /// Refused, with a stable code and a sentence for people.
    #[error("{1}")]
    Refused(ErrorCode, &'static str),
    /// The password was right, but signing in takes a code, too: see [`crate::Accounts::sign_in_with_code`].
    #[error("a code is required")]
    CodeRequired {
        /// Shows that the password was right.
        proof: SecretString,
    },
    /// Invalid input in the given fields.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The process has too much to do; nothing was done.
    #[error("overloaded")]
    Overloaded,
    /// Too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// When the next attempt may succeed, in milliseconds.
        retry_after_ms: u64,
    },
    /// A store did not answer in time. The request itself may be fine, and sending it again is safe.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The process is shutting down; another one will take the request.
    #[error("shutting down")]
    ShuttingDown,
    /// A bug. The message is for the log only.
    #[error("internal: {0}")]
    Internal(String),
}

/// The result of a call to the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// When to try again after an overload, in milliseconds: a few batches later.
const OVERLOADED_RETRY_MS: u64 = 1000;

impl Error {
    /// An [`Error::Refused`].
    pub fn refused(code: ErrorCode, detail: &'static str) -> Self {
        Self::Refused(code, detail)
    }

    /// An [`Error::Invalid`] of one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// An [`Error::Internal`] for something that must never happen. It is counted, so that operators are alerted.
    pub(crate) fn broken_invariant(what: &str) -> Self {
        crate::metrics::INVARIANT_VIOLATIONS.inc();
        // Apart from the errors of an outage, so that it is not among those that are no longer logged.
        tracing::error!(what, "an invariant is broken");
        Self::Internal(what.to_owned())
    }

    /// Whether it belongs in the log.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Internal(_))
    }

    /// A copy for another of several callers that waited for the same result.
    pub(crate) fn for_another(&self) -> Self {
        match self {
            Self::BidRejected(rejection, received_at) => Self::BidRejected(*rejection, *received_at),
            Self::Refused(code, detail) => Self::Refused(*code, detail),
            Self::CodeRequired { proof } => Self::CodeRequired { proof: proof.clone() },
            Self::Invalid(errors) => Self::Invalid(errors.clone()),
            Self::Overloaded => Self::Overloaded,
            Self::RateLimited { retry_after_ms } => Self::RateLimited { retry_after_ms: *retry_after_ms },
            Self::Unavailable(what) => Self::Unavailable(what.clone()),
            Self::ShuttingDown => Self::ShuttingDown,
            Self::Internal(what) => Self::Internal(what.clone()),
        }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BidRejected(BidRejection::NotStarted, _) => ErrorCode::CampaignNotStarted,
            Self::BidRejected(BidRejection::Ended, _) => ErrorCode::CampaignEnded,
            Self::BidRejected(BidRejection::Cancelled, _) => ErrorCode::CampaignCancelled,
            Self::BidRejected(BidRejection::PriceTooLow { .. }, _) => ErrorCode::PriceTooLow,
            Self::Refused(code, _) => *code,
            Self::CodeRequired { .. } => ErrorCode::CodeRequired,
            Self::Invalid(_) => ErrorCode::Validation,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Unavailable(_) | Self::ShuttingDown => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// The error body of the API, without the message of an internal error.
    pub fn to_api(&self) -> ApiError {
        let code = self.code();
        let body = |detail: &str| ApiError::new(code, detail);
        match self {
            Self::BidRejected(rejection, received_at) => ApiError {
                server_time: Some(*received_at),
                min_price: match rejection {
                    BidRejection::PriceTooLow { min_price } => Some(*min_price),
                    _ => None,
                },
                ..body(&sentence(&rejection.to_string()))
            },
            Self::Refused(_, detail) => body(detail),
            Self::CodeRequired { .. } => body("Send the code of your authenticator app, too, as `code`."),
            Self::Invalid(errors) => ApiError::validation(errors.clone()),
            Self::Overloaded => ApiError {
                retry_after_ms: Some(OVERLOADED_RETRY_MS),
                ..body("The server is too busy, so nothing was done; please try again.")
            },
            Self::RateLimited { retry_after_ms } => {
                ApiError { retry_after_ms: Some(*retry_after_ms), ..body("Too many attempts; please wait.") }
            }
            Self::Unavailable(_) | Self::ShuttingDown => ApiError {
                retry_after_ms: Some(OVERLOADED_RETRY_MS),
                ..body("The service is not available at the moment; please try again.")
            },
            Self::Internal(_) => body("Something went wrong on the server."),
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let what = format!("database: {error}");
        match error {
            // A value that the constraints of the tables exclude.
            sqlx::Error::ColumnDecode { .. } => Self::broken_invariant(&what),
            error if is_unavailable(&error) => Self::Unavailable(what),
            _ => Self::Internal(what),
        }
    }
}

impl From<redis::RedisError> for Error {
    fn from(error: redis::RedisError) -> Self {
        Self::Unavailable(format!("redis: {error}"))
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Internal(format!("migration: {error}"))
    }
}

/// Whether PostgreSQL could not be reached or could not serve the query, as opposed to having rejected it.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => true,
        // Classes 53 (insufficient resources), 57 (operator intervention) and 08 (connection); a lock that was not
        // granted in time, and a transaction that was ended because this process had paused.
        sqlx::Error::Database(database) => database
            .code()
            .is_some_and(|code| ["53", "57", "08", "55P03", "25P03"].iter().any(|class| code.starts_with(class))),
        _ => false,
    }
}

fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}
