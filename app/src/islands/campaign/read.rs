//! What the server says, in the page's snapshot, in frames of the feed and in answers of the API.

use super::{json::Json, signals::EditableFields};
use crate::{
    campaign_model::{
        snapshot::{BidState, CampaignSnapshot, FinalPlace, Me, Outcome, RankingView, Refusal, Schedule, Terms},
        versioned_standing::VersionedStanding,
    },
    lang::Lang,
};
use domain::{
    CampaignStatus, Coefficients, ErrorCode, Money, Score, UserId, Weight, api::rankings::RankingRow,
    score::Coefficient,
};

/// An event of the feed.
pub(super) enum Event {
    /// The ranking, when it was read and under which version of the campaign.
    Ranking { ranking: RankingView, read_at_ms: f64, campaign_version: i64 },
    /// Where my bid stands.
    Standing(VersionedStanding),
    /// The campaign after an edit.
    Campaign(EditableFields),
    /// Whose account this line is of, and what is added to its scores.
    Account(UserId, Weight),
    /// The winners are fixed.
    Ended(Outcome),
    /// The server's time.
    Pong(f64),
}

/// The event of a frame; none for what this page does not know, such as events of a newer server.
pub(super) fn event(frame: &Json) -> Option<Event> {
    let data = frame.get("data");
    Some(match frame.get("event").text()?.as_str() {
        "ranking_update" => Event::Ranking {
            ranking: ranking(&data, "top_k")?,
            read_at_ms: data.get("timestamp").time_ms()?,
            // A server from before an upgrade does not tell.
            campaign_version: data.get("campaign_version").millis().unwrap_or(0),
        },
        "bid_accepted" | "rank_changed" => Event::Standing(standing(&data)?),
        "campaign_updated" => Event::Campaign(campaign(&data.get("campaign"))?),
        "account_updated" => Event::Account(data.get("user_id").parsed()?, weight(&data)?),
        "campaign_ended" => Event::Ended(Outcome {
            is_winner: data.get("is_winner").is_true(),
            place: place(&data, "final_rank", "final_score", "final_price"),
            min_winning_score: score(&data.get("min_winning_score")),
        }),
        "pong" => Event::Pong(data.get("server_time").time_ms()?),
        _ => return None,
    })
}

/// A ranking whose rows have this name.
pub(super) fn ranking(data: &Json, rows: &str) -> Option<RankingView> {
    Some(RankingView {
        rows: data.get(rows).items().iter().map(row).collect::<Option<_>>()?,
        total: data.get("total_participants").count()?,
        min_winning_score: score(&data.get("min_winning_score")),
        version: data.get("version").count()?,
    })
}

fn row(data: &Json) -> Option<RankingRow> {
    Some(RankingRow {
        rank: data.get("rank").count()?,
        user_id: data.get("user_id").parsed()?,
        username: data.get("username").text()?,
        score: score(&data.get("score"))?,
        price: money(&data.get("price"))?,
    })
}

/// A standing, where there is one.
pub(super) fn standing(data: &Json) -> Option<VersionedStanding> {
    Some(VersionedStanding {
        rank: data.get("rank").count()?,
        score: score(&data.get("score"))?,
        price: money(&data.get("price"))?,
        version: data.get("version").count()?,
    })
}

/// A final place, whose parts have these names.
fn place(data: &Json, rank: &str, points: &str, price: &str) -> Option<FinalPlace> {
    Some(FinalPlace {
        rank: data.get(rank).count()?,
        score: score(&data.get(points))?,
        price: money(&data.get(price))?,
    })
}

/// What an admin may have edited of a campaign.
pub(super) fn campaign(data: &Json) -> Option<EditableFields> {
    let product = data.get("product");
    let status = status(&data.get("status"))?;
    let millis = |time: Json| {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
        time.time_ms().map(|millis| millis.floor() as i64)
    };
    Some(EditableFields {
        name: product.get("name").text()?,
        terms: Terms {
            min_price: money(&product.get("min_price"))?,
            quota: data.get("quota").count()?,
            coefficients: coefficients(data)?,
            version: data.get("version").millis()?,
        },
        schedule: Schedule {
            start_ms: millis(data.get("start_time"))?,
            end_ms: millis(data.get("end_time"))?,
            status,
            reason: data.get("cancel_reason").text(),
        },
    })
}

/// What is added to a bidder's scores.
pub(super) fn weight(data: &Json) -> Option<Weight> {
    Weight::new(data.get("weight").number()?)
}

/// Why a bid was refused.
pub(super) fn refusal(data: &Json) -> Option<Refusal> {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
    let received_ms = data.get("server_time").time_ms().map(|millis| millis.floor() as i64);
    Some(Refusal {
        code: known_code(&data.get("code").text()?)?,
        min_price: money(&data.get("min_price")),
        received_ms,
    })
}

/// The page's snapshot.
pub(super) fn snapshot(data: &Json, lang: Lang) -> Option<CampaignSnapshot> {
    let terms = data.get("terms");
    let schedule = data.get("schedule");
    let ranking = data.get("ranking");
    let result = data.get("result");
    Some(CampaignSnapshot {
        lang,
        campaign_id: data.get("campaign_id").parsed()?,
        name: data.get("name").text()?,
        terms: Terms {
            min_price: money(&terms.get("min_price"))?,
            quota: terms.get("quota").count()?,
            coefficients: coefficients(&terms.get("coefficients"))?,
            version: terms.get("version").millis()?,
        },
        me: me(&data.get("me")),
        schedule: Schedule {
            start_ms: schedule.get("start_ms").millis()?,
            end_ms: schedule.get("end_ms").millis()?,
            status: status(&schedule.get("status"))?,
            reason: schedule.get("reason").text(),
        },
        server_ms: data.get("server_ms").millis()?,
        ranking: RankingView {
            rows: ranking.get("rows").items().iter().map(row).collect::<Option<_>>()?,
            total: ranking.get("total").count()?,
            min_winning_score: score(&ranking.get("min_winning_score")),
            version: ranking.get("version").count()?,
        },
        standing: standing(&data.get("standing")),
        result: result.exists().then(|| Outcome {
            is_winner: result.get("is_winner").is_true(),
            place: place(&result.get("place"), "rank", "score", "price"),
            min_winning_score: score(&result.get("min_winning_score")),
        }),
        bid: bid(&data.get("bid")),
    })
}

fn me(data: &Json) -> Option<Me> {
    Some(Me { user_id: data.get("user_id").parsed()?, weight: weight(data)? })
}

fn coefficients(data: &Json) -> Option<Coefficients> {
    let coefficient = |name: &str| data.get(name).number().and_then(Coefficient::new);
    Some(Coefficients { alpha: coefficient("alpha")?, beta: coefficient("beta")?, gamma: coefficient("gamma")? })
}

/// A page is never rendered while a bid is under way.
fn bid(data: &Json) -> BidState {
    let refusal = data.get("Refused");
    let posted = data.get("Posted");
    if let Some(price) = money(&posted.get("price")) {
        BidState::Posted { improved: posted.get("improved").is_true(), price }
    } else if let Some(code) = refusal.get("code").text().and_then(|code| known_code(&code)) {
        let received_ms = refusal.get("received_ms").millis();
        BidState::Refused(Refusal { code, min_price: money(&refusal.get("min_price")), received_ms })
    } else {
        BidState::Idle
    }
}

fn known_code(code: &str) -> Option<ErrorCode> {
    ErrorCode::ALL.iter().find(|known| known.as_str() == code).copied()
}

fn status(data: &Json) -> Option<CampaignStatus> {
    let name = data.text()?;
    CampaignStatus::ALL.into_iter().find(|status| status.as_str() == name)
}

fn score(data: &Json) -> Option<Score> {
    data.number().map(Score::from_stored)
}

fn money(data: &Json) -> Option<Money> {
    Money::from_f64(data.number()?).ok()
}
