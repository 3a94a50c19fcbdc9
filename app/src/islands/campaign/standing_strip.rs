//! The strip above the bid form: whether the user is winning, what it takes, and how long is left.

use super::{
    signals::{CampaignSignals, PageSession},
    status_card::time_left_text,
};
use crate::{
    campaign_model::{
        leaderboard::{Leaderboard, Position},
        phase::Phase,
        snapshot::BidState,
    },
    format::{money, points},
    i18n::IslandMessages,
};
use leptos::prelude::*;

/// What the strip says of the user.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nobody is signed in.
    Visitor,
    /// The session has expired, or is another user's.
    Unknown,
    /// The connection is lost, and no position was known.
    Offline,
    /// It is not known whether a bid counts.
    Unconfirmed,
    /// A bid was received; its ranking has not arrived yet.
    Pending,
    /// There is no bid.
    None,
    /// The last known position; the connection is lost.
    Stale,
    /// Too late to act, too early for a result.
    Over,
    Winning,
    Outbid,
}

impl Standing {
    fn of(live: CampaignSignals) -> Self {
        match (live.session.get(), live.position.get()) {
            _ if live.user_id.is_none() => Self::Visitor,
            (PageSession::Over | PageSession::Changed, _) => Self::Unknown,
            (PageSession::Same, None) if live.is_stale.get() => Self::Offline,
            (PageSession::Same, None) if live.bid.with(BidState::is_unconfirmed) => Self::Unconfirmed,
            (PageSession::Same, None) if live.leaderboard.with(Leaderboard::awaits_ranking) => Self::Pending,
            (PageSession::Same, None) => Self::None,
            _ if live.is_stale.get() => Self::Stale,
            _ if live.phase.get() == Phase::Settling => Self::Over,
            (PageSession::Same, Some(position)) if position.wins => Self::Winning,
            (PageSession::Same, Some(_)) => Self::Outbid,
        }
    }

    /// The name for style sheets and tests.
    fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Unknown => "unknown",
            Self::Offline => "offline",
            Self::Unconfirmed => "unconfirmed",
            Self::Pending => "pending",
            Self::None => "none",
            Self::Stale => "stale",
            Self::Over => "over",
            Self::Winning => "winning",
            Self::Outbid => "outbid",
        }
    }

    fn text(self, messages: &IslandMessages) -> &'static str {
        match self {
            Self::Visitor => "",
            Self::Unknown => messages.standing_unknown,
            Self::Offline => messages.link_stuck,
            Self::Unconfirmed => messages.standing_unconfirmed,
            Self::Pending => messages.standing_pending,
            Self::None => messages.standing_none,
            Self::Stale => messages.standing_stale,
            Self::Over => messages.standing_over,
            Self::Winning => messages.standing_winning,
            Self::Outbid => messages.standing_outside,
        }
    }

    /// The sign before the text: colour alone does not say it.
    fn sign(self) -> &'static str {
        match self {
            Self::Winning => "✓",
            Self::Outbid => "▼",
            _ => "",
        }
    }
}

pub(super) fn standing_strip(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let standing = Memo::new(move |_| Standing::of(live));
    let position = live.position;
    let is_open = Memo::new(move |_| live.phase.get() == Phase::Active);
    let rank = Memo::new(move |_| position.get().map(|position| rank_text(messages, position)));
    let place = move || {
        let position = position.get()?;
        let rank = rank.get()?;
        Some(if position.wins { messages.rank_of(&rank, live.quota()) } else { rank })
    };
    // What it takes to win; for a winner, what they bid.
    let price = move || match standing.get() {
        Standing::Outbid | Standing::None if is_open.get() => {
            live.price_to_enter.get().map(|price| messages.price_enters(&money(price)))
        }
        Standing::Visitor if is_open.get() => {
            live.price_to_enter.get().map(|price| messages.price_enters_new(&money(price)))
        }
        Standing::Winning => position.get().map(|position| money(position.price)),
        _ => None,
    };
    // A winner's price is in the line.
    let mine = move || {
        let position = position.get().filter(|_| standing.get() != Standing::Winning)?;
        Some(messages.my_bid(&money(position.price), &points(position.score)))
    };
    // After the end the result says it.
    let is_over = move || matches!(live.phase.get(), Phase::Ended | Phase::Cancelled);
    let caption = move || match live.phase.get() {
        Phase::Pending => Some(messages.starts_in),
        Phase::Active => Some(messages.ends_in),
        _ => None,
    };
    // That time runs out is what one expects while a campaign is live; screen readers say it all the same.
    let caption_class = move || if is_open.get() { "visually-hidden" } else { "" };
    // Told to screen readers when it changes, and not with every change of rank or price.
    let word = move || standing.get().text(messages);
    view! {
        <div class="strip" data-standing=move || standing.get().name() hidden=is_over>
            <h2 class="visually-hidden">{messages.standing_title}</h2>
            <p class="visually-hidden" role="status">{word}</p>
            <p class="strip-line" translate="no">
                <span class="strip-place">
                <strong class="strip-word" aria-hidden="true">
                    <span class="strip-sign">{move || standing.get().sign()}</span>
                    {word}
                </strong>
                <span class="strip-rank" data-my-rank=move || position.get().map(data_rank) hidden=move || rank.get().is_none()>
                    {place}
                </span>
                </span>
                <span class="strip-price">{price}</span>
                <span class="strip-time"><span class=caption_class>{caption}" "</span>{time_left_text(live)}</span>
            </p>
            <p class="strip-mine muted" translate="no">{mine}</p>
        </div>
    }
}

/// The rank for tests: `3`, or `after 10`.
fn data_rank(position: Position) -> String {
    if position.or_lower { format!("after {}", position.rank - 1) } else { position.rank.to_string() }
}

/// A rank within a sentence: `3rd`, or `below 10th` if it may be lower.
pub(super) fn rank_text(messages: &IslandMessages, position: Position) -> String {
    if position.or_lower {
        messages.below(&messages.ordinal(position.rank - 1))
    } else {
        messages.ordinal(position.rank)
    }
}
