//! How a catalog of messages is written: every message in both languages, side by side.

/// Defines a struct of messages and a value of it for each language. A message that lacks a language does not compile.
///
/// The English text is part of a message's documentation.
///
/// - `texts` are fields.
/// - `templates` are functions with named arguments, which the texts use as `{name}`. A text that misses an argument's
///   value, or names one that is not there, does not compile.
/// - `counts` are functions of a number: the English text for one and for any other, and the Chinese one.
macro_rules! catalog {
    (
        $(#[$attribute:meta])* $struct:ident
        texts { $($(#[$text_doc:meta])* $text:ident: $text_en:literal, $text_zh:literal;)* }
        templates { $($(#[$template_doc:meta])* $template:ident($($value:ident),+): $template_en:literal, $template_zh:literal;)* }
        counts { $($(#[$count_doc:meta])* $counted:ident($number:ident): $one_en:literal, $other_en:literal, $count_zh:literal;)* }
    ) => {
        $(#[$attribute])*
        pub struct $struct {
            lang: crate::lang::Lang,
            $($(#[$text_doc])* #[doc = $text_en] pub $text: &'static str,)*
        }

        pub(super) static EN: $struct = $struct { lang: crate::lang::Lang::En, $($text: $text_en,)* };
        pub(super) static ZH_TW: $struct = $struct { lang: crate::lang::Lang::ZhTw, $($text: $text_zh,)* };

        impl $struct {
            $(
                $(#[$template_doc])*
                #[doc = $template_en]
                pub fn $template(&self, $($value: &str),+) -> String {
                    // For the compiler to check the texts; nothing is generated.
                    let _ = |$($value: &str),+| (format!($template_en), format!($template_zh));
                    let text = match self.lang {
                        crate::lang::Lang::En => $template_en,
                        crate::lang::Lang::ZhTw => $template_zh,
                    };
                    super::catalog::fill(text, &[$((stringify!($value), $value)),+])
                }
            )*
            $(
                $(#[$count_doc])*
                #[doc = $other_en]
                pub fn $counted(&self, number: u64) -> String {
                    let _ = |$number: &str| (format!($one_en), format!($other_en), format!($count_zh));
                    let text = match self.lang {
                        crate::lang::Lang::En if number == 1 => $one_en,
                        crate::lang::Lang::En => $other_en,
                        crate::lang::Lang::ZhTw => $count_zh,
                    };
                    super::catalog::fill(text, &[(stringify!($number), &crate::format::count(number))])
                }
            )*
        }
    };
}

pub(super) use catalog;

/// A text with the values of its `{name}`s. One function for all texts, because the code that `format!` makes of each is
/// longer than the text, and browsers load it.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(2 * text.len());
    for part in text.split('}') {
        let (before, name) = part.split_once('{').unwrap_or((part, ""));
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gets_its_value() {
        let values = [("place", "3rd"), ("price", "NT${5}")];
        assert_eq!(fill("{price} for {place}, {place}.", &values), "NT${5} for 3rd, 3rd.");
        assert_eq!(fill("nothing", &values), "nothing");
    }
}
