//! The language of a request: the reader's preference, or the browser's `Accept-Language`.

use crate::lang::Lang;
use http::{HeaderMap, header};
use web::cookie_headers::cookie;

/// The cookie with the reader's preferred language.
pub const LANG_COOKIE: &str = "gavel_lang";

impl Lang {
    /// The reader's preference, or else the supported language with the highest weight in `Accept-Language`.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        if let Some(chosen) = cookie(headers, LANG_COOKIE).and_then(Self::from_tag) {
            return chosen;
        }
        // The header may be repeated.
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<LanguageRange> =
            lines.flat_map(|line| line.split(',')).filter_map(LanguageRange::parse).collect();
        let mut best = (Self::default(), 0);
        for lang in Self::ALL {
            let weight = lang.weight(&ranges);
            if weight > best.1 || (weight > 0 && weight == best.1 && lang.position(&ranges) < best.0.position(&ranges))
            {
                best = (lang, weight);
            }
        }
        best.0
    }

    /// The language's weight in thousandths: the highest of its ranges, or else that of `*`.
    fn weight(self, ranges: &[LanguageRange]) -> u16 {
        let own = ranges.iter().filter(|range| range.lang == Some(self)).map(|range| range.weight).max();
        let any = ranges.iter().filter(|range| range.is_any).map(|range| range.weight).max();
        own.or(any).unwrap_or(0)
    }

    /// Its first position in the list, which decides between equal weights: browsers list the preferred one first.
    fn position(self, ranges: &[LanguageRange]) -> usize {
        ranges.iter().position(|range| range.lang == Some(self)).unwrap_or(ranges.len())
    }
}

/// One entry of `Accept-Language`: `zh-Hant-TW;q=0.8`.
struct LanguageRange {
    /// The supported language it matches, if any.
    lang: Option<Lang>,
    /// Whether it is `*`, which matches every language without an entry.
    is_any: bool,
    /// In thousandths; 0 means not acceptable.
    weight: u16,
}

impl LanguageRange {
    /// Parses an entry; none if its weight is invalid.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = match parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))) {
            Some(weight) => thousandths(weight.trim())?,
            None => 1000,
        };
        let lang = match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Lang::En),
            "zh" => Some(Lang::ZhTw),
            _ => None,
        };
        Some(Self { lang, is_any: tag == "*", weight })
    }
}

/// Parses a weight (RFC 9110, section 12.4.2): from 0 to 1 with at most three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let mut digits = whole.bytes().chain(decimals.bytes());
    if whole.len() != 1 || decimals.len() > 3 || !digits.all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn lang(headers: &[(header::HeaderName, &'static str)]) -> Lang {
        let pairs = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        Lang::of_headers(&pairs.collect())
    }

    #[test]
    fn the_browsers_list_decides() {
        assert_eq!(lang(&[]), Lang::En);
        assert_eq!(lang(&[(header::ACCEPT_LANGUAGE, "zh-Hant-TW,zh;q=0.9,en;q=0.8")]), Lang::ZhTw);
        assert_eq!(lang(&[(header::ACCEPT_LANGUAGE, "de, en-GB;q=0.8, zh;q=0.5")]), Lang::En);
    }

    #[test]
    fn weights_count_and_not_the_order() {
        for (list, wanted) in [
            ("en;q=0.5, zh-TW;q=0.9", Lang::ZhTw),
            ("zh;q=0.8, en", Lang::En),
            ("zh;q=0.001,en;q=0", Lang::ZhTw),
            ("en;q=0, *;q=0.1", Lang::ZhTw),
            ("*, en;q=0.5", Lang::ZhTw),
            ("*", Lang::En),
            ("de, fr;q=0.9", Lang::En),
            ("zh, en", Lang::ZhTw),
            ("en, zh", Lang::En),
            ("en-GB;q=0.3, zh;q=0.5, en-US;q=0.9", Lang::En),
            ("ZH-tw ; Q=0.7 , EN ; q=0.6", Lang::ZhTw),
            ("en;q=0, zh;q=0", Lang::En),
            ("en;q=2, zh;q=0.1", Lang::ZhTw),
            ("zh;q=x", Lang::En),
            (",,;q=1,", Lang::En),
        ] {
            assert_eq!(lang(&[(header::ACCEPT_LANGUAGE, list)]), wanted, "{list}");
        }
    }

    #[test]
    fn weights_have_at_most_three_decimals() {
        for (weight, parsed) in [("1", Some(1000)), ("0", Some(0)), ("0.5", Some(500)), ("1.000", Some(1000))] {
            assert_eq!(thousandths(weight), parsed, "{weight}");
        }
        for weight in ["", "1.001", "2", "-0", "0.1234", ".5", "0,5", "+1", "+", "0.é"] {
            assert_eq!(thousandths(weight), None, "{weight}");
        }
    }

    #[test]
    fn a_preference_takes_precedence() {
        let list = (header::ACCEPT_LANGUAGE, "zh-TW");
        assert_eq!(lang(&[(header::COOKIE, "a=b; gavel_lang=en"), list.clone()]), Lang::En);
        assert_eq!(lang(&[(header::COOKIE, "gavel_lang=xx"), list]), Lang::ZhTw);
    }
}
