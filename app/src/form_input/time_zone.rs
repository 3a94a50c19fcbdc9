//! The time zone of a typed time: an IANA zone, with the offset that applies on that day, or a fixed offset from UTC.

use crate::format::utc_date_time;
use domain::Timestamp;
use jiff::{
    civil::DateTime,
    tz::{self, AmbiguousOffset, Offset, TimeZone},
};
use std::{collections::BTreeMap, fmt, sync::LazyLock};

/// The cookie with an admin's time zone: the one last used in a form. The page's script sets it first, to the
/// browser's zone.
pub(crate) const ZONE_COOKIE: &str = "zone";

/// The widest offset in use, in hours.
const OFFSET_HOURS_MAX: i32 = 14;

/// A time zone of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Zone(TimeZone);

/// Why a typed time is not an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TimeError {
    /// It is not a date and time.
    Unreadable,
    /// The zone's clocks are set forward past it.
    Skipped,
}

impl Zone {
    /// UTC, the default.
    pub(crate) const UTC: Self = Self(TimeZone::UTC);

    /// Parses a form's value: a name of the IANA database, `Europe/Berlin`, or an offset, `+08:00`.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let offset = || parse_offset(text).map(TimeZone::fixed);
        named(text).or_else(offset).map(Self).ok_or("must be a time zone, such as Europe/Berlin or +08:00")
    }

    /// The form's value, which [`Self::parse`] reads.
    pub(crate) fn id(&self) -> String {
        match self.0.iana_name() {
            Some(name) => name.to_owned(),
            None => offset_text(self.0.to_offset(jiff::Timestamp::UNIX_EPOCH)),
        }
    }

    /// The instant of a `datetime-local` input in this zone; the earlier one if the clocks show the time twice.
    pub(crate) fn instant(&self, text: &str) -> Result<Timestamp, TimeError> {
        let time = wall_time(text).ok_or(TimeError::Unreadable)?;
        let meant = self.0.to_ambiguous_timestamp(time);
        if matches!(meant.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(TimeError::Skipped);
        }
        let at = meant.earlier().map_err(|_| TimeError::Unreadable)?;
        Timestamp::from_unix_micros(at.as_microsecond()).ok_or(TimeError::Unreadable)
    }

    /// The first instant of a day such as `2026-01-31` in this zone, and that of the next day.
    pub(crate) fn day(&self, text: &str) -> Option<(Timestamp, Timestamp)> {
        let day: jiff::civil::Date = text.parse().ok()?;
        let first = |day: jiff::civil::Date| {
            // Where midnight is skipped, the first instant after it.
            let first = self.0.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok()?;
            Timestamp::from_unix_micros(first.as_microsecond())
        };
        Some((first(day)?, first(day.tomorrow().ok()?)?))
    }

    /// Whether the clocks show this time twice, because they are set back.
    pub(crate) fn is_repeated(&self, text: &str) -> bool {
        let Some(time) = wall_time(text) else { return false };
        matches!(self.0.to_ambiguous_timestamp(time).offset(), AmbiguousOffset::Fold { .. })
    }

    /// The value of a `datetime-local` input for an instant: `2026-01-31T20:00:00`.
    pub(crate) fn input(&self, at: Timestamp) -> String {
        let t = self.0.to_datetime(to_jiff(at));
        let (year, month, day) = (t.year(), t.month(), t.day());
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
    }

    /// The time in this zone and in UTC:
    /// `2026-07-10 14:00:00 CEST (UTC+02:00) = 2026-07-10 12:00:00 UTC`.
    pub(crate) fn show(&self, at: Timestamp) -> String {
        if *self == Self::UTC {
            return utc_date_time(at);
        }
        format!("{} {} = {}", self.input(at).replace('T', " "), self.name_at(at), utc_date_time(at))
    }

    /// The zone's abbreviation and offset at that time: `CEST (UTC+02:00)`, or `UTC+08:00` if it has no abbreviation.
    pub(crate) fn name_at(&self, at: Timestamp) -> String {
        let info = self.0.to_offset_info(to_jiff(at));
        let offset = format!("UTC{}", offset_text(info.offset()));
        let abbreviation = info.abbreviation();
        if abbreviation.starts_with(|c: char| c.is_ascii_alphabetic()) {
            format!("{abbreviation} ({offset})")
        } else {
            offset
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "must be a date and a time, such as 2026-01-31T12:00",
            Self::Skipped => "must be a time that exists in the zone, whose clock goes forward past it",
        })
    }
}

/// The IANA zones to choose from, by area (`Europe`): each with its value (`Europe/Berlin`) and label (`Berlin`).
pub(crate) fn zones_by_area() -> &'static BTreeMap<String, Vec<(String, String)>> {
    static PLACES: LazyLock<BTreeMap<String, Vec<(String, String)>>> = LazyLock::new(|| {
        let mut names: Vec<String> = tz::db().available().map(|name| name.as_str().to_owned()).collect();
        names.sort_unstable();
        let mut places: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for name in names {
            // Former names are aliases of others, and `Etc` is not a place.
            let is_primary = TimeZone::get(&name).is_ok_and(|zone| zone.is_primary());
            if let (true, Some((area, place))) = (is_primary, name.split_once('/'))
                && area != "Etc"
            {
                let label = place.replace('_', " ");
                places.entry(area.to_owned()).or_default().push((name.clone(), label));
            }
        }
        places
    });
    &PLACES
}

/// The zone of a name. A former name (`Asia/Calcutta`, which some browsers still report) gives the current one.
fn named(text: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(text).ok()?;
    TimeZone::get(zone.primary_iana_name()?).ok()
}

fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, time) = match text.split_at_checked(1)? {
        ("+", time) => (1, time),
        ("-", time) => (-1, time),
        _ => return None,
    };
    let (hours, minutes) = time.split_once(':')?;
    let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let is_in_use = hours <= OFFSET_HOURS_MAX && [0, 15, 30, 45].contains(&minutes);
    Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok().filter(|_| is_in_use)
}

/// `+08:00`.
fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// Parses the value of a `datetime-local` input: `2026-01-31T12:00:00`; browsers omit seconds that are zero. The shape
/// is checked here because the parser also accepts values with a zone, which it would ignore.
fn wall_time(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let fits = |(at, b): (usize, u8)| match at {
        4 | 7 => b == b'-',
        10 => b == b'T',
        13 | 16 => b == b':',
        _ => b.is_ascii_digit(),
    };
    let has_shape = matches!(text.len(), 16 | 19) && text.bytes().enumerate().all(fits);
    if has_shape { text.parse().ok() } else { None }
}

/// Both libraries end in the year 9999, jiff a day earlier.
fn to_jiff(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(text: &str) -> Zone {
        Zone::parse(text).expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_typed_time_is_in_the_zone_beside_it() {
        let taipei = zone("+08:00");
        let at = taipei.instant("2026-01-31T20:00").expect("a time");
        assert_eq!(at.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(taipei.input(at), "2026-01-31T20:00:00");
        assert_eq!(taipei.show(at), "2026-01-31 20:00:00 UTC+08:00 = 2026-01-31 12:00:00 UTC");
        assert_eq!(Zone::UTC.show(at), "2026-01-31 12:00:00 UTC");
        let west = zone("-03:30");
        assert_eq!(west.instant("2026-01-31T23:00:01").expect("a time").to_string(), "2026-02-01T02:30:01Z");
    }

    #[test]
    fn a_place_has_the_time_of_the_day_in_question() {
        let berlin = zone("Europe/Berlin");
        for (typed, instant, name) in [
            ("2026-07-10T14:00", "2026-07-10T12:00:00Z", "CEST (UTC+02:00)"),
            ("2026-01-10T13:00", "2026-01-10T12:00:00Z", "CET (UTC+01:00)"),
        ] {
            assert_eq!(berlin.instant(typed), Ok(at(instant)));
            assert_eq!(berlin.input(at(instant)), format!("{typed}:00"));
            assert_eq!(berlin.name_at(at(instant)), name);
        }
        assert_eq!(zone("Asia/Singapore").name_at(at("2026-01-10T12:00:00Z")), "UTC+08:00");
    }

    #[test]
    fn a_time_the_clock_skips_is_refused_and_one_it_shows_twice_is_the_first() {
        let berlin = zone("Europe/Berlin");
        assert_eq!(berlin.instant("2026-03-29T02:30"), Err(TimeError::Skipped));
        assert_eq!(berlin.instant("2026-03-29T03:00"), Ok(at("2026-03-29T01:00:00Z")));
        assert_eq!(berlin.instant("2026-10-25T02:30"), Ok(at("2026-10-25T00:30:00Z")));
        assert!(berlin.is_repeated("2026-10-25T02:30") && !berlin.is_repeated("2026-10-25T03:00"));
        assert!(!Zone::UTC.is_repeated("2026-10-25T02:30") && !berlin.is_repeated("tomorrow"));
    }

    #[test]
    fn a_time_that_brings_its_own_zone_or_none_at_all_is_refused() {
        for text in [
            "2026-01-31T20:00:00Z",
            "2026-01-31T20:00Z",
            "2026-01-31T20:00:00+08:00",
            "",
            "tomorrow",
            "2026-02-30T12:00",
            "2026-01-31 12:00",
        ] {
            assert_eq!(Zone::UTC.instant(text), Err(TimeError::Unreadable), "{text}");
        }
        for text in ["", "+8", "+08:01", "+15:00", "++1:00", "Nowhere/City", "Etc/Unknown"] {
            assert!(Zone::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_zone_is_read_as_it_is_written() {
        let places: Vec<_> = zones_by_area().values().flatten().map(|(id, _)| id.as_str()).collect();
        for id in places.into_iter().chain(["UTC", "+08:00", "-03:30"]) {
            assert_eq!(zone(id).id(), id);
        }
        for (former, present) in [("Asia/Calcutta", "Asia/Kolkata"), ("Etc/UTC", "UTC"), ("+00:00", "UTC")] {
            assert_eq!(zone(former).id(), present);
        }
    }

    #[test]
    fn the_places_are_grouped_by_area() {
        let europe = &zones_by_area()["Europe"];
        assert!(europe.contains(&("Europe/Berlin".to_owned(), "Berlin".to_owned())));
        assert!(zones_by_area()["America"].contains(&("America/New_York".to_owned(), "New York".to_owned())));
        assert!(!zones_by_area().contains_key("Etc"));
    }
}
