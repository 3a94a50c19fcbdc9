//! Validated inputs: texts and counts that can only be created by parsing or checking them; and pages of lists.

use crate::{
    json_number::number_or_string,
    limits,
    name_characters::{self, CONTROL, check_unmixed, check_visible},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt, ops::Deref, str::FromStr};

/// The length of a text in Unicode scalar values, close to what people count.
fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Control characters break logs and pages; line breaks and tabs are allowed in descriptions only.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let parse: fn(&str) -> Result<String, &'static str> = $parse;
                // Browsers send a line break as CR and LF, other clients as they like. It counts as one character.
                let text = text.replace("\r\n", "\n").replace('\r', "\n");
                parse(text.trim()).map(Self)
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

/// Normalizes a line of text: no control or invisible characters, and single spaces, as pages show it.
fn line(text: &str, chars_max: usize, wrong_length: &'static str) -> Result<String, &'static str> {
    if has_control(text) {
        return Err(CONTROL);
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !(1..=chars_max).contains(&chars(&text)) {
        return Err(wrong_length);
    }
    check_visible(&text)?;
    Ok(text)
}

/// Whether a text has no visible character, like some names that were stored before they were checked.
pub fn is_blank(text: &str) -> bool {
    name_characters::is_blank(text)
}

text! {
    /// An e-mail address, trimmed, with plain letters for their variants (NFKC). Only its shape is checked. Addresses
    /// that differ only in case belong to one account.
    ///
    /// The domain must be ASCII, as in DNS. Letters whose lower case is ASCII are refused: in a store that ignores case
    /// they would make it the address of another user.
    Email, |text| {
        let text = name_characters::plain(text);
        let becomes_ascii = |c: char| !c.is_ascii() && c.to_lowercase().any(|lower| lower.is_ascii());
        if has_control(&text) || check_visible(&text).is_err() {
            return Err("must be an e-mail address without invisible characters");
        }
        if text.contains(becomes_ascii) || check_unmixed(&text).is_err() {
            return Err("must be an e-mail address without look-alike letters");
        }
        let valid = chars(&text) <= limits::EMAIL_CHARS_MAX
            && !text.contains(char::is_whitespace)
            && text.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty() && host.contains('.') && host.split('.').all(is_label)
            });
        if valid { Ok(text) } else { Err("must be an e-mail address") }
    }
}

/// Whether `label` is a valid part of a domain name.
fn is_label(label: &str) -> bool {
    let clean = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (1..=63).contains(&label.len()) && clean && !label.starts_with('-') && !label.ends_with('-')
}

text! {
    /// The name other bidders see, trimmed, 1 to 100 characters, with plain letters for their variants (NFKC).
    Username, |text| {
        let text = line(&name_characters::plain(text), limits::USERNAME_CHARS_MAX, "must be 1 to 100 characters")?;
        check_unmixed(&text)?;
        Ok(text)
    }
}

text! {
    /// The name of an API key, trimmed, 1 to 100 characters.
    ApiKeyName, |text| {
        line(text, limits::API_KEY_NAME_CHARS_MAX, "must be 1 to 100 characters")
    }
}

text! {
    /// A product's name, trimmed, 1 to 255 characters (NFC).
    ProductName, |text| {
        let text = line(&name_characters::composed(text), limits::PRODUCT_NAME_CHARS_MAX, "must be 1 to 255 characters")?;
        check_unmixed(&text)?;
        Ok(text)
    }
}

text! {
    /// A product's description, trimmed, at most 10,000 characters.
    Description, |text| {
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(CONTROL);
        }
        if chars(text) > limits::DESCRIPTION_CHARS_MAX {
            return Err("must be at most 10000 characters");
        }
        check_visible(text)?;
        Ok(text.to_owned())
    }
}

text! {
    /// The URL of a picture: http or https, or a path on this server; at most 500 characters.
    ImageUrl, |text| {
        let lower = text.to_ascii_lowercase();
        let remote = ["http://", "https://"].iter().any(|scheme| {
            lower.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        });
        // "//host" and "/\host" would leave this server.
        let local = text.starts_with('/') && !text[1..].starts_with(['/', '\\']);
        let clean = !has_control(text) && !text.contains(char::is_whitespace) && check_visible(text).is_ok();
        if (remote || local) && clean && chars(text) <= limits::IMAGE_URL_CHARS_MAX {
            Ok(text.to_owned())
        } else {
            Err("must be an http or https URL, or a path on this server, of at most 500 characters")
        }
    }
}

text! {
    /// Why a campaign was cancelled: 1 to 500 characters, shown to its bidders.
    Reason, |text| {
        line(text, limits::REASON_CHARS_MAX, "must be 1 to 500 characters")
    }
}

text! {
    /// The search text of a list: part of a name or the like, trimmed; an empty one matches everything.
    Search, |text| {
        if has_control(text) {
            Err(CONTROL)
        } else if chars(text) > limits::SEARCH_CHARS_MAX {
            Err("must be at most 255 characters")
        } else {
            Ok(name_characters::composed(text))
        }
    }
}

impl Search {
    /// The search that matches everything.
    pub fn all() -> Self {
        Self(String::new())
    }
}

/// A password as typed. It is never printed or serialized.
///
/// A new password has 8 to 128 characters. At sign-in any length up to 128 is accepted, because old passwords may
/// follow other rules.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password that a user chooses.
    pub fn new_password(text: &str) -> Result<Self, &'static str> {
        if (limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX).contains(&chars(text)) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 8 to 128 characters")
        }
    }

    /// A password that someone enters to sign in.
    pub fn claimed(text: &str) -> Result<Self, &'static str> {
        if (1..=limits::PASSWORD_CHARS_MAX).contains(&chars(text)) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be 1 to 128 characters")
        }
    }

    /// The secret itself, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

macro_rules! count {
    ($(#[$doc:meta])* $name:ident, $min:expr, $max:expr, $message:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
        #[serde(transparent)]
        pub struct $name(i32);

        impl $name {
            /// The count, or `None` out of range.
            pub fn new(value: i32) -> Option<Self> {
                ($min..=$max).contains(&value).then_some(Self(value))
            }

            /// The plain number.
            pub fn get(self) -> i32 {
                self.0
            }

            fn from_f64(value: f64) -> Result<Self, &'static str> {
                let whole = value.fract() == 0.0 && (f64::from($min)..=f64::from($max)).contains(&value);
                #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
                if whole { Ok(Self(value as i32)) } else { Err($message) }
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.trim().parse().ok().and_then(Self::new).ok_or($message)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                number_or_string(deserializer, $message, Self::from_f64, Self::from_str)
            }
        }
    };
}

count! {
    /// Units of a product in stock, 0 to 1,000,000.
    Stock, 0, limits::STOCK_MAX, "must be a whole number from 0 to 1000000"
}
count! {
    /// Units a campaign sells at most (K), 1 to 1,000,000.
    Quota, 1, limits::STOCK_MAX, "must be a whole number from 1 to 1000000"
}

count! {
    /// How many days an API key lasts, 1 to 365.
    ApiKeyDays, 1, limits::API_KEY_DAYS_MAX, "must be a whole number from 1 to 365"
}

/// A page of a list: how many items to skip, and how many to return at most.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Page {
    /// Items before the page.
    pub skip: u32,
    /// Items on the page at most.
    pub limit: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for good in ["a@b.c", " User0001@Test.com ", "x+y@sub.example.org"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@b", "a@b..c", "a b@c.d", "a@b.c.", "a@b@c.d", "a@-b.c", "a@b_c.d", "a@名.tw"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
        assert!(format!("{}@b.c", "a".repeat(251)).parse::<Email>().is_err());
        assert!(format!("a@{}.c", "b".repeat(64)).parse::<Email>().is_err());
    }

    #[test]
    fn an_address_cannot_pass_for_another() {
        assert_eq!(&*"ａｄｍｉｎ＠test．com".parse::<Email>().expect("valid"), "admin@test.com");
        assert_eq!(&*"陳小明@test.com".parse::<Email>().expect("valid"), "陳小明@test.com");
        // The Kelvin sign is a K to Unicode itself.
        assert_eq!(&*"\u{212a}@test.com".parse::<Email>().expect("valid"), "K@test.com");
        for bad in ["admİn@test.com", "аdmin@test.com", "ad\u{200b}min@test.com", "admin\u{301}\u{ad}@test.com"] {
            assert!(bad.parse::<Email>().is_err(), "{}", bad.escape_unicode());
        }
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(&*"  陳小明 ".parse::<Username>().expect("valid"), "陳小明");
        assert!("   ".parse::<Username>().is_err());
        assert!("名".repeat(100).parse::<Username>().is_ok());
        assert!("名".repeat(101).parse::<Username>().is_err());
        assert_eq!("a\u{0}b".parse::<Username>(), Err(CONTROL));
    }

    #[test]
    fn names_are_visible_and_unambiguous() {
        assert_eq!(&*"Ａｎｎ　\u{2003} B".parse::<Username>().expect("valid"), "Ann B");
        assert_eq!(&*"Jose\u{301} （限量）".parse::<ProductName>().expect("valid"), "José （限量）");
        assert!("Set 👩\u{200d}💻 ❤\u{fe0f}".parse::<ProductName>().is_ok());
        for bad in ["\u{3164}", "\u{200b}", "\u{2800}", "Ann\u{202e}nnA", "аdmin", "\u{301}", "\u{b4}"] {
            assert!(bad.parse::<Username>().is_err(), "{}", bad.escape_unicode());
        }
        for bad in ["\u{3164}", "Ann\u{202e}nnA", "аdmin", "\u{301}"] {
            assert!(bad.parse::<ProductName>().is_err(), "{}", bad.escape_unicode());
        }
        for bad in ["off\u{202e}", "\u{200b}", "a\u{feff}b"] {
            assert!(bad.parse::<Reason>().is_err(), "{}", bad.escape_unicode());
            assert!(bad.parse::<Description>().is_err(), "{}", bad.escape_unicode());
        }
        assert!("two\nlines, شكرا ❤\u{fe0f}".parse::<Description>().is_ok());
        assert!(is_blank(" \u{3164}\u{200b}") && !is_blank("."));
    }

    #[test]
    fn a_search_is_short_and_without_controls() {
        assert_eq!(&*" 100%_ ".parse::<Search>().expect("valid"), "100%_");
        assert_eq!("".parse::<Search>(), Ok(Search::all()));
        assert!("名".repeat(limits::PRODUCT_NAME_CHARS_MAX).parse::<Search>().is_ok());
        for bad in ["a\u{0}", "x".repeat(256).as_str()] {
            assert!(bad.parse::<Search>().is_err());
        }
    }

    #[test]
    fn a_line_break_is_one_character_however_it_was_sent() {
        for sent in ["two\r\nlines", "two\rlines", "two\nlines"] {
            assert_eq!(&*sent.parse::<Description>().expect("valid"), "two\nlines");
        }
        let lines = "行\r\n".repeat(limits::DESCRIPTION_CHARS_MAX / 2 - 1);
        assert!(format!("{lines}兩字").parse::<Description>().is_ok());
        assert!(format!("{lines}三個字").parse::<Description>().is_err());
        assert!("😀".repeat(limits::DESCRIPTION_CHARS_MAX).parse::<Description>().is_ok());
        assert!("😀".repeat(limits::DESCRIPTION_CHARS_MAX + 1).parse::<Description>().is_err());
        assert!("two\r\nlines".parse::<Reason>().is_err(), "a reason is one line");
    }

    #[test]
    fn pictures_are_http_urls_or_local_paths() {
        for good in ["https://example.org/a.png", "HTTP://x/y", "/img/headphones.svg"] {
            assert!(good.parse::<ImageUrl>().is_ok(), "{good}");
        }
        for bad in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/\\evil", "https://", "", "ftp://a/b"]
        {
            assert!(bad.parse::<ImageUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_do_not_print() {
        let password = Password::new_password("correct horse").expect("valid");
        assert_eq!(format!("{password:?}"), "Password(***)");
        assert!(Password::new_password("seven77").is_err());
        assert!(Password::new_password(&"x".repeat(129)).is_err());
        assert!(Password::claimed("x").is_ok());
    }

    #[test]
    fn counts_accept_whole_numbers_only() {
        for (json, value) in [("15", 15), ("\"15\"", 15), ("15.0", 15), ("0", 0)] {
            assert_eq!(serde_json::from_str::<Stock>(json).expect(json).get(), value);
        }
        for json in ["-1", "1.5", "1000001", "\"x\"", "null", "1e99"] {
            assert!(serde_json::from_str::<Stock>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<Quota>("0").is_err());
    }
}
