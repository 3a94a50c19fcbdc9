//! Helpers of these tests.

use domain::{ErrorCode, validated::Page};
use engine::Error;

/// The first page of any list in these tests.
pub const FIRST_PAGE: Page = Page { skip: 0, limit: 100 };

/// The code of an expected error.
pub fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().map(|error| error.code()).expect("refused")
}
