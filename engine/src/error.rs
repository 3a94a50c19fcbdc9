//! The one error of the engine. It knows codes, not transports.

use domain::{ApiError, BidRejection, ErrorCode, FieldError, Timestamp};

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A bid the campaign's rules refuse, and when it was received.
    #[error("{0}")]
    BidRejected(BidRejection, Timestamp),
    /// A refusal with a stable code and a sentence for people.
    #[error("{1}")]
    Refused(ErrorCode, &'static str),
    /// Input that is wrong in the given fields.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// More work than the process can take on; nothing was done.
    #[error("overloaded")]
    Overloaded,
    /// Too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// When the next one may succeed, in milliseconds.
        retry_after_ms: u64,
    },
    /// PostgreSQL failed or is out of reach.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Redis failed or is out of reach.
    #[error("redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// The engine is shutting down.
    #[error("shutting down")]
    ShuttingDown,
    /// Something that cannot happen did.
    #[error("internal: {0}")]
    Internal(String),
}

/// The engine's result.
pub type Result<T> = std::result::Result<T, Error>;

/// When to come back after an overload, in milliseconds: a few batches later.
const OVERLOADED_RETRY_MS: u64 = 1000;

impl Error {
    /// A refusal with a stable code.
    pub fn refused(code: ErrorCode, detail: &'static str) -> Self {
        Self::Refused(code, detail)
    }

    /// Input that is wrong in one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// Something that cannot happen did; it is counted, so that someone is told.
    pub(crate) fn broken_invariant(what: &str) -> Self {
        crate::metrics::INVARIANT_VIOLATIONS.inc();
        Self::Internal(what.to_owned())
    }

    /// Whether the fault is ours, so that someone should read about it in the log.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Database(_) | Self::Migration(_) | Self::Redis(_) | Self::Internal(_))
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BidRejected(BidRejection::NotStarted, _) => ErrorCode::CampaignNotStarted,
            Self::BidRejected(BidRejection::Ended, _) => ErrorCode::CampaignEnded,
            Self::BidRejected(BidRejection::Cancelled, _) => ErrorCode::CampaignCancelled,
            Self::BidRejected(BidRejection::PriceTooLow { .. }, _) => ErrorCode::PriceTooLow,
            Self::Refused(code, _) => *code,
            Self::Invalid(_) => ErrorCode::Validation,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Database(error) if !is_unavailable(error) => ErrorCode::Internal,
            Self::Database(_) | Self::Redis(_) | Self::ShuttingDown => ErrorCode::Unavailable,
            Self::Migration(_) | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// The error body of the wire. Faults of ours are told as such, without their inner message.
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
            Self::Invalid(errors) => ApiError::validation(errors.clone()),
            Self::Overloaded => ApiError {
                retry_after_ms: Some(OVERLOADED_RETRY_MS),
                ..body("There is more to do than the server can take on; nothing was done, please try again.")
            },
            Self::RateLimited { retry_after_ms } => {
                ApiError { retry_after_ms: Some(*retry_after_ms), ..body("Too many attempts; please wait.") }
            }
            _ if code == ErrorCode::Unavailable => ApiError {
                retry_after_ms: Some(OVERLOADED_RETRY_MS),
                ..body("The service is not available at the moment; please try again.")
            },
            _ => body("Something went wrong on the server."),
        }
    }
}

/// Whether PostgreSQL could not be asked, as opposed to having refused the question.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => true,
        // Classes 53 (insufficient resources), 57 (operator intervention) and 08 (connection).
        sqlx::Error::Database(database) => {
            database.code().is_some_and(|code| ["53", "57", "08"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}
