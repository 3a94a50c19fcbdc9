//! The time within a campaign as the horizontal axis of a chart.

use super::{Axis, Scale, number};
use crate::lang::Lang;
use domain::Timestamp;

/// Campaigns longer than this are shown in minutes, shorter ones in seconds.
const SECONDS_UP_TO_MS: i64 = 180_000;

/// From a campaign's start on, in minutes or seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeAxis {
    start: Timestamp,
    in_minutes: bool,
}

impl TimeAxis {
    /// The axis of a campaign from `start` to `end`.
    pub(crate) fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, in_minutes: end.millis_since(start) > SECONDS_UP_TO_MS }
    }

    /// Where an instant is on the axis.
    pub(crate) fn place(self, at: Timestamp) -> f64 {
        at.millis_since(self.start) as f64 / if self.in_minutes { 60_000.0 } else { 1_000.0 }
    }

    /// The axis with its label.
    pub(crate) fn axis(self, lang: Lang) -> Axis {
        let t = lang.common_messages();
        let label = if self.in_minutes { t.minutes_since_start } else { t.seconds_since_start };
        Axis { label: label.to_owned(), write: number, scale: Scale::FromZero }
    }
}
