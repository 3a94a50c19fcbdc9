//! Amounts and times as people read them; the same text from the server and in the browser.

#[cfg(feature = "ssr")]
use crate::lang::Lang;
use domain::{Money, Score, Timestamp};

/// `1,234,567.80`.
pub fn money(amount: Money) -> String {
    decimal(&amount.to_string())
}

/// `1,234.567`.
pub fn score(score: Score) -> String {
    decimal(&score.to_string())
}

fn decimal(plain: &str) -> String {
    match plain.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole)),
        None => grouped(plain),
    }
}

/// `12345` as `12,345`.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `2026-01-31 12:00:00 UTC`.
pub fn instant(at: Timestamp) -> String {
    let t = at.as_datetime();
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// A time of day and its date, in UTC, to the minute: `31 Jan 2026, 12:00`. In the browser the
/// page's script rewrites it in the reader's zone, in the same form.
#[cfg(feature = "ssr")]
pub fn moment(at: Timestamp, lang: Lang) -> String {
    let t = at.as_datetime();
    let (year, day, hour, minute) = (t.year(), t.day(), t.hour(), t.minute());
    match lang {
        Lang::En => format!("{day} {} {year}, {hour:02}:{minute:02}", &t.month().to_string()[..3]),
        Lang::ZhTw => format!("{year}年{}月{day}日 {hour:02}:{minute:02}", u8::from(t.month())),
    }
}

/// The same to the second: `31 Jan 2026, 12:00:01`.
#[cfg(feature = "ssr")]
pub fn exact_moment(at: Timestamp, lang: Lang) -> String {
    format!("{}:{:02}", moment(at, lang), at.as_datetime().second())
}

/// The time left, rounded up to whole seconds so that it reads zero when it is over:
/// `04:59`, `1:00:00`, or with days `2 d 03:04:05`.
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

/// Puts `values` where the text has `{}`, in their order.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        filled.push_str(values.get(index).copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

/// A name within a sentence, kept apart from it whatever direction it is written in: the characters say what `<bdi>`
/// says where there are elements.
#[cfg(feature = "ssr")]
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// A count in its sentence; of a text `one|more`, in the form that fits it.
pub fn counted(text: &str, number: u64) -> String {
    let form = match text.split_once('|') {
        Some((one, _)) if number == 1 => one,
        Some((_, more)) => more,
        None => text,
    };
    fill(form, &[&count(number)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        let money = |cents| money(Money::from_cents(cents).expect("in range"));
        assert_eq!(money(1), "0.01");
        assert_eq!(money(80_000), "800.00");
        assert_eq!(money(123_456_789), "1,234,567.89");
        assert_eq!(count(1000), "1,000");
        assert_eq!(counted("{} bid|{} bids", 1), "1 bid");
        assert_eq!(counted("{} bid|{} bids", 1000), "1,000 bids");
        assert_eq!(counted("{} 筆", 1), "1 筆");
        assert_eq!(score(Score::from_stored(1234.5678)), "1,234.568");
    }

    #[test]
    fn the_time_left_reads_zero_only_when_it_is_over() {
        assert_eq!(time_left(0, "d"), "00:00");
        assert_eq!(time_left(-5, "d"), "00:00");
        assert_eq!(time_left(1, "d"), "00:01");
        assert_eq!(time_left(300_000, "d"), "05:00");
        assert_eq!(time_left(3_600_000, "d"), "1:00:00");
        assert_eq!(time_left(90_061_000, "d"), "1 d 01:01:01");
    }

    #[test]
    fn instants_are_in_utc() {
        let at: Timestamp = "2026-01-31T20:00:01.5+08:00".parse().expect("parses");
        assert_eq!(instant(at), "2026-01-31 12:00:01 UTC");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn moments_are_written_as_the_language_does() {
        let at: Timestamp = "2026-01-31T20:05:01.5+08:00".parse().expect("parses");
        assert_eq!(moment(at, Lang::En), "31 Jan 2026, 12:05");
        assert_eq!(exact_moment(at, Lang::En), "31 Jan 2026, 12:05:01");
        assert_eq!(exact_moment(at, Lang::ZhTw), "2026年1月31日 12:05:01");
    }

    #[test]
    fn texts_are_filled_in_order() {
        assert_eq!(fill("rank {} of {}", &["1", "2"]), "rank 1 of 2");
        assert_eq!(fill("rank {}", &[]), "rank ");
    }
}
