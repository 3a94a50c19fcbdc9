//! Numbers with their digits in groups of three.

use domain::Score;

/// `1,235`: a score in whole points, where its decimals do not matter.
pub fn points(score: Score) -> String {
    decimal(&shortest(score.get().round()))
}

/// `12,345`.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// `2.75`: the shortest text that reads back as the same number.
#[cfg(not(target_arch = "wasm32"))]
pub fn shortest(number: f64) -> String {
    number.to_string()
}

/// The same by the browser, which has the code for it.
#[cfg(target_arch = "wasm32")]
pub fn shortest(number: f64) -> String {
    js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default()
}

pub(super) fn decimal(plain: &str) -> String {
    match plain.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole)),
        None => grouped(plain),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        assert_eq!(count(1000), "1,000");
        assert_eq!(points(Score::from_stored(1234.5678)), "1,235");
        assert_eq!(points(Score::from_stored(0.2)), "0");
    }
}
