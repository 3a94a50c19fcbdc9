//! Names within a sentence.

/// A name within a sentence, in Unicode isolates, so that its writing direction does not affect the rest. They are for
/// plain text what `<bdi>` is in HTML.
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}
