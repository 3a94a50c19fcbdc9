//! The user's standing, while the campaign runs.

use super::signals::{CampaignSignals, PageSession};
use crate::{
    campaign_model::{
        leaderboard::{Leaderboard, Position},
        phase::Phase,
    },
    format::{fill, money, score},
    i18n::IslandMessages,
};
use leptos::{either::EitherOf3, prelude::*};

pub(super) fn standing_card(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    live.user_id.map(|_| {
        view! {
            <section
                class="card standing"
                hidden=move || matches!(live.phase.get(), Phase::Ended | Phase::Cancelled)
            >
                <h2>{messages.standing_title}</h2>
                {move || match (live.session.get(), live.position.get()) {
                    (PageSession::Same, Some(position)) => EitherOf3::A(facts(live, position)),
                    (PageSession::Same, None) => {
                        let waits = live.leaderboard.with(Leaderboard::awaits_ranking);
                        let text = if waits { messages.standing_pending } else { messages.standing_none };
                        EitherOf3::B(view! { <p class="muted">{text}</p> })
                    }
                    _ => EitherOf3::C(view! { <p class="muted">{messages.standing_unknown}</p> }),
                }}
            </section>
        }
    })
}

fn facts(live: CampaignSignals, position: Position) -> impl IntoView {
    let messages = live.messages;
    let over = live.phase.get() == Phase::Settling;
    let (class, place) = match (position.wins, over) {
        _ if live.is_stale.get() => ("badge", messages.standing_stale),
        (true, false) => ("badge good", messages.standing_winning),
        (false, false) => ("badge bad", messages.standing_outside),
        // Too late to act, too early for a result.
        (_, true) => ("badge", messages.standing_over),
    };
    let rank = rank_text(messages, position);
    view! {
        <dl class="facts big" translate="no">
            <div>
                <dt>{messages.rank}</dt>
                <dd data-my-rank=rank.clone()>{rank.clone()}</dd>
            </div>
            <div>
                <dt>{messages.price}</dt>
                <dd>{money(position.price)}</dd>
            </div>
            <div>
                <dt>{messages.score}</dt>
                <dd>{score(position.score)}</dd>
            </div>
        </dl>
        <p class="place"><span class=class>{place}</span></p>
    }
}

/// A rank, or `after 10` if it may be lower.
pub(super) fn rank_text(messages: &IslandMessages, position: Position) -> String {
    if position.or_lower {
        fill(messages.forecast_after, &[&(position.rank - 1).to_string()])
    } else {
        position.rank.to_string()
    }
}
