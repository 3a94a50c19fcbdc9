//! The ranking: rows that move to their new ranks, the line under the last winning rank, and the user's own row, which is
//! always shown.

#[cfg(feature = "hydrate")]
use super::row_animation;
use super::{
    row_details,
    signals::{CampaignSignals, PageSession},
    standing_strip::rank_text,
};
use crate::{
    campaign_model::{
        leaderboard::Position,
        phase::Phase,
        visible_rows::{ROWS_WITHOUT_GAPS, TableLine, visible_rows},
    },
    format::{money, points},
    i18n::IslandMessages,
};
use domain::{UserId, api::rankings::RankingRow};
use leptos::{
    either::Either,
    html::{Tbody, Tr},
    prelude::*,
};

/// How long an arrow shows how far a row has moved, in seconds.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "rows move in browsers only"))]
const ARROW_S: i64 = 5;

pub(super) fn ranking_table(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let title = move || if live.phase.get() == Phase::Ended { messages.winners_title } else { messages.ranking_title };
    // A number of the moment, which a frozen list is not, nor one without a connection.
    let bidders = move || {
        let is_now = !live.paused.get() && !live.is_stale.get();
        is_now.then(|| live.shown.with(|leaderboard| messages.bidders(leaderboard.ranking.total)))
    };
    let empty = move || live.shown.with(|leaderboard| leaderboard.ranking.rows.is_empty());
    let empty_text =
        move || if moves(live) && !live.is_stale.get() { messages.ranking_empty } else { messages.ranking_was_empty };
    let body: NodeRef<Tbody> = NodeRef::new();
    let in_sight = RwSignal::new(true);
    let mine = move || live.user_id.filter(|_| live.session.get() == PageSession::Same);
    let lines = Memo::new(move |_| {
        live.shown.with(|leaderboard| {
            let ranking = &leaderboard.ranking;
            let last_is_here = ranking.rows.len() as u64 >= leaderboard.quota.min(ranking.total);
            visible_rows(&ranking.rows, mine(), last_is_here, live.shows_all.get())
        })
    });
    let opened: RwSignal<Option<UserId>> = RwSignal::new(None);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if let Some(body) = body.get() {
            row_animation::watch_visibility(&body, in_sight);
        }
    });
    // A final ranking is not paused.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if !moves(live) && live.paused.get_untracked() {
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
                    hidden=move || live.phase.get() != Phase::Active
                    on:click=move |_| live.pause(!live.paused.get())
                >
                    {move || if live.paused.get() { messages.resume } else { messages.pause }}
                </button>
            </header>
            <p class="notice" role="status">{move || live.paused.get().then_some(messages.paused)}</p>
            <div class="scroller" class:all=move || live.shows_all.get()>
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
                            each=move || lines.get()
                            key=key
                            children=move |line| match line {
                                TableLine::Row(row) => Either::Left(row_view(live, lines, in_sight, opened, row)),
                                TableLine::Gap(rows) => Either::Right(gap_of_rows(live, rows)),
                            }
                        />
                    </tbody>
                    <tfoot role="rowgroup">
                        {move || outside(live, true)}
                        <tr role="row" class="line" hidden=move || empty() || live.phase.get() == Phase::Cancelled>
                            <td role="cell" colspan="4" translate="no">{move || line(live)}</td>
                        </tr>
                        {move || outside(live, false)}
                    </tfoot>
                </table>
            </div>
            <p class="muted" hidden=move || !empty() || live.paused.get()>{empty_text}</p>
            {show_all(live)}
            {row_details::row_details(live, opened)}
        </section>
    }
}

/// Whether the ranking may still change.
fn moves(live: CampaignSignals) -> bool {
    matches!(live.phase.get(), Phase::Pending | Phase::Active)
}

/// The button between all rows and the most important ones.
fn show_all(live: CampaignSignals) -> impl IntoView {
    let messages = live.messages;
    let rows = move || live.shown.with(|leaderboard| leaderboard.ranking.rows.len());
    let text = move || {
        if live.shows_all.get() { messages.show_fewer.to_owned() } else { messages.show_rows(&rows().to_string()) }
    };
    view! {
        <button
            type="button"
            class="button small show-all"
            hidden=move || rows() <= ROWS_WITHOUT_GAPS
            aria-expanded=move || live.shows_all.get().to_string()
            on:click=move |_| live.shows_all.update(|shows_all| *shows_all = !*shows_all)
        >
            {text}
        </button>
    }
}

/// What identifies a line while the ranking changes.
fn key(line: &TableLine) -> (Option<UserId>, u64, u64) {
    match line {
        TableLine::Row(row) => (Some(row.user_id), 0, 0),
        TableLine::Gap(rows) => (None, rows.first().map_or(0, |row| row.rank), rows.len() as u64),
    }
}

/// A gap between rows. On the server the rows are there, too, for browsers without scripts, which have no button to show
/// them.
fn gap_of_rows(live: CampaignSignals, rows: Vec<RankingRow>) -> impl IntoView {
    let count = rows.len() as u64;
    #[cfg(feature = "ssr")]
    let hidden = rows.into_iter().map(hidden_row).collect_view();
    #[cfg(not(feature = "ssr"))]
    let hidden = ();
    view! { {gap(live, count)} {hidden} }
}

/// A row in a gap. It never changes: most of the time that a page of a large ranking takes went into rows that could.
#[cfg(feature = "ssr")]
fn hidden_row(row: RankingRow) -> impl IntoView {
    view! {
        <tr role="row" class="in-gap" translate="no">
            <td role="cell" class="rank">{row.rank.to_string()}</td>
            <td role="cell" class="name">
                <bdi class="ellipsis">{row.username}</bdi>
            </td>
            <td role="cell" class="price">{money(row.price)}</td>
            <td role="cell" class="score">{points(row.score)}</td>
        </tr>
    }
}

fn gap(live: CampaignSignals, count: u64) -> impl IntoView {
    view! {
        <tr role="row" class="gap">
            <td role="cell" colspan="4" translate="no">{live.messages.gap(count)}</td>
        </tr>
    }
}

/// A bidder's row. It lives as long as the bidder is shown, and updates only the cells that change.
#[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "rows move in browsers only"))]
fn row_view(
    live: CampaignSignals,
    lines: Memo<Vec<TableLine>>,
    in_sight: RwSignal<bool>,
    opened: RwSignal<Option<UserId>>,
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
    {
        Effect::new(move |before: Option<u64>| {
            let rank = rank.get();
            if let Some(before) = before {
                let places = before.cast_signed() - rank.cast_signed();
                moved.set(Some(Moved { places, until_s: live.second.get_untracked() + ARROW_S }));
            }
            rank
        });
        // Where it is in the table: gaps are of a row's height.
        let index = Memo::new(move |_| {
            let is_mine = |line: &TableLine| matches!(line, TableLine::Row(row) if row.user_id == user_id);
            lines.with(|lines| lines.iter().position(is_mine))
        });
        Effect::new(move |before: Option<Option<usize>>| {
            let index = index.get();
            if let (Some(Some(before)), Some(index)) = (before, index)
                && let Some(element) = element.get_untracked()
                && in_sight.get_untracked()
            {
                row_animation::slide(&element, before as i64 - index as i64);
            }
            index
        });
    }
    let mine = move || live.user_id == Some(user_id) && live.session.get() == PageSession::Same;
    let places = move |moved: Moved| (live.second.get() < moved.until_s).then_some(moved.places);
    let places = Memo::new(move |_| moved.get().and_then(places));
    view! {
        <tr role="row" node_ref=element class:me=mine translate="no">
            <td role="cell" class="rank">{move || rank.get().to_string()}{arrow(live, places)}</td>
            <td role="cell" class="name">
                <button
                    type="button"
                    class="row-name"
                    aria-haspopup="dialog"
                    disabled=cfg!(not(feature = "hydrate"))
                    on:click=move |_| opened.set(Some(user_id))>
                    <bdi class="ellipsis">{move || row.with(|row| row.username.clone())}</bdi>
                </button>
                {you(live, user_id)}
            </td>
            <td role="cell" class="price">{move || row.with(|row| money(row.price))}</td>
            <td role="cell" class="score">{move || row.with(|row| points(row.score))}</td>
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
    // A final ranking stands still.
    let places = move || places.get().filter(|_| moves(live));
    let up = move || places().is_some_and(|places| places > 0);
    let visible =
        move || places().map(|places| if places > 0 { format!("▲ {places}") } else { format!("▼ {}", -places) });
    let spoken = move || {
        let places = places()?;
        let count = places.unsigned_abs().to_string();
        Some(if places > 0 { live.messages.moved_up(&count) } else { live.messages.moved_down(&count) })
    };
    view! {
        <span class="moved" class:up=up hidden=move || places().is_none()>
            <span aria-hidden="true">{visible}</span>
            <span class="visually-hidden">{spoken}</span>
        </span>
    }
}

/// The line under the last winning rank, with what it takes the user to get over it, consistent with the rows shown.
fn line(live: CampaignSignals) -> String {
    let messages = live.messages;
    let (quota, total, threshold, mine) = live.shown.with(|leaderboard| {
        (leaderboard.quota, leaderboard.ranking.total, leaderboard.ranking.min_winning_score, leaderboard.position())
    });
    let is_open = moves(live);
    // Nothing of the moment while the ranking is paused.
    let is_now = is_open && !live.paused.get();
    let is_stale = live.is_stale.get() && !live.paused.get();
    let place = messages.ordinal(quota);
    if threshold.is_none() {
        let free = quota.saturating_sub(total);
        return match is_open {
            // Others may have taken the places.
            _ if is_stale => messages.line_stale.to_owned(),
            true if is_now => messages.line_free(free),
            true => messages.line(&place),
            false => messages.line_was_free(free),
        };
    }
    if is_stale {
        return format!("{} · {}", messages.line(&place), messages.line_stale);
    }
    let is_mine = |mine: &Position| mine.rank == quota && !mine.or_lower;
    match (mine.filter(|_| live.session.get() == PageSession::Same), live.price_to_enter.get()) {
        (Some(mine), _) if is_now && is_mine(&mine) => format!("{} · {}", messages.line(&place), messages.line_on),
        (_, Some(price)) if is_now && live.user_id.is_some() => messages.line_enter(&place, &money(price)),
        _ => messages.line(&place),
    }
}

/// The user's own row, if it is not among the rows: above the line if it wins, and below it if not, after a gap of those
/// who are not shown.
fn outside(live: CampaignSignals, above_line: bool) -> Option<impl IntoView> {
    let is_mine = live.session.get() == PageSession::Same;
    let (rows, total, quota, mine) = live.shown.with(|leaderboard| {
        let mine = leaderboard.position().filter(|_| is_mine && leaderboard.my_row().is_none());
        let ranking = &leaderboard.ranking;
        (ranking.rows.len() as u64, ranking.total, leaderboard.quota, mine)
    });
    let places = quota.min(total);
    let (mine, before, after) = match (mine, above_line) {
        // How many are before and after is not known if the rank may be lower.
        (Some(mine), _) if mine.or_lower => (Some(mine).filter(|mine| mine.wins == above_line), 0, 0),
        (Some(mine), true) if mine.wins => {
            (Some(mine), mine.rank.saturating_sub(rows + 1), places.saturating_sub(mine.rank))
        }
        (_, true) => (None, places.saturating_sub(rows), 0),
        (Some(mine), false) if !mine.wins => (Some(mine), mine.rank.saturating_sub(places.max(rows) + 1), 0),
        (_, false) => return None,
    };
    let gap_of = move |count: u64| (count > 0).then(|| gap(live, count));
    Some(view! {
        {gap_of(before)}
        {mine.map(|mine| my_row(live, mine))}
        {gap_of(after)}
    })
}

fn my_row(live: CampaignSignals, mine: Position) -> impl IntoView {
    let messages = live.messages;
    view! {
        <tr role="row" class="me outside" translate="no">
            <td role="cell" class="rank">{rank_number(messages, mine)}</td>
            <td role="cell" class="name"><span class="badge me-badge">{messages.you}</span></td>
            <td role="cell" class="price">{money(mine.price)}</td>
            <td role="cell" class="score">{points(mine.score)}</td>
        </tr>
    }
}

/// A rank in the table: `3`, or `below 10th` if it may be lower.
fn rank_number(messages: &IslandMessages, position: Position) -> String {
    if position.or_lower { rank_text(messages, position) } else { position.rank.to_string() }
}
