//! Which characters a text may contain, so that people see all of it and cannot mistake it for another.
//!
//! The Unicode tables are compiled for the server only: the browser parses no names, and they would be a large part of
//! the code it has to load.

/// The error for control characters.
pub(crate) const CONTROL: &str = "must not contain control characters";
/// The error for invisible characters.
const INVISIBLE: &str = "must not contain invisible characters or characters that change the text direction";
/// The error for combining marks without a letter.
const LONE_MARK: &str = "must not contain combining marks without a letter before them";
/// The error for too many combining marks on one letter.
const MANY_MARKS: &str = "must not contain more than 4 combining marks on one letter";
/// The error for words that mix scripts with similar letters.
const MIXED: &str = "must not mix Latin with Cyrillic or Greek letters in one word";

/// As many as any language puts on one letter; more would only cover the neighbouring lines.
const MARKS_MAX: usize = 4;
const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

pub(crate) use tables::{composed, plain};

#[cfg(not(target_arch = "wasm32"))]
mod tables {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

    /// The text with every letter and its accents in one character (NFC).
    pub(crate) fn composed(text: &str) -> String {
        text.nfc().collect()
    }

    /// The same with plain letters for their variants, such as the full-width ones (NFKC).
    pub(crate) fn plain(text: &str) -> String {
        text.nfkc().collect()
    }

    pub(super) fn is_mark(c: char) -> bool {
        is_combining_mark(c)
    }
}

#[cfg(target_arch = "wasm32")]
mod tables {
    pub(crate) fn composed(text: &str) -> String {
        text.to_owned()
    }

    pub(crate) fn plain(text: &str) -> String {
        text.to_owned()
    }

    pub(super) fn is_mark(_: char) -> bool {
        false
    }
}

/// Refuses invisible characters and those that change how the text around them reads. A text that passes and does not
/// begin with white space begins with a visible character.
///
/// Joiners and variation selectors are allowed where they have a visible effect: between the parts of an emoji, and
/// between letters of scripts that need them.
pub(crate) fn check_visible(text: &str) -> Result<(), &'static str> {
    let mut marks = 0;
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if is_invisible(c) {
            if !has_effect(before, c, rest.peek().copied()) {
                return Err(INVISIBLE);
            }
        } else if tables::is_mark(c) {
            marks += 1;
            if before.is_none_or(char::is_whitespace) {
                return Err(LONE_MARK);
            }
            if marks > MARKS_MAX {
                return Err(MANY_MARKS);
            }
        } else {
            marks = 0;
        }
        before = Some(c);
    }
    Ok(())
}

/// Refuses words that mix Latin letters with Cyrillic or Greek ones, many of which look the same. Words of one script
/// are allowed, and signs of units (`kΩ`, `μm`) do not count as letters.
pub(crate) fn check_unmixed(text: &str) -> Result<(), &'static str> {
    let is_other = |c| !is_latin(c) && !is_cyrillic_or_greek(c) && !tables::is_mark(c);
    let is_mixed = |word: &str| word.contains(is_latin) && word.contains(is_cyrillic_or_greek);
    if text.split(is_other).any(is_mixed) { Err(MIXED) } else { Ok(()) }
}

/// Whether a text has no visible character.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c) || tables::is_mark(c))
}

/// Whether an invisible character has its intended visible effect on its neighbours.
fn has_effect(before: Option<char>, c: char, after: Option<char>) -> bool {
    let (Some(before), after) = (before, after.unwrap_or_default()) else { return false };
    let is_between_letters = needs_joiners(before) && needs_joiners(after);
    match c {
        TEXT_STYLE | EMOJI_STYLE => {
            is_symbol(before) || (after == KEYCAP && (before.is_ascii_digit() || matches!(before, '#' | '*')))
        }
        ZERO_WIDTH_JOINER => is_between_letters || ((is_symbol(before) || before == EMOJI_STYLE) && is_symbol(after)),
        ZERO_WIDTH_NON_JOINER => is_between_letters,
        _ => false,
    }
}

/// Whether a character is invisible: Unicode's ignorable characters, which include direction controls; blanks that do
/// not count as white space; and noncharacters.
fn is_invisible(c: char) -> bool {
    let is_none = u32::from(c) & 0xfffe == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}');
    is_none
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d159}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a character is a symbol that can have a variation selector or be part of an emoji.
fn is_symbol(c: char) -> bool {
    matches!(
        c,
        '\u{a9}'
            | '\u{ae}'
            | '\u{203c}'
            | '\u{2049}'
            | '\u{2122}'
            | '\u{2139}'
            | '\u{2190}'..='\u{21ff}'
            | '\u{2300}'..='\u{23ff}'
            | '\u{2460}'..='\u{24ff}'
            | '\u{25a0}'..='\u{27bf}'
            | '\u{2900}'..='\u{297f}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{3030}'
            | '\u{303d}'
            | '\u{3297}'
            | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

/// Whether a letter belongs to a script, from Arabic to Sinhala, whose spelling uses joiners.
fn needs_joiners(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{dff}')
}

fn is_latin(c: char) -> bool {
    matches!(
        c,
        'A'..='Z'
            | 'a'..='z'
            | '\u{c0}'..='\u{d6}'
            | '\u{d8}'..='\u{f6}'
            | '\u{f8}'..='\u{2af}'
            | '\u{1e00}'..='\u{1eff}'
            | '\u{2c60}'..='\u{2c7f}'
            | '\u{a722}'..='\u{a7ff}'
            | '\u{ff21}'..='\u{ff3a}'
            | '\u{ff41}'..='\u{ff5a}'
    )
}

fn is_cyrillic_or_greek(c: char) -> bool {
    let is_unit = matches!(c, 'μ' | 'Ω');
    !is_unit
        && matches!(
            c,
            '\u{370}'..='\u{52f}'
                | '\u{1c80}'..='\u{1c8f}'
                | '\u{1f00}'..='\u{1fff}'
                | '\u{2de0}'..='\u{2dff}'
                | '\u{a640}'..='\u{a69f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_refused_wherever_it_is() {
        let ranges = [
            0xad..=0xad,
            0x34f..=0x34f,
            0x61c..=0x61c,
            0x115f..=0x1160,
            0x180e..=0x180e,
            0x200b..=0x200f,
            0x202a..=0x202e,
            0x2060..=0x2064,
            0x2066..=0x2069,
            0x2800..=0x2800,
            0x3164..=0x3164,
            0xfe00..=0xfe0f,
            0xfeff..=0xfeff,
            0xffa0..=0xffa0,
            0xfffe..=0xffff,
            0xe0000..=0xe007f,
            0xe0100..=0xe01ef,
        ];
        for c in ranges.into_iter().flatten().filter_map(char::from_u32) {
            for text in [format!("{c}"), format!("{c}ann"), format!("a{c}nn"), format!("ann{c}"), format!("名{c}字")]
            {
                assert_eq!(check_visible(&text), Err(INVISIBLE), "{}", text.escape_unicode());
            }
            assert!(is_blank(&format!(" {c}{c}")), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn what_is_seen_is_taken() {
        for good in [
            "Ann",
            "陳小明",
            "José",
            "e\u{301}",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "👩🏽\u{200d}💻 set",
            "❤\u{fe0f}\u{200d}🔥",
            "I ❤\u{fe0f} it",
            "1\u{fe0f}\u{20e3}",
            "🇹🇼",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ไม้",
            "שלום",
        ] {
            assert_eq!(check_visible(good), Ok(()), "{}", good.escape_unicode());
            assert!(!is_blank(good), "{good}");
        }
    }

    #[test]
    fn joiners_and_styles_are_refused_where_they_do_nothing() {
        for bad in
            ["👩\u{200d}", "\u{200d}👩", "a\u{200d}👩", "👩\u{200d}a", "a\u{fe0f}", "\u{fe0f}\u{20e3}", "👩\u{200c}👩"]
        {
            assert_eq!(check_visible(bad), Err(INVISIBLE), "{}", bad.escape_unicode());
        }
    }

    #[test]
    fn accents_need_a_letter_and_few_are_enough() {
        for bad in ["\u{301}", "a \u{301}"] {
            assert_eq!(check_visible(bad), Err(LONE_MARK), "{}", bad.escape_unicode());
        }
        assert_eq!(check_visible(&format!("a{}", "\u{301}".repeat(4))), Ok(()));
        assert_eq!(check_visible(&format!("a{}", "\u{301}".repeat(5))), Err(MANY_MARKS));
    }

    #[test]
    fn a_word_is_of_one_script() {
        for bad in ["аdmin", "Аnn", "pаypаl shop", "Αnn", "γold", "а\u{301}dmin"] {
            assert_eq!(check_unmixed(bad), Err(MIXED), "{}", bad.escape_unicode());
        }
        for good in
            ["admin", "Анна", "Άννα", "USB-кабель", "β-carotene", "10kΩ", "5 μm", "Tシャツ", "限量版Pro", "Ann Анна"]
        {
            assert_eq!(check_unmixed(good), Ok(()), "{good}");
        }
    }
}
