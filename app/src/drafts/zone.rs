//! The zone of a typed time: an offset from UTC that the admin chooses beside it.
//!
//! Offsets, not places: a place's clock can show the same time twice or skip it, and rules change.

use domain::Timestamp;
use std::fmt;

/// The offsets in use, in minutes east of UTC.
const OFFSETS_MIN: [i32; 38] = [
    -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180, 210, 240, 270,
    300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840,
];

/// An offset from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Zone(i32);

impl Zone {
    /// UTC itself.
    pub(crate) const UTC: Self = Self(0);

    /// All that can be chosen, from west to east.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        OFFSETS_MIN.into_iter().map(Self)
    }

    /// The zone of a form's value, `+08:00`.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        Self::all().find(|zone| zone.offset() == text).ok_or("must be an offset from UTC, such as +08:00")
    }

    /// The form's value: `+08:00`.
    pub(crate) fn offset(self) -> String {
        let sign = if self.0 < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", self.0.abs() / 60, self.0.abs() % 60)
    }

    /// The instant a `datetime-local` input means in this zone.
    pub(crate) fn instant(self, text: &str) -> Result<Timestamp, &'static str> {
        let text = text.trim();
        // `2026-01-31T12:00`: browsers leave out seconds that are zero.
        let seconds = if text.len() == 16 { ":00" } else { "" };
        format!("{text}{seconds}{}", self.offset())
            .parse()
            .map_err(|_| "must be a date and a time, such as 2026-01-31T12:00")
    }

    /// The time of day and date in this zone: `2026-01-31 20:00:00 UTC+08:00`.
    pub(crate) fn show(self, at: Timestamp) -> String {
        format!("{} {self}", local_input(at, self).replace('T', " "))
    }
}

/// `UTC+08:00`, and `UTC` where it is.
impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UTC { f.write_str("UTC") } else { write!(f, "UTC{}", self.offset()) }
    }
}

/// The value of a `datetime-local` input for an instant: `2026-01-31T20:00:00`.
pub(crate) fn local_input(at: Timestamp, zone: Zone) -> String {
    let local = at.plus_millis(i64::from(zone.0) * 60_000).to_string();
    local.chars().take("2026-01-31T20:00:00".len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_time_is_in_the_zone_beside_it() {
        let taipei = Zone::parse("+08:00").expect("an offset");
        let at = taipei.instant("2026-01-31T20:00").expect("a time");
        assert_eq!(at.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(local_input(at, taipei), "2026-01-31T20:00:00");
        assert_eq!(taipei.show(at), "2026-01-31 20:00:00 UTC+08:00");
        let west = Zone::parse("-03:30").expect("an offset");
        assert_eq!(west.instant("2026-01-31T23:00:01").expect("a time").to_string(), "2026-02-01T02:30:01Z");
        assert_eq!(Zone::UTC.to_string(), "UTC");
    }

    #[test]
    fn a_time_that_brings_its_own_zone_or_none_at_all_is_refused() {
        for text in ["2026-01-31T20:00:00Z", "2026-01-31T20:00:00+08:00", "", "tomorrow", "2026-02-30T12:00"] {
            assert!(Zone::UTC.instant(text).is_err(), "{text}");
        }
        for text in ["", "+8", "+08:01", "Asia/Taipei"] {
            assert!(Zone::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_offset_is_read_as_it_is_written() {
        for zone in Zone::all() {
            assert_eq!(Zone::parse(&zone.offset()), Ok(zone));
        }
    }
}
