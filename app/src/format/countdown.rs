//! The time left of a countdown, rounded up so that it reads zero only when it is over.

/// In whole seconds: `04:59`, `1:00:00`, or with days `2 d 03:04:05`.
pub fn time_left(millis: i64, days_unit: &str) -> String {
    let seconds = (millis.max(0) + 999) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let seconds = seconds % 60;
    match (days, hours) {
        (0, 0) => format!("{minutes:02}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days} {days_unit} {hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// In tenths of a second, for the last seconds: `9.8`.
pub(crate) fn tenths_left(millis: i64) -> String {
    let tenths = (millis.max(0) + 99) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_read_zero_only_when_it_is_over() {
        assert_eq!(time_left(0, "d"), "00:00");
        assert_eq!(time_left(-5, "d"), "00:00");
        assert_eq!(time_left(1, "d"), "00:01");
        assert_eq!(time_left(300_000, "d"), "05:00");
        assert_eq!(time_left(3_600_000, "d"), "1:00:00");
        assert_eq!(time_left(90_061_000, "d"), "1 d 01:01:01");
    }

    #[test]
    fn tenths_read_zero_only_when_it_is_over() {
        for (millis, text) in [(9_999, "10.0"), (9_900, "9.9"), (1, "0.1"), (0, "0.0"), (-5, "0.0")] {
            assert_eq!(tenths_left(millis), text);
        }
    }
}
