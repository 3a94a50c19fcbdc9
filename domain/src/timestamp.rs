//! Instants in UTC with the precision of the database.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use std::{borrow::Cow, fmt, str::FromStr};
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// An instant in UTC, to the microsecond (like `TIMESTAMPTZ`).
///
/// In JSON it is RFC 3339 with `Z`. Input may have any offset and is converted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// The instant `micros` microseconds after the Unix epoch, or `None` outside the years 1 to 9999, the range of
    /// RFC 3339.
    pub fn from_unix_micros(micros: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok().and_then(Self::from_datetime)
    }

    /// Converts to UTC and truncates to microseconds; `None` outside the years 1 to 9999.
    pub fn from_datetime(value: OffsetDateTime) -> Option<Self> {
        let utc = value.checked_to_offset(UtcOffset::UTC)?;
        let utc = utc.replace_microsecond(utc.microsecond()).ok()?;
        (utc.year() >= 1).then_some(Self(utc))
    }

    /// Microseconds since the Unix epoch.
    pub fn unix_micros(self) -> i64 {
        self.0.unix_timestamp() * 1_000_000 + i64::from(self.0.microsecond())
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub fn unix_millis(self) -> i64 {
        self.unix_micros().div_euclid(1000)
    }

    /// Whole milliseconds from `earlier` to this instant, rounded down; negative if it is later.
    pub fn millis_since(self, earlier: Self) -> i64 {
        (self.unix_micros() - earlier.unix_micros()).div_euclid(1000)
    }

    /// This instant moved by `millis`, or unchanged if that would be out of range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        self.0.checked_add(Duration::milliseconds(millis)).and_then(Self::from_datetime).unwrap_or(self)
    }

    /// The instant as a type of the `time` crate.
    pub fn as_datetime(self) -> OffsetDateTime {
        self.0
    }
}

impl FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text.trim(), &Rfc3339)
            .ok()
            .and_then(Self::from_datetime)
            .ok_or("must be a time in RFC 3339, such as 2026-01-31T12:00:00Z")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.format(&Rfc3339).map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_converted_to_utc() {
        let t: Timestamp = serde_json::from_str("\"2026-01-31T20:00:00.123456789+08:00\"").expect("parses");
        assert_eq!(t.to_string(), "2026-01-31T12:00:00.123456Z");
    }

    #[test]
    fn a_time_without_offset_is_refused() {
        assert!("2026-01-31T20:00:00".parse::<Timestamp>().is_err());
    }

    #[test]
    fn milliseconds_are_rounded_down() {
        let start = Timestamp::from_unix_micros(1_000_000).expect("in range");
        let at = |micros| Timestamp::from_unix_micros(micros).expect("in range");
        assert_eq!(at(1_001_999).millis_since(start), 1);
        assert_eq!(at(999_999).millis_since(start), -1);
        assert_eq!(start.plus_millis(5).millis_since(start), 5);
    }
}
