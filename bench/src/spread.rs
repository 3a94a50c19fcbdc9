//! Repetitions of a number: least, middle and greatest, so that the spread shows.

use std::fmt;

/// The spread of a number over the repetitions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    min: f64,
    median: f64,
    max: f64,
    single: bool,
}

impl Spread {
    /// Of all values; zeros if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
        let last = values.len().saturating_sub(1);
        Self {
            min: at(0),
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            max: at(last),
            single: values.len() < 2,
        }
    }

    /// The value in the middle.
    pub fn median(&self) -> f64 {
        self.median
    }
}

/// `median (least–greatest)`, or the only value.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or_else(|| decimals(self.median));
        write!(f, "{}", number(self.median, decimals))?;
        if self.single {
            return Ok(());
        }
        write!(f, " ({}–{})", number(self.min, decimals), number(self.max, decimals))
    }
}

/// Three significant digits below a hundred.
fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    }
}

/// A number with its thousands set apart.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (at, digit) in whole.char_indices() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_shows_the_middle_and_both_ends() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).to_string(), "2.00 (1.00–3.00)");
        assert_eq!(Spread::of([1.0, 2.0]).to_string(), "1.50 (1.00–2.00)");
        assert_eq!(Spread::of([6540.4]).to_string(), "6,540");
        assert_eq!(Spread::of([]).to_string(), "0.00");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([number(123.0, 0), number(-1234.5, 1), number(1_000_000.0, 0)], ["123", "-1,234.5", "1,000,000"]);
    }
}
