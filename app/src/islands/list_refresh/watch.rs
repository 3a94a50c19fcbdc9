//! The list on the screen: its countdowns, when it is fetched, and what is told of it.

use super::{STATE_ELEMENT, feeds::Feeds, morph, schedule::Schedule};
use crate::{
    format::time_left,
    islands::browser::{fetch_page, localise_times, on_return},
};
use js_sys::{Date, Math};
use leptos::{
    prelude::{document, set_interval, window},
    task::spawn_local,
};
use std::{cell::RefCell, mem, rc::Rc, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, FocusOptions, HtmlElement};

const LIST: &str = "campaigns";
const TICK: Duration = Duration::from_millis(250);
/// Where the clock moves by more than this between two ticks, the machine has slept or its clock was set.
const JUMP_MS: f64 = 5_000.0;

struct Watch {
    schedule: Schedule,
    feeds: Feeds,
    /// The server's clock minus the browser's, as of the last page. Monotonic time would stand still
    /// while a machine sleeps. The page was made before it came, so this is never ahead of the server
    /// and nothing is fetched too early.
    server_ahead_ms: i64,
    /// When the last tick was.
    ticked_at_ms: f64,
    days_unit: String,
    reader: Option<String>,
    /// Says that the list is not up to date.
    late: Element,
    /// Where news are read out.
    news: Element,
}

/// Keeps the list of this page up to date.
pub(super) fn watch() {
    let Some(watch) = Watch::new() else { return };
    let watch = Rc::new(RefCell::new(watch));
    on_return({
        let watch = Rc::clone(&watch);
        move || {
            watch.borrow_mut().schedule.hurry(Date::now());
            tick(&watch);
        }
    });
    set_interval(move || tick(&watch), TICK);
}

fn tick(watch: &Rc<RefCell<Watch>>) {
    let mut state = watch.borrow_mut();
    let now_ms = Date::now();
    let passed_ms = now_ms - mem::replace(&mut state.ticked_at_ms, now_ms);
    if !(0.0..JUMP_MS).contains(&passed_ms) {
        state.schedule.jumped(now_ms);
        state.feeds.close();
    }
    // Who does not look costs the server nothing.
    if document().hidden() {
        state.feeds.close();
        return;
    }
    let Some(list) = document().get_element_by_id(LIST) else { return };
    state.count_down(&list);
    let is_late = state.schedule.is_late(now_ms);
    // Only an attribute's name could be wrong.
    let _ = state.late.toggle_attribute_with_force("hidden", !is_late);
    let campaigns: Vec<String> =
        morph::all(&list, "[data-feed]").iter().filter_map(|row| row.get_attribute("data-feed")).collect();
    if let Some(spread_ms) = state.feeds.tick(&campaigns, now_ms) {
        state.schedule.news(now_ms, spread_ms);
    }
    let due_ms = morph::all(&list, "[data-refresh-at]").iter().map(|row| time(row, "data-refresh-at")).min();
    let due_ms = due_ms.map(|at_ms| at_ms.saturating_sub(state.server_ahead_ms) as f64);
    let has_feeds = state.feeds.cover(&campaigns);
    if state.schedule.is_time(now_ms, due_ms, has_feeds) {
        state.schedule.sent(now_ms);
        spawn_local(refresh(Rc::clone(watch)));
    }
}

async fn refresh(watch: Rc<RefCell<Watch>>) {
    let fresh = fetch_page().await.and_then(|page| Fresh::of(&page));
    let mut state = watch.borrow_mut();
    let Some(fresh) = fresh else { return state.schedule.failed(Date::now(), Math::random()) };
    if fresh.reader != state.reader {
        // Somebody else has signed in, in another tab: all of the page is out of date.
        let _ = window().location().reload();
        return;
    }
    state.schedule.succeeded(Date::now(), Math::random());
    state.server_ahead_ms = fresh.server_ahead_ms;
    let news = state.news.clone();
    drop(state);
    if let Some(list) = document().get_element_by_id(LIST) {
        let outbid = outbid(&fresh.list);
        put(&list, &fresh.list);
        if !outbid.is_empty() {
            news.set_text_content(Some(&outbid.join(" ")));
        }
    }
}

/// What a page tells.
struct Fresh {
    list: Element,
    reader: Option<String>,
    server_ahead_ms: i64,
}

impl Fresh {
    /// None of a page without the list: an error, or the sign-in page once the session is over.
    fn of(page: &Document) -> Option<Self> {
        let state = page.get_element_by_id(STATE_ELEMENT)?;
        Some(Self {
            list: page.get_element_by_id(LIST)?,
            reader: state.get_attribute("data-reader"),
            server_ahead_ms: server_ahead_ms(&state)?,
        })
    }
}

impl Watch {
    fn new() -> Option<Self> {
        let state = document().get_element_by_id(STATE_ELEMENT)?;
        let now_ms = Date::now();
        Some(Self {
            schedule: Schedule::new(now_ms, Math::random()),
            feeds: Feeds::new(),
            server_ahead_ms: server_ahead_ms(&state)?,
            ticked_at_ms: now_ms,
            days_unit: state.get_attribute("data-days-unit").unwrap_or_default(),
            reader: state.get_attribute("data-reader"),
            late: state.query_selector("[data-late]").ok()??,
            news: state.query_selector("[data-news]").ok()??,
        })
    }

    fn count_down(&self, list: &Element) {
        let now_ms = whole_ms(Date::now()) + self.server_ahead_ms;
        for element in morph::all(list, "[data-until]") {
            let left = time_left(time(&element, "data-until") - now_ms, &self.days_unit);
            if element.text_content().as_deref() != Some(&left) {
                element.set_text_content(Some(&left));
            }
        }
    }
}

/// Brings the list to its `fresh` state. Who was on something that moved is still on it.
fn put(list: &Element, fresh: &Element) {
    let focused = document().active_element().filter(|element| list.contains(Some(element)));
    morph::morph(list, fresh);
    if let Some(focused) = focused
        && focused.is_connected()
        && document().active_element().as_ref() != Some(&focused)
        && let Some(focused) = focused.dyn_ref::<HtmlElement>()
    {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        // What cannot take the focus any more leaves the reader where it was.
        let _ = focused.focus_with_options(&options);
    }
    localise_times();
}

/// What to say of the rows that are outbid in the `fresh` list and are not on the screen.
fn outbid(fresh: &Element) -> Vec<String> {
    let is_new = |row: &Element| {
        document().get_element_by_id(&row.id()).is_some_and(|shown| !shown.has_attribute("data-outbid"))
    };
    let rows = morph::all(fresh, "[data-outbid]").into_iter().filter(is_new);
    rows.filter_map(|row| row.get_attribute("data-outbid")).collect()
}

/// A time of a mark; one that cannot be read never comes.
fn time(element: &Element, attribute: &str) -> i64 {
    element.get_attribute(attribute).and_then(|time| time.parse().ok()).unwrap_or(i64::MAX)
}

/// The clock of the server that a page tells, minus the browser's.
fn server_ahead_ms(state: &Element) -> Option<i64> {
    let now_ms: i64 = state.get_attribute("data-now")?.parse().ok()?;
    Some(now_ms - whole_ms(Date::now()))
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
fn whole_ms(ms: f64) -> i64 {
    ms.floor() as i64
}
