//! The repetitions of a number: the median, and the range to show how much they vary.

use crate::report::number_format::number;
use std::fmt;

/// Minimum, median and maximum of a number over its repetitions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MedianRange {
    min: f64,
    median: f64,
    max: f64,
    single: bool,
}

impl MedianRange {
    /// Of all values; zeros if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(0.0);
        let last = values.len().saturating_sub(1);
        Self {
            min: at(0),
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            max: at(last),
            single: values.len() < 2,
        }
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.median
    }
}

/// `median (min–max)`, or the only value.
impl fmt::Display for MedianRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or_else(|| decimals(self.median));
        write!(f, "{}", number(self.median, decimals))?;
        if self.single {
            return Ok(());
        }
        write!(f, " ({}–{})", number(self.min, decimals), number(self.max, decimals))
    }
}

/// Three significant digits for values below a hundred.
fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_comes_before_the_range() {
        assert_eq!(MedianRange::of([3.0, 1.0, 2.0]).to_string(), "2.00 (1.00–3.00)");
        assert_eq!(MedianRange::of([1.0, 2.0]).to_string(), "1.50 (1.00–2.00)");
        assert_eq!(MedianRange::of([6540.4]).to_string(), "6,540");
        assert_eq!(MedianRange::of([]).to_string(), "0.00");
    }
}
