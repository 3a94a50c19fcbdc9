//! How the points of a campaign developed, as a picture: those of the last winning place, and the reader's own.
//!
//! It is a file of its own, so that only readers who look at it cost anything, and it is drawn without scripts.

use crate::{
    chart::{Axis, Chart, Scale, Series, TimeAxis, chart_file, number},
    lang::Lang,
    theme::Theme,
};
use domain::{CampaignId, CampaignStatus, Score, Timestamp, api::accounts::User, validated::Page};
use engine::{Engine, Result};
use http::HeaderMap;

/// The curve has about this many points.
const POINTS: usize = 150;
/// The reader's bids that are drawn; of more, the last ones.
const MY_BIDS_MAX: u32 = 100;

/// The picture of a campaign, in the language and colours of a request, as an SVG document.
///
/// # Errors
/// `CAMPAIGN_NOT_FOUND`.
pub async fn campaign_chart(
    engine: &Engine,
    headers: &HeaderMap,
    user: Option<&User>,
    id: CampaignId,
) -> Result<String> {
    let detail = engine.rankings.campaign(id).await?;
    let samples = engine.monitoring.threshold_samples(id).await?;
    let mine = match user {
        Some(user) => {
            let page = Page { skip: 0, limit: MY_BIDS_MAX };
            let bids = engine.bidding.history(user.user_id, id, page).await?.bids;
            bids.into_iter().rev().map(|bid| (bid.accepted_at, bid.score)).collect()
        }
        None => Vec::new(),
    };
    let lang = Lang::of_headers(headers);
    let (t, campaign) = (lang.page_messages(), &detail.campaign);
    let time = TimeAxis::new(campaign.start_time, campaign.end_time);
    let cancelled_at = match campaign.status {
        CampaignStatus::Cancelled => engine.campaigns.cancelled_at(id).await?,
        _ => None,
    };
    let until = cancelled_at.unwrap_or(detail.server_time).min(campaign.end_time);
    let threshold = thinned(&samples).map(|(at, score)| (time.place(*at), score.map(Score::get))).collect();
    let mut series = vec![Series { name: t.chart_threshold.to_owned(), points: threshold }];
    if !mine.is_empty() {
        let points = steps(&mine, until).map(|(at, score)| (time.place(at), Some(score.get()))).collect();
        series.push(Series { name: t.chart_mine.to_owned(), points });
    }
    let chart = Chart {
        title: t.chart_title.to_owned(),
        description: String::new(),
        x: time.axis(lang),
        y: Axis { label: lang.common_messages().score.to_owned(), write: number, scale: Scale::Linear },
        x_until: Some(time.place(campaign.end_time)),
        series,
        empty: t.chart_empty,
    };
    Ok(chart_file(&chart, Theme::of_headers(headers)))
}

/// About [`POINTS`] of the samples, the last one among them.
fn thinned<T>(samples: &[T]) -> impl Iterator<Item = &T> {
    let every = samples.len().div_ceil(POINTS).max(1);
    let last = samples.last().filter(|_| !(samples.len().saturating_sub(1)).is_multiple_of(every));
    samples.iter().step_by(every).chain(last)
}

/// A score holds from its bid until the next one improves it.
fn steps(bids: &[(Timestamp, Score)], until: Timestamp) -> impl Iterator<Item = (Timestamp, Score)> {
    let ends = bids.iter().skip(1).map(|(at, _)| *at).chain([until]);
    bids.iter().zip(ends).flat_map(|(&(at, score), end)| [(at, score), (end.max(at), score)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_is_thinned_out_and_keeps_its_last_point() {
        for length in [0, 1, POINTS, POINTS + 1, 4 * POINTS] {
            let samples: Vec<usize> = (0..length).collect();
            let kept: Vec<_> = thinned(&samples).copied().collect();
            assert!(kept.len() <= POINTS + 1, "{length}: {}", kept.len());
            assert_eq!(kept.last(), samples.last(), "{length}");
            assert!(kept.is_sorted_by(|a, b| a < b), "{length}: each once");
        }
    }

    #[test]
    fn a_score_holds_until_the_next_bid() {
        let at = |ms| Timestamp::EPOCH.plus_millis(ms);
        let score = Score::from_stored;
        let bids = [(at(10), score(1.0)), (at(30), score(5.0))];
        let expected = [(at(10), score(1.0)), (at(30), score(1.0)), (at(30), score(5.0)), (at(40), score(5.0))];
        assert_eq!(steps(&bids, at(40)).collect::<Vec<_>>(), expected);
    }
}
