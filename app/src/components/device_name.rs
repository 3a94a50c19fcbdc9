//! What a session is signed in on, in words.

use woothee::parser::{Parser, WootheeResult};

/// The browser and system of a `User-Agent`, such as `Chrome, Android`; the text itself if it is of neither, as API clients
/// send it. None if it is empty.
pub(crate) fn device_name(user_agent: &str) -> Option<String> {
    let parsed = Parser::new().parse(user_agent).unwrap_or_default();
    let WootheeResult { name, os, category, .. } = parsed;
    let known = [name, os].into_iter().filter(|part| !part.is_empty() && *part != "UNKNOWN").collect::<Vec<_>>();
    if known.is_empty() || category == "crawler" {
        Some(user_agent.to_owned()).filter(|text| !text.trim().is_empty())
    } else {
        Some(known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_and_other_clients_name_themselves() {
        let chrome = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36";
        assert_eq!(device_name(chrome).as_deref(), Some("Chrome, Android"));
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0";
        assert_eq!(device_name(firefox).as_deref(), Some("Firefox, Windows 10"));
        assert_eq!(device_name("bidding-bot/2").as_deref(), Some("bidding-bot/2"));
        assert_eq!(device_name(" "), None);
    }
}
