//! The limits of the API. Lengths of texts are in Unicode scalar values.

/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Longest user name.
pub const USERNAME_CHARS_MAX: usize = 100;
/// Longest name of an API key.
pub const API_KEY_NAME_CHARS_MAX: usize = 100;
/// Most days that an API key lasts.
pub const API_KEY_DAYS_MAX: i32 = 365;
/// Longest e-mail address (RFC 5321 allows a path of 256 with its brackets).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Longest product name.
pub const PRODUCT_NAME_CHARS_MAX: usize = 255;
/// Longest product description.
pub const DESCRIPTION_CHARS_MAX: usize = 10_000;
/// Longest URL of a picture.
pub const IMAGE_URL_CHARS_MAX: usize = 500;
/// Longest reason for a cancellation.
pub const REASON_CHARS_MAX: usize = 500;
/// Longest search text: any product name or address can be searched for in full.
pub const SEARCH_CHARS_MAX: usize = PRODUCT_NAME_CHARS_MAX;
/// Largest stock of a product, and so the largest quota.
pub const STOCK_MAX: i32 = 1_000_000;
/// Longest page of a list.
pub const PAGE_LIMIT_MAX: u32 = 100;
/// Longest page of a campaign's orders (admins check whole results).
pub const ORDERS_PAGE_LIMIT_MAX: u32 = 1000;
/// Most items that a page may skip.
pub const PAGE_SKIP_MAX: u32 = 10_000_000;
/// Most rows of a ranking in one response.
pub const RANKING_LIMIT_MAX: u32 = 1000;
/// Most rows of a ranking frame: as many as a person can follow, which also keeps frames small.
pub const FEED_ROWS_MAX: u32 = 100;
/// Longest campaign, in milliseconds: 366 days.
pub const CAMPAIGN_MS_MAX: i64 = 366 * 24 * 3600 * 1000;
/// Largest request body, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Largest form of the application's own pages, in bytes. Forms are percent-encoded, up to twelve bytes a character:
/// the longest description takes 120,000 bytes, and one that is too long must still arrive, to be shown again for
/// shortening.
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// Largest message a websocket client may send, in bytes.
pub const WS_MESSAGE_BYTES_MAX: usize = 4 * 1024;
