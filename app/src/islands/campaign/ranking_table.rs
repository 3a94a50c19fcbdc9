//! The ranking: rows that move to their new ranks, the line under the last winning rank, and the user's own row, which is
//! always shown.

#[cfg(feature = "hydrate")]
use super::row_animation;
use super::{
    signals::{CampaignSignals, PageSession},
    standing_card::rank_text,
};
use crate::{
    campaign_model::{leaderboard::Position, phase::Phase},
    format::{counted, fill, money, score},
};
use domain::{Score, UserId, api::rankings::RankingRow, forecast::Forecaster};
use leptos::{
    html::{Tbody, Tr},
    prelude::*,
};

/// How long an arrow shows how far a row has moved, in seconds.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "rows move in browsers only"))]
const ARROW_S: i64 = 5;

pub(super) fn ranking_table(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let title = move || if live.phase.get() == Phase::Ended { messages.winners_title } else { messages.ranking_title };
    let bidders = move || live.shown.with(|leaderboard| counted(messages.bidders, leaderboard.ranking.total));
    let empty = move || live.shown.with(|leaderboard| leaderboard.ranking.rows.is_empty());
    let body: NodeRef<Tbody> = NodeRef::new();
    let in_sight = RwSignal::new(true);
    let moves = move || matches!(live.phase.get(), Phase::Pending | Phase::Active);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(body) = body.get() {
            row_animation::watch_visibility(&body, in_sight);
        }
    });
    // A final ranking is not paused.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if !moves() && live.paused.get_untracked() {
            live.pause(false);
        }
    });
    // Explicit roles, because a `display` in the style sheet would remove the implicit ones.
    view! {
        <section class="card ranking" class:paused=move || live.paused.get()>
            <header>
                <h2>{title}</h2>
                <span class="muted">{bidders}</span>
                <button
                    type="button"
                    class="button small pause"
                    aria-pressed=move || live.paused.get().to_string()
                    hidden=move || !moves()
                    on:click=move |_| live.pause(!live.paused.get())
                >
                    {move || if live.paused.get() { messages.resume } else { messages.pause }}
                </button>
            </header>
            <p class="notice" role="status">{move || live.paused.get().then_some(messages.paused)}</p>
            <table role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col" class="rank">{messages.rank}</th>
                        <th role="columnheader" scope="col" class="name">{messages.bidder}</th>
                        <th role="columnheader" scope="col" class="price">{messages.price}</th>
                        <th role="columnheader" scope="col" class="score">{messages.score}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup" node_ref=body>
                    <For
                        each=move || live.shown.with(|leaderboard| leaderboard.ranking.rows.clone())
                        key=|row| row.user_id
                        children=move |row| row_view(live, in_sight, row)
                    />
                </tbody>
                <tfoot role="rowgroup">
                    <tr role="row" class="line" hidden=empty>
                        <td role="cell" colspan="4">{move || line(live)}</td>
                    </tr>
                    {move || outside(live)}
                </tfoot>
            </table>
            <p class="muted" hidden=move || !empty()>{messages.ranking_empty}</p>
        </section>
    }
}

/// A bidder's row. It lives as long as the bidder is shown, and updates only the cells that change.
fn row_view(
    live: CampaignSignals,
    #[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "rows move in browsers only"))]
    in_sight: RwSignal<bool>,
    row: RankingRow,
) -> impl IntoView {
    let (user_id, first) = (row.user_id, row);
    let row = Memo::new(move |before: Option<&RankingRow>| {
        let now =
            live.shown.with(|leaderboard| leaderboard.ranking.rows.iter().find(|row| row.user_id == user_id).cloned());
        // A row that is being removed keeps its last values.
        now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let rank = Memo::new(move |_| row.with(|row| row.rank));
    let element: NodeRef<Tr> = NodeRef::new();
    let moved: RwSignal<Option<Moved>> = RwSignal::new(None);
    #[cfg(feature = "hydrate")]
    Effect::new(move |before: Option<u64>| {
        let rank = rank.get();
        if let Some(before) = before
            && let Some(element) = element.get_untracked()
        {
            let places = before.cast_signed() - rank.cast_signed();
            moved.set(Some(Moved { places, until_s: live.second.get_untracked() + ARROW_S }));
            if in_sight.get_untracked() {
                row_animation::slide(&element, places);
            }
        }
        rank
    });
    let mine = move || live.user_id == Some(user_id) && live.session.get() == PageSession::Same;
    let places = move |moved: Moved| (live.second.get() < moved.until_s).then_some(moved.places);
    let places = Memo::new(move |_| moved.get().and_then(places));
    view! {
        <tr role="row" node_ref=element class:me=mine translate="no">
            <td role="cell" class="rank">{move || rank.get().to_string()}{arrow(live, places)}</td>
            <td role="cell" class="name">
                <bdi class="ellipsis">{move || row.with(|row| row.username.clone())}</bdi>
                {you(live, user_id)}
            </td>
            <td role="cell" class="price">{move || row.with(|row| money(row.price))}</td>
            <td role="cell" class="score">{move || row.with(|row| score(row.score))}</td>
        </tr>
    }
}

fn you(live: CampaignSignals, user_id: UserId) -> Option<impl IntoView> {
    // Whose page it is, the page no longer knows once the session is over.
    let hidden = move || live.session.get() != PageSession::Same;
    (live.user_id == Some(user_id))
        .then(|| view! { <span class="badge me-badge" hidden=hidden>{live.messages.you}</span> })
}

/// The last move of a row.
#[derive(Clone, Copy, PartialEq)]
struct Moved {
    /// How many ranks; up is positive.
    places: i64,
    /// The second until which the arrow is shown.
    until_s: i64,
}

/// How far a row has moved. The element stays when it is empty: rows move several times a second, and changing a text is
/// cheaper than adding and removing an element.
fn arrow(live: CampaignSignals, places: Memo<Option<i64>>) -> impl IntoView {
    let up = move || places.get().is_some_and(|places| places > 0);
    let text = move |up: &str, down: &str| {
        places.get().map(|places| fill(if places > 0 { up } else { down }, &[&places.unsigned_abs().to_string()]))
    };
    let visible = move || text("▲ {}", "▼ {}");
    let spoken = move || text(live.messages.moved_up, live.messages.moved_down);
    view! {
        <span class="moved" class:up=up hidden=move || places.get().is_none()>
            <span aria-hidden="true">{visible}</span>
            <span class="visually-hidden">{spoken}</span>
        </span>
    }
}

/// The line under the last winning rank, with the user's distance to it, consistent with the rows shown.
fn line(live: CampaignSignals) -> String {
    let messages = live.messages;
    let (quota, total, threshold, mine) = live.shown.with(|leaderboard| {
        (leaderboard.quota, leaderboard.ranking.total, leaderboard.ranking.min_winning_score, leaderboard.position())
    });
    let is_open = matches!(live.phase.get(), Phase::Pending | Phase::Active);
    // No distance while the ranking is paused.
    let is_now = is_open && !live.paused.get();
    let is_stale = live.is_stale.get();
    let Some(threshold) = threshold else {
        // Others may have taken the places.
        if is_stale {
            return messages.line_stale.to_owned();
        }
        let text = if is_open { messages.line_free } else { messages.line_was_free };
        return counted(text, quota.saturating_sub(total));
    };
    let last_place = fill(messages.line, &[&quota.to_string(), &score(threshold)]);
    if is_stale {
        return format!("{last_place} · {}", messages.line_stale);
    }
    match mine.filter(|_| is_now && live.session.get() == PageSession::Same) {
        Some(mine) => format!("{last_place} · {}", distance(live, quota, mine, threshold)),
        None => last_place,
    }
}

fn distance(live: CampaignSignals, quota: u64, mine: Position, threshold: Score) -> String {
    let messages = live.messages;
    let points = score(Score::from_stored((mine.score.get() - threshold.get()).abs()));
    if mine.rank == quota {
        return messages.line_on.to_owned();
    }
    if mine.wins {
        return fill(messages.line_above, &[&points]);
    }
    match live.forecaster.with(|forecaster| forecaster.as_ref().and_then(Forecaster::price_to_enter)) {
        Some(price) => fill(messages.line_below, &[&points, &money(price)]),
        None => fill(messages.line_below_ever, &[&points]),
    }
}

/// The user's own row, if it is not among the rows.
fn outside(live: CampaignSignals) -> Option<impl IntoView> {
    let messages = live.messages;
    let is_mine = live.session.get() == PageSession::Same;
    let mine =
        live.shown.with(|leaderboard| leaderboard.position().filter(|_| is_mine && leaderboard.my_row().is_none()))?;
    Some(view! {
        <tr role="row" class="me outside" translate="no">
            <td role="cell" class="rank">{rank_text(messages, mine)}</td>
            <td role="cell" class="name"><span class="badge me-badge">{messages.you}</span></td>
            <td role="cell" class="price">{money(mine.price)}</td>
            <td role="cell" class="score">{score(mine.score)}</td>
        </tr>
    })
}
