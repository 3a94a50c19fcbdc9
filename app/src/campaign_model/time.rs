//! Instants as texts, from milliseconds since the Unix epoch.

use domain::Timestamp;

/// `2026-01-31T12:00:00Z`, for machines.
pub(crate) fn iso(at_ms: i64) -> String {
    let [year, month, day, hour, minute, second] = parts(at_ms);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `2026-01-31 12:00:00 UTC`, until the page's script puts it into the reader's zone.
pub(crate) fn seconds(at_ms: i64) -> String {
    let [year, month, day, hour, minute, second] = parts(at_ms);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// The time left of the last stretch, to a tenth of a second and rounded up, so that it reads zero
/// when it is over: `9.8`.
pub(crate) fn tenths(millis: i64) -> String {
    let tenths = (millis.max(0) + 99) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn parts(at_ms: i64) -> [i32; 6] {
    let at = at_ms.checked_mul(1000).and_then(Timestamp::from_unix_micros).unwrap_or(Timestamp::EPOCH);
    let at = at.as_datetime();
    let [month, day, hour, minute, second] = [u8::from(at.month()), at.day(), at.hour(), at.minute(), at.second()];
    [at.year(), month.into(), day.into(), hour.into(), minute.into(), second.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_in_utc() {
        let at: Timestamp = "2026-01-31T20:00:01.5+08:00".parse().expect("parses");
        assert_eq!(iso(at.unix_millis()), "2026-01-31T12:00:01Z");
        assert_eq!(seconds(at.unix_millis()), "2026-01-31 12:00:01 UTC");
    }

    #[test]
    fn tenths_read_zero_only_when_it_is_over() {
        for (millis, text) in [(9_999, "10.0"), (9_900, "9.9"), (1, "0.1"), (0, "0.0"), (-5, "0.0")] {
            assert_eq!(tenths(millis), text);
        }
    }
}
