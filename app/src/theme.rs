//! Light or dark: the reader's choice, kept in a cookie, or the system's.

use crate::cookies::cookie;
use http::HeaderMap;

/// The cookie that keeps a reader's choice.
pub(crate) const THEME_COOKIE: &str = "theme";

/// The colours of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Theme {
    /// What the reader's system is set to.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the switch.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The reader's choice; the system's without one.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Self {
        cookie(headers, THEME_COOKIE).and_then(Self::from_name).unwrap_or_default()
    }

    /// The theme of a name, where there is one.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// Its name in the cookie and in forms.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of `data-theme` at the root; none where the system decides.
    pub(crate) fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }

    /// What browsers may paint before the style sheet is there.
    pub(crate) fn color_scheme(self) -> &'static str {
        self.attribute().unwrap_or("light dark")
    }

    /// The next one of the switch.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, header};

    #[test]
    fn without_a_known_choice_the_system_decides() {
        for (cookies, theme) in [
            ("a=b", Theme::System),
            ("theme=dark", Theme::Dark),
            ("theme=light; a=b", Theme::Light),
            ("theme=pink", Theme::System),
        ] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookies))]);
            assert_eq!(Theme::of_headers(&headers), theme, "{cookies}");
        }
    }

    #[test]
    fn the_switch_passes_all_of_them() {
        let mut theme = Theme::default();
        for expected in [Theme::Light, Theme::Dark, Theme::System] {
            theme = theme.next();
            assert_eq!(theme, expected);
        }
    }
}
