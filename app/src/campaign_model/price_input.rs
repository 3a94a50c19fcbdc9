//! Parses a price as people type it.
//!
//! Input with one meaning is accepted, in whatever convention; ambiguous or invalid input is rejected with the reason,
//! so that the page can explain it. A bid is binding: nothing is guessed and nothing is rounded.

use domain::Money;

/// Why a typed price was rejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PriceError {
    /// Nothing was typed.
    Empty,
    /// There are characters other than digits and separators.
    NotANumber,
    /// It is ambiguous which separator is the decimal one: `1.200`, `1,20`.
    Unclear,
    /// There are more than two decimals.
    Decimals,
    /// It is zero or less.
    NotPositive,
    /// It is more than [`Money::MAX`].
    TooLarge,
}

/// Parses a typed amount.
///
/// Full-width digits are accepted. A point is the decimal separator; groups of three digits may be separated by commas
/// or spaces. With two kinds of separators the last one is the decimal one, whichever it is: `1.200,50`.
pub fn parse(text: &str) -> Result<Money, PriceError> {
    let plain = plain(text.trim())?;
    if plain.is_empty() {
        return Err(PriceError::Empty);
    }
    let (whole, cents) = split(&plain)?;
    let whole = ungrouped(whole)?;
    if cents.bytes().any(|b| !b.is_ascii_digit()) {
        return Err(PriceError::Unclear);
    }
    if cents.len() > 2 {
        return Err(PriceError::Decimals);
    }
    if whole.is_empty() && cents.is_empty() {
        return Err(PriceError::NotANumber);
    }
    // A single decimal counts tens of cents.
    let digits = whole.bytes().chain(cents.bytes()).chain("00".bytes().skip(cents.len()));
    let amount = digits.fold(0_i64, |amount, digit| amount.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    let out_of_range = if amount == 0 { PriceError::NotPositive } else { PriceError::TooLarge };
    Money::from_cents(amount).ok_or(out_of_range)
}

/// Reduces the input to ASCII digits, points, commas and spaces.
fn plain(text: &str) -> Result<String, PriceError> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let c = narrow(c);
        plain.push(match c {
            '0'..='9' | '.' | ',' => c,
            '\'' | '’' => ' ',
            '-' | '−' if plain.is_empty() => return Err(PriceError::NotPositive),
            _ if c.is_whitespace() => ' ',
            _ => return Err(PriceError::NotANumber),
        });
    }
    Ok(plain)
}

/// The ASCII character of a full-width one, as input methods of Chinese and Japanese write them.
fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Splits at the decimal separator, if there is one.
fn split(plain: &str) -> Result<(&str, &str), PriceError> {
    let Some(at) = plain.rfind(['.', ',']) else { return Ok((plain, "")) };
    let (whole, cents) = (&plain[..at], &plain[at + 1..]);
    let is_comma = plain[at..].starts_with(',');
    let mark = if is_comma { ',' } else { '.' };
    // A separator that occurs twice separates groups.
    if whole.contains(mark) {
        return Ok((plain, ""));
    }
    // After another kind of separator it must be the decimal one.
    if whole.bytes().any(|b| !b.is_ascii_digit()) {
        return Ok((whole, cents));
    }
    let is_like_a_group = cents.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    match (is_comma, is_like_a_group) {
        (true, true) => Ok((plain, "")),
        (false, false) => Ok((whole, cents)),
        _ => Err(PriceError::Unclear),
    }
}

/// Removes the separators of groups of three, which must all be the same.
fn ungrouped(whole: &str) -> Result<String, PriceError> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return Ok(whole.to_owned()) };
    let mut digits = String::with_capacity(whole.len());
    for (index, group) in whole.split(separator).enumerate() {
        let fits = if index == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !fits || group.bytes().any(|b| !b.is_ascii_digit()) {
            return Err(PriceError::Unclear);
        }
        digits.push_str(group);
    }
    Ok(digits)
}

/// What was typed into a plain form that was refused. The page provides it as context to the bid form.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct TypedPrice(pub Option<String>);

#[cfg(test)]
mod tests {
    use super::{
        PriceError::{Decimals, Empty, NotANumber, NotPositive, TooLarge, Unclear},
        *,
    };

    #[test]
    fn input_with_one_meaning_is_accepted() {
        for (text, cents) in [
            ("1200", 120_000),
            (" 1200 ", 120_000),
            ("1200.5", 120_050),
            ("1200.50", 120_050),
            ("5.", 500),
            (".5", 50),
            ("0.01", 1),
            ("007", 700),
            // Full width.
            ("１２００", 120_000),
            ("１，２００．５０", 120_050),
            ("\u{3000}１２００\u{3000}", 120_000),
            // Groups.
            ("1,200", 120_000),
            ("1,200.50", 120_050),
            ("12,345,678", 1_234_567_800),
            ("1 200", 120_000),
            ("1\u{202f}200,50", 120_050),
            ("1 200.5", 120_050),
            ("1'200", 120_000),
            ("1.200,50", 120_050),
            ("1.200.000", 120_000_000),
            ("9999999999.99", 999_999_999_999),
            ("9,999,999,999.99", 999_999_999_999),
        ] {
            assert_eq!(parse(text).map(Money::cents), Ok(cents), "{text}");
        }
    }

    #[test]
    fn rejected_input_has_a_reason() {
        for (text, problem) in [
            ("", Empty),
            ("  \u{3000}", Empty),
            ("1e3", NotANumber),
            ("abc", NotANumber),
            ("+5", NotANumber),
            ("$1200", NotANumber),
            ("NT$1,200", NotANumber),
            ("1200元", NotANumber),
            ("一千", NotANumber),
            ("5-3", NotANumber),
            (".", NotANumber),
            ("1.200", Unclear),
            ("1,20", Unclear),
            ("1200,50", Unclear),
            ("1,2", Unclear),
            (",5", Unclear),
            ("0,500", Unclear),
            ("1,2000", Unclear),
            ("12,34,567", Unclear),
            ("1,200,00", Unclear),
            ("1 20", Unclear),
            ("1  200", Unclear),
            ("1 200,500.00", Unclear),
            ("1.200 000", Unclear),
            ("1..5", Unclear),
            ("1200.000", Decimals),
            ("0.001", Decimals),
            ("0.200", Decimals),
            ("1,200.505", Decimals),
            ("-5", NotPositive),
            ("−5", NotPositive),
            ("－５", NotPositive),
            ("＄１２００", NotANumber),
            ("0", NotPositive),
            ("0.00", NotPositive),
            ("10000000000", TooLarge),
            ("99999999999999999999999999", TooLarge),
        ] {
            assert_eq!(parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn every_amount_is_parsed_as_the_pages_format_it() {
        for cents in [1, 50, 99_999, 120_000, 123_456_789, 999_999_999_999] {
            let money = Money::from_cents(cents).expect("in range");
            assert_eq!(parse(&money.to_string()), Ok(money));
            assert_eq!(parse(&crate::format::amount_text(money)), Ok(money));
        }
    }
}
