//! Dates and times in UTC. The page's script rewrites those in `<time>` elements in the reader's zone.

#[cfg(feature = "ssr")]
use crate::lang::Lang;
use domain::Timestamp;

/// `2026-01-31T12:00:00Z`, for machines; the time is in milliseconds since the Unix epoch.
pub(crate) fn rfc3339_seconds(at_ms: i64) -> String {
    let [year, month, day, hour, minute, second] = parts(timestamp(at_ms));
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `2026-01-31 12:00:00 UTC`; the time is in milliseconds since the Unix epoch.
pub(crate) fn utc_seconds(at_ms: i64) -> String {
    utc_date_time(timestamp(at_ms))
}

/// `2026-01-31 12:00:00 UTC`.
pub fn utc_date_time(at: Timestamp) -> String {
    let [year, month, day, hour, minute, second] = parts(at);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// To the minute, in UTC and in the form of the language: `31 Jan 2026, 12:00`.
#[cfg(feature = "ssr")]
pub fn date_time_to_minute(at: Timestamp, lang: Lang) -> String {
    let t = at.as_datetime();
    let (year, day, hour, minute) = (t.year(), t.day(), t.hour(), t.minute());
    match lang {
        Lang::En => format!("{day} {} {year}, {hour:02}:{minute:02}", &t.month().to_string()[..3]),
        Lang::ZhTw => format!("{year}年{}月{day}日 {hour:02}:{minute:02}", u8::from(t.month())),
    }
}

/// To the second, in UTC and in the form of the language: `31 Jan 2026, 12:00:01`.
#[cfg(feature = "ssr")]
pub fn date_time_to_second(at: Timestamp, lang: Lang) -> String {
    format!("{}:{:02}", date_time_to_minute(at, lang), at.as_datetime().second())
}

fn timestamp(at_ms: i64) -> Timestamp {
    at_ms.checked_mul(1000).and_then(Timestamp::from_unix_micros).unwrap_or(Timestamp::EPOCH)
}

/// All of one type, so that the browser's code has one formatter for them.
fn parts(at: Timestamp) -> [i32; 6] {
    let at = at.as_datetime();
    let [month, day, hour, minute, second] = [u8::from(at.month()), at.day(), at.hour(), at.minute(), at.second()];
    [at.year(), month.into(), day.into(), hour.into(), minute.into(), second.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        let at: Timestamp = "2026-01-31T20:00:01.5+08:00".parse().expect("parses");
        assert_eq!(utc_date_time(at), "2026-01-31 12:00:01 UTC");
        assert_eq!(utc_seconds(at.unix_millis()), "2026-01-31 12:00:01 UTC");
        assert_eq!(rfc3339_seconds(at.unix_millis()), "2026-01-31T12:00:01Z");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn dates_have_the_form_of_the_language() {
        let at: Timestamp = "2026-01-31T20:05:01.5+08:00".parse().expect("parses");
        assert_eq!(date_time_to_minute(at, Lang::En), "31 Jan 2026, 12:05");
        assert_eq!(date_time_to_second(at, Lang::En), "31 Jan 2026, 12:05:01");
        assert_eq!(date_time_to_second(at, Lang::ZhTw), "2026年1月31日 12:05:01");
    }
}
