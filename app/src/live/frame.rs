//! Reading a frame of the feed.

use domain::ws::ServerEvent;
use serde::Deserialize;
use serde_json::{from_str, value::RawValue};

/// A frame before its data is looked at.
#[derive(Deserialize)]
struct Frame<'a> {
    event: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The event of a frame; none for what this page does not know, such as events of a newer server.
///
/// The derived `Deserialize` of [`ServerEvent`] says the same, but it must be ready for data that
/// comes before the event's name, and that makes the browser's code a tenth larger.
pub(crate) fn read(text: &str) -> Option<ServerEvent> {
    let Frame { event, data } = from_str(text).ok()?;
    let data = data.get();
    match event {
        "ranking_update" => from_str(data).map(ServerEvent::RankingUpdate),
        "bid_accepted" => from_str(data).map(ServerEvent::BidAccepted),
        "rank_changed" => from_str(data).map(ServerEvent::RankChanged),
        "campaign_updated" => from_str(data).map(ServerEvent::CampaignUpdated),
        "campaign_ended" => from_str(data).map(ServerEvent::CampaignEnded),
        "pong" => from_str(data).map(ServerEvent::Pong),
        _ => return None,
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        BidId, CampaignId, CampaignStatus, Money, Score, Timestamp,
        ws::{BidAccepted, CampaignEnded, CampaignUpdated, Pong, RankChanged, RankingUpdate},
    };

    #[test]
    fn every_event_is_read() {
        let campaign_id: CampaignId = "01a20406-9e66-70cc-8ca5-698c727e7dea".parse().expect("an id");
        let bid_id: BidId = campaign_id.to_string().parse().expect("an id");
        let at: Timestamp = "2026-01-31T12:00:00Z".parse().expect("a time");
        let price = Money::from_cents(80_050).expect("in range");
        let score = Score::from_stored(900.125);
        let events = [
            ServerEvent::RankingUpdate(RankingUpdate {
                campaign_id,
                top_k: Vec::new(),
                total_participants: 0,
                min_winning_score: None,
                max_score: Some(score),
                timestamp: at,
                version: 3,
            }),
            ServerEvent::BidAccepted(BidAccepted {
                bid_id,
                campaign_id,
                price,
                score,
                rank: 1,
                time_elapsed_ms: 5,
                timestamp: at,
            }),
            ServerEvent::RankChanged(RankChanged {
                campaign_id,
                rank: 2,
                score,
                is_winning: false,
                previous_rank: Some(1),
            }),
            ServerEvent::CampaignUpdated(CampaignUpdated {
                campaign_id,
                status: CampaignStatus::Active,
                start_time: at,
                end_time: at,
                reason: Some("more \"time\"".to_owned()),
            }),
            ServerEvent::CampaignEnded(CampaignEnded {
                campaign_id,
                is_winner: true,
                final_rank: Some(1),
                final_score: Some(score),
                final_price: Some(price),
                min_winning_score: None,
            }),
            ServerEvent::Pong(Pong { server_time: at }),
        ];
        for event in events {
            let text = serde_json::to_string(&event).expect("serializes");
            assert_eq!(read(&text), Some(event));
        }
        for text in ["pong", "{}", r#"{"event":"news","data":{}}"#, r#"{"event":"pong","data":{}}"#] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
