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
                    match self.lang {
                        crate::lang::Lang::En => format!($template_en),
                        crate::lang::Lang::ZhTw => format!($template_zh),
                    }
                }
            )*
            $(
                $(#[$count_doc])*
                #[doc = $other_en]
                pub fn $counted(&self, number: u64) -> String {
                    let $number = crate::format::count(number);
                    match self.lang {
                        crate::lang::Lang::En if number == 1 => format!($one_en),
                        crate::lang::Lang::En => format!($other_en),
                        crate::lang::Lang::ZhTw => format!($count_zh),
                    }
                }
            )*
        }
    };
}

pub(super) use catalog;
