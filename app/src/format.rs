//! Formats values for people; the server and the browser produce the same text.

mod countdown;
mod date_time;
mod isolated;
mod money;
mod number;

pub(crate) use countdown::tenths_left;
pub use countdown::time_left;
pub use date_time::utc_date_time;
#[cfg(feature = "ssr")]
pub use date_time::{date_time_to_minute, date_time_to_second};
pub(crate) use date_time::{rfc3339_seconds, utc_seconds};
pub use isolated::isolated;
#[cfg(feature = "ssr")]
pub use money::money_total;
pub use money::{DEFAULT_SYMBOL, amount_text, currency_symbol, money, set_currency_symbol};
pub use number::{count, points, shortest};
