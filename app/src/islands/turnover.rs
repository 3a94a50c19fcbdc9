//! Lists of campaigns that turn over by themselves.
//!
//! The lists are plain HTML from the server. What moves in them is marked: `data-until` is a time
//! whose countdown is the text, `data-turns` a time at which the campaign's phase changes. At such
//! a time the list is fetched anew and put in the place of the old one.

use leptos::prelude::*;

/// The element that tells the island its start, in `data-now` and `data-days-unit`.
const STATE_ELEMENT: &str = "turnover-state";

/// Keeps the countdowns of the list `#campaigns` going and fetches it anew when a campaign has
/// started or ended.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Turnover(
    /// The server's clock when the page was made, in milliseconds since the Unix epoch.
    now_ms: i64,
    /// After the number of days of a countdown.
    days_unit: String,
) -> impl IntoView {
    view! {
        <div id=STATE_ELEMENT data-now=now_ms.to_string() data-days-unit=days_unit hidden></div>
        <TurningList />
    }
}

/// Without properties, as the live campaign (see there).
#[island]
fn TurningList() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    list::watch();
}

#[cfg(feature = "hydrate")]
mod list {
    use crate::{format::time_left, live::clock::ServerClock};
    use js_sys::{Math, futures::JsFuture};
    use leptos::{
        prelude::{document, set_interval, window},
        task::spawn_local,
    };
    use std::{cell::RefCell, rc::Rc, time::Duration};
    use wasm_bindgen::JsCast;
    use web_sys::{DomParser, Element, Event, HtmlElement, Response, SupportedType};

    const LIST: &str = "#campaigns";
    const TICK: Duration = Duration::from_millis(250);
    /// After a turn the list is fetched not before the one and within the other, at a time of each
    /// reader's own.
    const DELAY_MS: f64 = 300.0;
    const SPREAD_MS: f64 = 1500.0;
    /// How soon it is tried again when it could not be fetched.
    const RETRY_MS: f64 = 5000.0;

    struct Watch {
        clock: ServerClock,
        days_unit: String,
        /// When to fetch the list, in local time.
        fetch_at_ms: Option<f64>,
        is_fetching: bool,
    }

    pub(super) fn watch() {
        let Some(state) = document().get_element_by_id(super::STATE_ELEMENT) else { return };
        let Some(now_ms) = state.get_attribute("data-now").and_then(|now| now.parse::<i64>().ok()) else { return };
        let days_unit = state.get_attribute("data-days-unit").unwrap_or_default();
        let clock = ServerClock::new(now_ms as f64, local_ms());
        let watch = Rc::new(RefCell::new(Watch { clock, days_unit, fetch_at_ms: None, is_fetching: false }));
        set_interval(move || tick(&watch), TICK);
    }

    fn tick(watch: &Rc<RefCell<Watch>>) {
        let mut state = watch.borrow_mut();
        let local_ms = local_ms();
        let now_ms = state.clock.now_ms(local_ms);
        for element in marked("data-until") {
            let left = time_left(time(&element, "data-until") - now_ms, &state.days_unit);
            if element.text_content().as_deref() != Some(&left) {
                element.set_text_content(Some(&left));
            }
        }
        let has_turned = marked("data-turns").iter().any(|element| time(element, "data-turns") <= now_ms);
        if !has_turned || state.is_fetching {
            return;
        }
        let fetch_at_ms = *state.fetch_at_ms.get_or_insert(local_ms + DELAY_MS + Math::random() * SPREAD_MS);
        if local_ms >= fetch_at_ms {
            state.is_fetching = true;
            let watch = Rc::clone(watch);
            spawn_local(async move {
                let fresh = fetch().await;
                let mut state = watch.borrow_mut();
                state.is_fetching = false;
                state.fetch_at_ms = match fresh {
                    Some(fresh) => {
                        put(&fresh);
                        None
                    }
                    None => Some(self::local_ms() + RETRY_MS),
                };
            });
        }
    }

    /// The list of the same page as it is now.
    async fn fetch() -> Option<Element> {
        let address = window().location().href().ok()?;
        let response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?;
        let response: Response = response.dyn_into().ok()?;
        let html = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        let page = DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()?;
        page.query_selector(LIST).ok()?
    }

    /// Puts the list in the place of the old one. Who was on a link of it stays there.
    fn put(fresh: &Element) {
        let Ok(Some(old)) = document().query_selector(LIST) else { return };
        let focused = document().active_element().filter(|element| old.contains(Some(element)));
        let href = focused.and_then(|element| element.get_attribute("href"));
        if old.replace_with_with_node_1(fresh).is_err() {
            return;
        }
        if let Some(href) = href
            && let Ok(Some(link)) = fresh.query_selector(&format!("a[href='{href}']"))
            && let Some(link) = link.dyn_ref::<HtmlElement>()
        {
            // A link that cannot take the focus leaves the reader at the page's start.
            let _ = link.focus();
        }
        // The page's script writes times in the reader's zone.
        if let Ok(event) = Event::new("gavel:times") {
            let _ = document().dispatch_event(&event);
        }
    }

    fn marked(attribute: &str) -> Vec<Element> {
        let Ok(found) = document().query_selector_all(&format!("{LIST} [{attribute}]")) else { return Vec::new() };
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
    }

    /// A time of a mark; one that cannot be read never comes.
    fn time(element: &Element, attribute: &str) -> i64 {
        element.get_attribute(attribute).and_then(|time| time.parse().ok()).unwrap_or(i64::MAX)
    }

    fn local_ms() -> f64 {
        window().performance().map_or(0.0, |performance| performance.now())
    }
}
