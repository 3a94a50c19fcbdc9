//! Which language a request asks for.

use super::Lang;
use crate::session::cookie;
use http::{HeaderMap, header};

/// The cookie that keeps a reader's choice.
pub const LANG_COOKIE: &str = "gavel_lang";

impl Lang {
    /// The reader's choice, else the first language of the browser's list that we speak.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        if let Some(chosen) = cookie(headers, LANG_COOKIE).and_then(Self::from_tag) {
            return chosen;
        }
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.unwrap_or_default().split(',').find_map(Self::from_range).unwrap_or_default()
    }

    /// One entry of `Accept-Language`: `zh-Hant-TW;q=0.8`. Browsers list the best first.
    fn from_range(range: &str) -> Option<Self> {
        let tag = range.split(';').next().unwrap_or_default().trim();
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::ZhTw),
            _ => None,
        }
    }
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
    fn a_choice_goes_first() {
        let list = (header::ACCEPT_LANGUAGE, "zh-TW");
        assert_eq!(lang(&[(header::COOKIE, "a=b; gavel_lang=en"), list.clone()]), Lang::En);
        assert_eq!(lang(&[(header::COOKIE, "gavel_lang=xx"), list]), Lang::ZhTw);
    }
}
