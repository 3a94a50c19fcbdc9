//! Line charts, drawn as SVG on the server.
//!
//! Straight lines between the points, gaps where a value is missing, round numbers at the ticks, both axes labelled.
//! Lines differ by pattern as well as by colour. A chart within a page has a description in words, and
//! pages add a table of its values.

mod time_axis;

pub(crate) use time_axis::TimeAxis;

use crate::theme::Theme;
use leptos::prelude::*;

/// The drawing's size in its own units; it scales with the page.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 280.0;
/// The size of a chart that is a file, which has the keys below the drawing.
pub(crate) const CHART_WIDTH: f64 = WIDTH;
pub(crate) const CHART_HEIGHT: f64 = HEIGHT + 56.0;
/// How far down its keys are.
const KEYS: f64 = HEIGHT + 42.0;
/// Room for labels around the plot; on the left at least.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 28.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;
/// The width of a digit in the widest font of the labels, that of narrow screens.
const DIGIT: f64 = 12.5;
/// About how many intervals an axis has.
const TICKS: f64 = 5.0;

/// A line chart.
pub(crate) struct Chart {
    /// The accessible name.
    pub(crate) title: String,
    /// The accessible description.
    pub(crate) description: String,
    /// The horizontal axis.
    pub(crate) x: Axis,
    /// The vertical axis.
    pub(crate) y: Axis,
    /// A value up to which the horizontal axis extends, whether there are points or not.
    pub(crate) x_until: Option<f64>,
    /// The data series, one line each.
    pub(crate) series: Vec<Series>,
    /// The message shown while no series has a value.
    pub(crate) empty: &'static str,
}

/// An axis.
pub(crate) struct Axis {
    /// The quantity, with its unit.
    pub(crate) label: String,
    /// Formats the values at the ticks, with the decimals that tell them apart.
    pub(crate) write: fn(f64, usize) -> String,
    /// How values map to positions.
    pub(crate) scale: Scale,
}

/// How values map to positions on an axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scale {
    /// Linear, from the lowest to the highest value.
    Linear,
    /// Linear, from zero.
    FromZero,
    /// Logarithmic; every value must be above zero.
    Logarithmic,
}

/// A data series.
pub(crate) struct Series {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Its points from left to right; points without a value interrupt the line.
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// A number with these decimals, for [`Axis::write`].
pub(crate) fn number(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// The colours of a chart that is a file of its own: the style sheet's, which it cannot use.
const LIGHT: &str = "--muted:#5b606d;--grid:#e3e4ea;--line:#4338ca;--line-1:#0f6b3c";
const DARK: &str = "--muted:#a2a8b6;--grid:#2a2d37;--line:#a5abff;--line-1:#6fd89b";
/// The rest of its style.
const FILE_STYLE: &str = "text{fill:var(--muted);font:13px system-ui,sans-serif}line{stroke:var(--grid)}\
    path{fill:none;stroke:var(--line);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}\
    path[data-line='1']{stroke:var(--line-1);stroke-dasharray:6 4}\
    @media(max-width:30rem){text{font-size:22px}.chart-x:nth-of-type(even){display:none}}";

/// A chart within a page, with the keys to its lines below it.
pub(crate) fn chart(chart: Chart) -> AnyView {
    let Some(plot) = plot(&chart) else {
        return view! { <p class="muted">{chart.empty}</p> }.into_any();
    };
    let Chart { title, description, x, y, series, .. } = chart;
    let keys = series.into_iter().enumerate().map(|(index, line)| {
        view! {
            <li>
                <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
                    <path class="chart-line" data-line=index.to_string() d="M0 4H24" />
                </svg>
                {line.name}
            </li>
        }
    });
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img">
                <title>{title}</title>
                <desc>{description}</desc>
                {plot}
            </svg>
            <figcaption>
                <span class="muted">{y.label} " / " {x.label}</span>
                <ul class="chart-keys">{keys.collect_view()}</ul>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// A chart as an SVG document, for an `<img>` of [`CHART_WIDTH`] by [`CHART_HEIGHT`], with the keys to its lines within it.
pub(crate) fn chart_file(chart: &Chart, theme: Theme) -> String {
    let colours = match theme {
        Theme::Light => format!("svg{{{LIGHT}}}"),
        Theme::Dark => format!("svg{{{DARK}}}"),
        Theme::System => format!("svg{{{LIGHT}}}@media(prefers-color-scheme:dark){{svg{{{DARK}}}}}"),
    };
    let plot = plot(chart).unwrap_or_else(|| {
        view! { <text x=WIDTH / 2.0 y=HEIGHT / 2.0 text-anchor="middle">{chart.empty}</text> }.into_any()
    });
    let keys = chart.series.iter().enumerate().map(|(index, line)| {
        let at = LEFT + index as f64 * (WIDTH - LEFT) / 2.0;
        view! {
            <path data-line=index.to_string() d=format!("M{at} {KEYS}h24") />
            <text x=at + 32.0 y=KEYS dominant-baseline="central">
                {line.name.clone()}
            </text>
        }
    });
    let document = view! {
        <svg xmlns="http://www.w3.org/2000/svg" viewBox=format!("0 0 {CHART_WIDTH} {CHART_HEIGHT}")>
            <title>{chart.title.clone()}</title>
            <style inner_html=format!("{colours}{FILE_STYLE}")></style>
            {plot}
            <text x=WIDTH - RIGHT y=HEIGHT + 14.0 text-anchor="end">
                {format!("{} / {}", chart.y.label, chart.x.label)}
            </text>
            {keys.collect_view()}
        </svg>
    };
    // The framework's marks between nodes, which are no XML. Texts cannot contain them: `<` is escaped.
    document.to_html().replace("<!>", "")
}

/// The axes and lines of a chart; none if no series has a value.
fn plot(chart: &Chart) -> Option<AnyView> {
    let Chart { x, y, x_until, series, .. } = chart;
    let values = || series.iter().flat_map(|line| line.points.iter().filter_map(|(x, y)| y.map(|y| (*x, y))));
    let across = Span::of(values().map(|(x, _)| x).chain(*x_until), x.scale)?;
    let up = Span::of(values().map(|(_, y)| y), y.scale)?;
    let labels = up.ticks().into_iter().map(|tick| (tick, (y.write)(tick, up.decimals())));
    let labels: Vec<(f64, String)> = labels.collect();
    let longest = labels.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0);
    let left = LEFT.max(longest as f64 * DIGIT + 8.0);
    let place_x = move |x: f64| left + across.share(x) * (WIDTH - left - RIGHT);
    let place_y = move |y: f64| HEIGHT - BOTTOM - up.share(y) * (HEIGHT - TOP - BOTTOM);
    let columns = across.ticks().into_iter().map(|tick| {
        let at = format!("{:.1}", place_x(tick));
        view! {
            <line x1=at.clone() x2=at.clone() y1=TOP y2=HEIGHT - BOTTOM />
            <text class="chart-x" x=at y=HEIGHT - BOTTOM + 6.0 text-anchor="middle" dominant-baseline="hanging">
                {(x.write)(tick, across.decimals())}
            </text>
        }
    });
    let rows = labels.into_iter().map(|(tick, label)| {
        let at = place_y(tick);
        view! {
            <line x1=left x2=WIDTH - RIGHT y1=format!("{at:.1}") y2=format!("{at:.1}") />
            <text x=left - 6.0 y=format!("{at:.1}") text-anchor="end" dominant-baseline="central">
                {label}
            </text>
        }
    });
    let paths = series.iter().enumerate().map(|(index, line)| {
        let points = line.points.iter().map(|(x, y)| (place_x(*x), y.map(place_y)));
        view! { <path class="chart-line" data-line=index.to_string() d=path(points) /> }
    });
    let plot = view! {
        <g class="chart-grid">{columns.collect_view()} {rows.collect_view()}</g>
        {paths.collect_view()}
    };
    Some(plot.into_any())
}

/// The outline of a line; it begins anew after every gap. A point alone is drawn as a dot.
fn path(points: impl Iterator<Item = (f64, Option<f64>)>) -> String {
    use std::fmt::Write;

    let mut path = String::new();
    let mut drawing = false;
    for (x, y) in points {
        if let Some(y) = y {
            // Writing to a String does not fail. A line of no length has round ends: a dot.
            let _ = if drawing { write!(path, "L{x:.1} {y:.1}") } else { write!(path, "M{x:.1} {y:.1}h0") };
        }
        drawing = y.is_some();
    }
    path
}

/// What an axis reaches over.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Span {
    least: f64,
    greatest: f64,
    scale: Scale,
}

impl Span {
    /// Over all the values, out to the next ticks; the powers of ten only to the greatest value, for
    /// the next may be far. None without values.
    fn of(values: impl Iterator<Item = f64>, scale: Scale) -> Option<Self> {
        let values = values.filter(|value| value.is_finite() && (scale != Scale::Logarithmic || *value > 0.0));
        let (least, greatest) = values.fold(None, |span, value| match span {
            None => Some((value, value)),
            Some((least, greatest)) => Some((f64::min(least, value), f64::max(greatest, value))),
        })?;
        Some(match scale {
            Scale::Logarithmic => {
                let least = 10f64.powf(least.log10().floor());
                Self { least, greatest: greatest.max(least * 10.0), scale }
            }
            Scale::Linear | Scale::FromZero => {
                let least = if scale == Scale::FromZero { least.min(0.0) } else { least };
                let greatest = if greatest > least { greatest } else { least + 1.0 };
                let step = step(greatest - least);
                Self { least: (least / step).floor() * step, greatest: (greatest / step).ceil() * step, scale }
            }
        })
    }

    /// How far along the axis a value is, from 0 to 1.
    fn share(self, value: f64) -> f64 {
        match self.scale {
            Scale::Logarithmic => (value / self.least).log10() / (self.greatest / self.least).log10(),
            Scale::Linear | Scale::FromZero => (value - self.least) / (self.greatest - self.least),
        }
    }

    /// Round numbers along the axis.
    fn ticks(self) -> Vec<f64> {
        let mut ticks = Vec::new();
        if self.scale == Scale::Logarithmic {
            let mut tick = self.least;
            while tick <= self.greatest * 1.001 {
                ticks.push(tick);
                tick *= 10.0;
            }
        } else {
            let step = step(self.greatest - self.least);
            let mut index = 0.0;
            // Multiplied, not added up, so that the last one is not missed by rounding.
            while self.least + index * step <= self.greatest + step / 2.0 {
                ticks.push(self.least + index * step);
                index += 1.0;
            }
        }
        ticks
    }

    /// How many decimals tell the ticks apart.
    fn decimals(self) -> usize {
        if self.scale == Scale::Logarithmic {
            return 0;
        }
        // A step is 1, 2 or 5 times a power of ten. Slightly more, because the logarithm of that power may be rounded.
        let power = (step(self.greatest - self.least).log10() + 1e-9).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 308")]
        let decimals = (-power).max(0.0) as usize;
        decimals
    }
}

/// A round distance between ticks: 1, 2 or 5 times a power of ten.
fn step(length: f64) -> f64 {
    let rough = length / TICKS;
    let power = 10f64.powf(rough.log10().floor());
    let factor = rough / power;
    power
        * if factor <= 1.0 {
            1.0
        } else if factor <= 2.0 {
            2.0
        } else if factor <= 5.0 {
            5.0
        } else {
            10.0
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[f64], scale: Scale) -> Vec<f64> {
        Span::of(values.iter().copied(), scale).expect("there are values").ticks()
    }

    #[test]
    fn ticks_are_round_and_reach_over_all_values() {
        assert_eq!(ticks(&[1013.0, 1088.0], Scale::Linear), [1000.0, 1020.0, 1040.0, 1060.0, 1080.0, 1100.0]);
        assert_eq!(ticks(&[3.0, 41.0], Scale::FromZero), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(ticks(&[1.0, 450.0], Scale::Logarithmic), [1.0, 10.0, 100.0]);
    }

    #[test]
    fn labels_of_different_ticks_differ() {
        let labels = |values: &[f64]| {
            let span = Span::of(values.iter().copied(), Scale::Linear).expect("there are values");
            span.ticks().into_iter().map(|tick| number(tick, span.decimals())).collect::<Vec<_>>()
        };
        assert_eq!(labels(&[500.1, 501.3]), ["500.0", "500.5", "501.0", "501.5"]);
        assert_eq!(labels(&[0.0, 0.01]), ["0.000", "0.002", "0.004", "0.006", "0.008", "0.010"]);
        assert_eq!(labels(&[1013.0, 1088.0]), ["1000", "1020", "1040", "1060", "1080", "1100"]);
    }

    #[test]
    fn one_value_alone_has_an_axis_too() {
        let span = Span::of([7.0].into_iter(), Scale::Linear).expect("there is a value");
        assert!(span.least <= 7.0 && 7.0 < span.greatest, "{span:?}");
        assert_eq!(Span::of([].into_iter(), Scale::Linear), None);
        assert_eq!(Span::of([f64::NAN].into_iter(), Scale::Linear), None);
    }

    #[test]
    fn values_lie_where_the_scale_says() {
        let linear = Span { least: 0.0, greatest: 200.0, scale: Scale::Linear };
        assert!((linear.share(50.0) - 0.25).abs() < 1e-9);
        let logarithmic = Span { least: 1.0, greatest: 10_000.0, scale: Scale::Logarithmic };
        assert!((logarithmic.share(100.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_file_is_a_document_of_its_own() {
        let line = |name: &str, points| Series { name: name.to_owned(), points };
        let axis = |label: &str| Axis { label: label.to_owned(), write: number, scale: Scale::Linear };
        let file = |points| {
            let chart = Chart {
                title: "Points <now>".to_owned(),
                description: String::new(),
                x: axis("min"),
                y: axis("points & more"),
                x_until: Some(2.0),
                series: vec![line("last place", points), line("mine", Vec::new())],
                empty: "nothing yet",
            };
            chart_file(&chart, Theme::System)
        };
        let drawn = file(vec![(0.0, Some(1.0)), (1.0, Some(2.0))]);
        assert!(drawn.starts_with(r#"<svg xmlns="http://www.w3.org/2000/svg""#), "{drawn}");
        assert!(!drawn.contains("<!"), "marks are no XML: {drawn}");
        assert!(drawn.contains("Points &lt;now&gt;") && drawn.contains("points &amp; more"), "{drawn}");
        assert!(drawn.contains("prefers-color-scheme") && !drawn.contains("nothing yet"), "{drawn}");
        assert!(file(Vec::new()).contains("nothing yet"));
    }

    #[test]
    fn a_gap_interrupts_the_line() {
        let points = [(0.0, Some(1.0)), (1.0, Some(2.0)), (2.0, None), (3.0, Some(4.0))];
        assert_eq!(path(points.into_iter()), "M0.0 1.0h0L1.0 2.0M3.0 4.0h0");
    }
}
