//! A preview of alpha, beta and gamma: how the scores of example bids fall with time, as a chart and a table. The scores
//! are computed by the same code as those of real bids.

use super::messages;
use crate::{
    chart::{Axis, Chart, Scale, Series, chart, number},
    format::{money, money_total},
    page_context::PageContext,
};
use domain::{Coefficients, Money, Weight};
use leptos::prelude::*;

/// Points of a curve per power of ten.
const POINTS_PER_DECADE: i32 = 12;
/// The times in the table, in milliseconds after the start; the end of the campaign follows.
const EXAMPLE_TIMES_MS: [u64; 6] = [0, 10, 100, 1000, 10_000, 60_000];

/// An example bid.
struct Example {
    price: Money,
    weight: f64,
}

/// The preview for a campaign of `length_ms` whose bids start at `price`.
pub(super) fn score_preview(
    context: &PageContext,
    coefficients: Coefficients,
    price: Money,
    length_ms: i64,
) -> AnyView {
    let t = messages(context);
    let length_ms = u64::try_from(length_ms).unwrap_or(0).max(1);
    let higher = Money::from_cents(price.cents().saturating_add(price.cents() / 10).max(price.cents() + 1));
    let examples = [
        Example { price, weight: 1.0 },
        Example { price, weight: 5.0 },
        Example { price: higher.unwrap_or(price), weight: 1.0 },
    ];
    let score = |example: &Example, ms| {
        let weight = Weight::new(example.weight).unwrap_or(Weight::NEW_USER);
        coefficients.score(example.price, ms, weight)
    };
    let name = |example: &Example| t.preview_example(&money(example.price), &format!("{:.1}", example.weight));
    let series = examples.iter().map(|example| Series {
        name: name(example),
        // T + 1, because a logarithmic axis has no zero.
        points: sample_times(length_ms).map(|ms| (ms as f64 + 1.0, Some(score(example, ms).get()))).collect(),
    });
    let drawing = Chart {
        title: t.preview_title.to_owned(),
        description: t.preview_description(
            &name(&examples[0]),
            &score(&examples[0], 0).to_string(),
            &score(&examples[0], length_ms).to_string(),
        ),
        x: Axis { label: t.preview_x.to_owned(), write: power_of_ten, scale: Scale::Logarithmic },
        y: Axis { label: t.score.to_owned(), write: number, scale: Scale::Linear },
        x_until: None,
        series: series.collect(),
        empty: t.none,
    };
    let shown = EXAMPLE_TIMES_MS.into_iter().filter(|ms| *ms < length_ms).chain([length_ms]);
    let rows = shown.map(|ms| {
        let cells = examples.iter().map(|example| {
            view! { <td class="number">{score(example, ms).to_string()}</td> }
        });
        view! {
            <tr>
                <th scope="row">{after(ms as f64)}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let rows = rows.collect_view();
    let heads = examples.iter().map(|example| {
        view! {
            <th scope="col" class="number">
                {name(example)}
            </th>
        }
    });
    let heads = heads.collect_view();
    let [alpha, beta, gamma] =
        [coefficients.alpha, coefficients.beta, coefficients.gamma].map(|it| it.get().to_string());
    // What the coefficients reward besides the price, in the terms a seller thinks in.
    let in_price = |points: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "a cast saturates")]
        let cents = (points / coefficients.alpha.get() * 100.0).round() as i64;
        money_total(cents)
    };
    let reward = if coefficients.alpha.get() > 0.0 {
        t.preview_reward(&in_price(coefficients.beta.get()), &in_price(coefficients.gamma.get() * 4.0))
    } else {
        t.preview_reward_only.to_owned()
    };
    view! {
        <section class="card" id="preview">
            <h2>{t.preview_title}</h2>
            <p class="notice">{reward}</p>
            <p class="muted">
                {context.page_messages().how_scored_detail(&alpha, &beta, &gamma)}
            </p>
            {chart(drawing)}
            <div class="scroll" tabindex="0" role="region" aria-label=t.preview_table>
                <table>
                    <caption class="visually-hidden">{t.preview_table}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t.preview_after}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// Times from 0 to the end in milliseconds, spread evenly over the powers of ten.
fn sample_times(length_ms: u64) -> impl Iterator<Item = u64> {
    let decades = (length_ms as f64 + 1.0).log10();
    #[expect(clippy::cast_possible_truncation, reason = "at most eleven decades")]
    let steps = (decades * f64::from(POINTS_PER_DECADE)).ceil() as i32;
    (0..=steps).map(move |step| {
        let at = 10f64.powf(decades * f64::from(step) / f64::from(steps.max(1))) - 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the length")]
        let ms = at.round() as u64;
        ms
    })
}

/// A power of ten of milliseconds, in milliseconds or seconds, which keep it round.
fn power_of_ten(ms: f64, _decimals: usize) -> String {
    if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.0} s", ms / 1000.0) }
}

/// A span of milliseconds in a suitable unit.
fn after(ms: f64) -> String {
    let (value, unit) = match ms {
        ms if ms < 1000.0 => (ms, "ms"),
        ms if ms < 60_000.0 => (ms / 1000.0, "s"),
        ms if ms < 3_600_000.0 => (ms / 60_000.0, "min"),
        ms if ms < 86_400_000.0 => (ms / 3_600_000.0, "h"),
        _ => (ms / 86_400_000.0, "d"),
    };
    let text = format!("{value:.1}");
    format!("{} {unit}", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_from_the_first_instant_to_the_last() {
        let sample_times: Vec<u64> = sample_times(1_200_000).collect();
        assert_eq!((sample_times.first(), sample_times.last()), (Some(&0), Some(&1_200_000)));
        assert!(sample_times.is_sorted());
    }

    #[test]
    fn spans_have_a_suitable_unit() {
        assert_eq!(after(10.0), "10 ms");
        assert_eq!(after(1000.0), "1 s");
        assert_eq!(after(90_000.0), "1.5 min");
        assert_eq!(after(172_800_000.0), "2 d");
    }
}
