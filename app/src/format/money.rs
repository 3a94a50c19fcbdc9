//! Amounts of money with the currency's symbol.

#[cfg(feature = "ssr")]
use super::number::count;
use super::number::decimal;
use domain::Money;
use std::sync::OnceLock;

/// The symbol before every amount, the same in all pages of a process or a browser tab.
static SYMBOL: OnceLock<String> = OnceLock::new();

/// The symbol of the New Taiwan dollar, the default.
pub const DEFAULT_SYMBOL: &str = "NT$";

/// Sets the symbol before every amount, once, before the first page. Later calls change nothing.
pub fn set_currency_symbol(symbol: String) {
    let _ = SYMBOL.set(symbol);
}

/// The symbol before every amount.
pub fn currency_symbol() -> &'static str {
    SYMBOL.get().map_or(DEFAULT_SYMBOL, String::as_str)
}

/// `NT$1,039`, or with cents where there are any `NT$1,039.50`.
pub fn money(amount: Money) -> String {
    format!("{}{}", currency_symbol(), amount_text(amount))
}

/// A sum of amounts in cents, which may be zero, or more than one amount can be.
#[cfg(feature = "ssr")]
pub fn money_total(cents: i64) -> String {
    let (units, rest) = (count(cents.unsigned_abs() / 100), cents.unsigned_abs() % 100);
    let symbol = currency_symbol();
    if rest == 0 { format!("{symbol}{units}") } else { format!("{symbol}{units}.{rest:02}") }
}

/// The same without the symbol, as in a price field: `1,039`.
pub fn amount_text(amount: Money) -> String {
    let text = amount.to_string();
    decimal(text.strip_suffix(".00").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_symbol_and_cents_where_there_are_any() {
        let money = |cents| money(Money::from_cents(cents).expect("in range"));
        assert_eq!(money(1), "NT$0.01");
        assert_eq!(money(80_000), "NT$800");
        assert_eq!(money(80_050), "NT$800.50");
        assert_eq!(money(123_456_700), "NT$1,234,567");
        assert_eq!(money(123_456_789), "NT$1,234,567.89");
        #[cfg(feature = "ssr")]
        assert_eq!([0, 5, 123_456_700].map(money_total), ["NT$0", "NT$0.05", "NT$1,234,567"]);
    }
}
