//! Drives the list on the screen: its countdowns, its refreshes and its announcements.

use super::{feeds::Feeds, morph, schedule::RefreshSchedule, state_element::STATE_ELEMENT};
use crate::{
    format::time_left,
    islands::browser::{fetch_page, localise_times, on_return},
};
use js_sys::{Date, Math, Reflect};
use leptos::{
    prelude::{document, set_interval, window},
    task::spawn_local,
};
use std::{cell::RefCell, mem, rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, FocusOptions, HtmlElement};

const LIST: &str = "campaigns";
const TICK: Duration = Duration::from_millis(250);
/// If the clock moves by more than this between two ticks, the machine slept or its clock was set.
const JUMP_MS: f64 = 5_000.0;

struct ListWatcher {
    schedule: RefreshSchedule,
    feeds: Feeds,
    /// The server's clock minus the browser's wall clock, as of the last page, to within half the time that the server took
    /// to answer; monotonic time would stand still while the machine sleeps.
    server_ahead_ms: i64,
    /// When the timer last fired.
    ticked_at_ms: f64,
    /// Whether there was no network since the last refresh.
    was_offline: bool,
    days_unit: String,
    reader: Option<String>,
    /// The notice that the list is not up to date.
    late: Element,
    /// The live region of announcements.
    announcements: Element,
    /// The sentences in it about rows that are outbid.
    outbid: Vec<String>,
    /// The sentences in it about rows that have left the list.
    left: Vec<String>,
}

/// Keeps the list of this page up to date.
pub(super) fn watch() {
    let Some(watch) = ListWatcher::new() else { return };
    let watch = Rc::new(RefCell::new(watch));
    on_return({
        let watch = Rc::clone(&watch);
        move || {
            watch.borrow_mut().schedule.refresh_now(Date::now());
            tick(&watch);
        }
    });
    set_interval(move || tick(&watch), TICK);
}

fn tick(watch: &Rc<RefCell<ListWatcher>>) {
    let mut state = watch.borrow_mut();
    let now_ms = Date::now();
    let passed_ms = now_ms - mem::replace(&mut state.ticked_at_ms, now_ms);
    if !(0.0..JUMP_MS).contains(&passed_ms) {
        state.schedule.clock_jumped(now_ms);
        state.feeds.close();
    }
    // A hidden page causes no load.
    if document().hidden() {
        state.feeds.close();
        return;
    }
    let Some(list) = document().get_element_by_id(LIST) else { return };
    state.count_down(&list);
    state.was_offline |= !window().navigator().on_line();
    let is_late = state.schedule.is_late(now_ms) || state.was_offline;
    // It fails for an invalid attribute name only.
    let _ = state.late.toggle_attribute_with_force("hidden", !is_late);
    if let Some(root) = document().document_element() {
        let _ = root.toggle_attribute_with_force("data-list-late", is_late);
    }
    // Two selections instead of a sort, which would be among the largest functions of the bundle.
    let campaigns: Vec<String> = ["[data-feed][data-has-bid]", "[data-feed]:not([data-has-bid])"]
        .into_iter()
        .flat_map(|rows| morph::all(&list, rows))
        .filter_map(|row| row.get_attribute("data-feed"))
        .collect();
    if let Some(spread_ms) = state.feeds.tick(&campaigns, now_ms) {
        state.schedule.add_event(now_ms, spread_ms);
    }
    let due_ms = morph::all(&list, "[data-refresh-at]").iter().map(|row| time(row, "data-refresh-at")).min();
    let due_ms = due_ms.map(|at_ms| at_ms.saturating_sub(state.server_ahead_ms) as f64);
    // What it takes to get in changes with others' bids, which feeds do not report to lists.
    let has_prices = list.query_selector("[data-current]").is_ok_and(|price| price.is_some());
    let has_feeds = state.feeds.cover(&campaigns) && !has_prices;
    if state.schedule.is_due(now_ms, due_ms, has_feeds) {
        state.schedule.started(now_ms);
        spawn_local(refresh(Rc::clone(watch)));
    }
}

async fn refresh(watch: Rc<RefCell<ListWatcher>>) {
    let asked_ms = Date::now();
    let fresh = fetch_page().await.and_then(|page| FetchedPage::of(&page, [asked_ms, Date::now()]));
    let mut state = watch.borrow_mut();
    let Some(fresh) = fresh else { return state.schedule.failed(Date::now(), Math::random()) };
    if fresh.reader != state.reader {
        // Another user has signed in, in another tab: the whole page is outdated.
        let _ = window().location().reload();
        return;
    }
    state.schedule.succeeded(Date::now(), Math::random());
    state.was_offline = !window().navigator().on_line();
    state.server_ahead_ms = fresh.server_ahead_ms;
    let announcements = state.announcements.clone();
    drop(state);
    if let Some(list) = document().get_element_by_id(LIST) {
        let (outbid, left) = news(&list, &fresh);
        update_list(&list, &fresh.list);
        let mut state = watch.borrow_mut();
        // A countdown may be to another time now.
        state.count_down(&list);
        let still: Vec<String> =
            morph::all(&list, "[data-outbid]").iter().filter_map(|row| row.get_attribute("data-outbid")).collect();
        // What was announced is removed when it is no longer so.
        state.outbid.retain(|text| still.contains(text));
        state.outbid.extend(outbid);
        state.left.extend(left);
        let sentences: Vec<&str> = state.left.iter().chain(&state.outbid).map(String::as_str).collect();
        write(&announcements, &sentences.join(" "));
        if let Some(element) = document().get_element_by_id(STATE_ELEMENT) {
            let _ = element.toggle_attribute_with_force("data-has-news", !sentences.is_empty());
        }
    }
}

/// What a fetched page contains.
struct FetchedPage {
    list: Element,
    reader: Option<String>,
    server_ahead_ms: i64,
}

impl FetchedPage {
    /// None if the page has no list: an error page, or the sign-in page after the session has expired.
    fn of(page: &Document, asked_and_answered_ms: [f64; 2]) -> Option<Self> {
        let state = page.get_element_by_id(STATE_ELEMENT)?;
        Some(Self {
            list: page.get_element_by_id(LIST)?,
            reader: state.get_attribute("data-reader"),
            server_ahead_ms: server_ahead_ms(&state, asked_and_answered_ms)?,
        })
    }
}

impl ListWatcher {
    fn new() -> Option<Self> {
        let state = document().get_element_by_id(STATE_ELEMENT)?;
        let now_ms = Date::now();
        Some(Self {
            schedule: RefreshSchedule::new(now_ms, Math::random()),
            feeds: Feeds::new(),
            server_ahead_ms: server_ahead_ms(&state, page_load_ms())?,
            ticked_at_ms: now_ms,
            was_offline: false,
            days_unit: state.get_attribute("data-days-unit").unwrap_or_default(),
            reader: state.get_attribute("data-reader"),
            late: state.query_selector("[data-late]").ok()??,
            announcements: state.query_selector("[data-news]").ok()??,
            outbid: Vec::new(),
            left: Vec::new(),
        })
    }

    /// Updates the countdowns, and marks the rows that are outdated: without a connection they stay so for a while.
    fn count_down(&self, list: &Element) {
        let now_ms = whole_ms(Date::now()) + self.server_ahead_ms;
        for row in morph::all(list, "[data-refresh-at]") {
            // A row that awaits its result says so itself.
            let changes = row.query_selector(".once-outdated").is_ok_and(|text| text.is_some());
            let is_outdated = changes && time(&row, "data-refresh-at") <= now_ms;
            // It fails for an invalid attribute name only.
            let _ = row.toggle_attribute_with_force("data-outdated", is_outdated);
        }
        for element in morph::all(list, "[data-until]") {
            let left_ms = time(&element, "data-until") - now_ms;
            write(&element, &time_left(left_ms, &self.days_unit));
        }
    }
}

/// Sets the text of an element, unless it is the same: a live region would be read out again.
fn write(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Updates the list to match `fresh`, and keeps the focus on an element that moved.
fn update_list(list: &Element, fresh: &Element) {
    let focused = document().active_element().filter(|element| list.contains(Some(element)));
    morph::morph(list, fresh);
    if let Some(focused) = focused
        && focused.is_connected()
        && document().active_element().as_ref() != Some(&focused)
        && let Some(focused) = focused.dyn_ref::<HtmlElement>()
    {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        // If the element can no longer be focused, there is nothing to restore.
        let _ = focused.focus_with_options(&options);
    }
    localise_times();
}

/// The announcements for rows of the list that are newly outbid in the `fresh` page, and for those that are not in it.
fn news(list: &Element, fresh: &FetchedPage) -> (Vec<String>, Vec<String>) {
    let rows = morph::all(&fresh.list, "[data-campaign]");
    let now_ms = whole_ms(Date::now()) + fresh.server_ahead_ms;
    let (mut outbid, mut left) = (Vec::new(), Vec::new());
    for shown in morph::all(list, "[data-ended]") {
        if let Some(row) = rows.iter().find(|row| row.id() == shown.id()) {
            if !shown.has_attribute("data-outbid") {
                outbid.extend(row.get_attribute("data-outbid"));
            }
        } else {
            // Only a cancelled campaign leaves the list before its end.
            let is_cancelled = now_ms < time(&shown, "data-refresh-at");
            left.extend(shown.get_attribute(if is_cancelled { "data-cancelled" } else { "data-ended" }));
        }
    }
    (outbid, left)
}

/// The time in an attribute; the far future if it is invalid.
fn time(element: &Element, attribute: &str) -> i64 {
    element.get_attribute(attribute).and_then(|time| time.parse().ok()).unwrap_or(i64::MAX)
}

/// The server's clock in a page's state, minus the browser's. The server read it between the request and the answer.
fn server_ahead_ms(state: &Element, [asked_ms, answered_ms]: [f64; 2]) -> Option<i64> {
    let now_ms: i64 = state.get_attribute("data-now")?.parse().ok()?;
    Some(now_ms - whole_ms(f64::midpoint(asked_ms, answered_ms)))
}

/// When this page was asked for, and when the answer began to arrive; the code may have come seconds later.
fn page_load_ms() -> [f64; 2] {
    let moment = |name: &str| {
        let timing = Reflect::get(&window().performance()?.into(), &"timing".into()).ok()?;
        Reflect::get(&timing, &name.into()).ok()?.as_f64().filter(|ms| *ms > 0.0)
    };
    match (moment("requestStart"), moment("responseStart")) {
        (Some(asked_ms), Some(answered_ms)) => [asked_ms, answered_ms],
        // A browser without it.
        _ => [Date::now(); 2],
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
fn whole_ms(ms: f64) -> i64 {
    ms.floor() as i64
}
