//! The colour theme: the reader's preference, from a cookie, or the system's.

use http::HeaderMap;
use web::cookie_headers::cookie;

/// The cookie with the reader's preference.
pub(crate) const THEME_COOKIE: &str = "theme";

/// The colours of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Theme {
    /// The theme of the reader's system.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All themes, in the order of the switch.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The reader's preference, or else the system's theme.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Self {
        cookie(headers, THEME_COOKIE).and_then(Self::from_name).unwrap_or_default()
    }

    /// The theme with this name, if any.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The name in the cookie and in forms.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of `data-theme` on the root element; none for the system's theme.
    pub(crate) fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }

    /// The `color-scheme` for browsers until the style sheet has loaded.
    pub(crate) fn color_scheme(self) -> &'static str {
        self.attribute().unwrap_or("light dark")
    }

    /// The theme that follows in the switch.
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
    fn without_a_valid_preference_it_is_the_systems_theme() {
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
    fn the_switch_cycles_through_all_themes() {
        let mut theme = Theme::default();
        for expected in [Theme::Light, Theme::Dark, Theme::System] {
            theme = theme.next();
            assert_eq!(theme, expected);
        }
    }
}
