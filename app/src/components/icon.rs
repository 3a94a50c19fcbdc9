//! Icons, in the colour of the surrounding text.

use leptos::prelude::*;

/// An icon. It only repeats what the text beside it, or a label, says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Icon {
    Sun,
    Moon,
    /// Half sun, half moon: the system's theme.
    Auto,
    Check,
    Down,
    Cross,
    Empty,
    Eye,
    EyeOff,
}

impl Icon {
    /// Its outline, in a square of 24 units.
    fn path(self) -> &'static str {
        match self {
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2\
                 M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4"
            }
            Self::Moon => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
            Self::Auto => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18v18M15 4v16M18 6.5v11",
            Self::Check => "M4.5 12.5l5 5 10-11",
            Self::Down => "M12 4.5v15M5.5 13l6.5 6.5 6.5-6.5",
            Self::Cross => "M6 6l12 12M18 6L6 18",
            Self::Eye => "M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
            Self::EyeOff => {
                "M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 4l16 16"
            }
            Self::Empty => "M3 13l3-8h12l3 8v6H3zM3 13h5.5l1.5 2.5h4l1.5-2.5H21",
        }
    }
}

/// Renders an icon.
pub(crate) fn icon(icon: Icon) -> impl IntoView + use<> {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}
