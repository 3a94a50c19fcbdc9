//! Formats values for people; the server and the browser produce the same text.

mod countdown;
mod date_time;
mod number;
mod template;

pub(crate) use countdown::tenths_left;
pub use countdown::time_left;
pub use date_time::utc_date_time;
#[cfg(feature = "ssr")]
pub use date_time::{date_time_to_minute, date_time_to_second};
pub(crate) use date_time::{rfc3339_seconds, utc_seconds};
pub use number::{count, money, score, shortest};
#[cfg(feature = "ssr")]
pub use template::isolated;
pub use template::{counted, fill};
