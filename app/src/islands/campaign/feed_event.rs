//! The events of the live feed.

use crate::{
    campaign_model::versioned_standing::VersionedStanding,
    json_decoder::{from_js, member, parse},
};
use domain::{
    api::campaigns::Campaign,
    websocket_events::{AccountUpdated, BidAccepted, CampaignEnded, Pong, RankChanged, RankingUpdate},
};

/// An event, with the data the server serialized (`domain::websocket_events`).
pub enum FeedEvent {
    /// The ranking.
    Ranking(RankingUpdate),
    /// The reader's standing after a bid or a change of rank.
    Standing(VersionedStanding),
    /// The reader's bid is void, in this version of the ranking.
    BidVoided(u64),
    /// The campaign after an edit.
    Campaign(Campaign),
    /// The account the connection belongs to.
    Account(AccountUpdated),
    /// The winners are fixed.
    Ended(CampaignEnded),
    /// The server's time.
    Pong(Pong),
}

/// Decodes a frame; none for what this page does not know, such as events of a newer server.
///
/// The name is read first and then its data by type: an enum whose tag may come after its content would have to
/// buffer the content, and that is a fifth of the code of all types together.
pub fn decode(frame: &str) -> Option<FeedEvent> {
    let frame = parse(frame)?;
    let data = member(&frame, "data");
    Some(match member(&frame, "event").as_string()?.as_str() {
        "ranking_update" => FeedEvent::Ranking(from_js(data)?),
        "bid_accepted" => FeedEvent::Standing(VersionedStanding::from(&from_js::<BidAccepted>(data)?)),
        "rank_changed" => FeedEvent::Standing(VersionedStanding::from(&from_js::<RankChanged>(data)?)),
        "bid_voided" => FeedEvent::BidVoided(from_js(member(&data, "version"))?),
        // Of the whole campaign a page needs what `Campaign` holds.
        "campaign_updated" => FeedEvent::Campaign(from_js(member(&data, "campaign"))?),
        "account_updated" => FeedEvent::Account(from_js(data)?),
        "campaign_ended" => FeedEvent::Ended(from_js(data)?),
        "pong" => FeedEvent::Pong(from_js(data)?),
        _ => return None,
    })
}
