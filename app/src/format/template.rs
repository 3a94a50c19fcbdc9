//! Messages with values: placeholders, singular and plural, names within a sentence.

use super::number::count;

/// Puts `values` in place of the message's `{}`, in their order.
pub fn fill(message: &str, values: &[&str]) -> String {
    let mut parts = message.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        filled.push_str(values.get(index).copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

/// Fills a count into a message that has a singular and a plural form, separated by `|`, or one form for both.
pub fn counted(message: &str, number: u64) -> String {
    let form = match message.split_once('|') {
        Some((one, _)) if number == 1 => one,
        Some((_, more)) => more,
        None => message,
    };
    fill(form, &[&count(number)])
}

/// A name within a sentence, in Unicode isolates, so that its writing direction does not affect the rest. They are for
/// plain text what `<bdi>` is in HTML.
#[cfg(feature = "ssr")]
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_filled_in_order() {
        assert_eq!(fill("rank {} of {}", &["1", "2"]), "rank 1 of 2");
        assert_eq!(fill("rank {}", &[]), "rank ");
    }

    #[test]
    fn a_count_has_its_form() {
        assert_eq!(counted("{} bid|{} bids", 1), "1 bid");
        assert_eq!(counted("{} bid|{} bids", 1000), "1,000 bids");
        assert_eq!(counted("{} 筆", 1), "1 筆");
    }
}
