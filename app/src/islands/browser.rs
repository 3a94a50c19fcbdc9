//! Functions of the browser that both islands use.

use gloo_net::http::Request;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AbortSignal, Document, DomParser, Event, EventTarget, PageTransitionEvent, SupportedType};

/// Requests are aborted after this time.
const TIMEOUT_MS: u32 = 8_000;

/// A signal that aborts a request when its time is up.
pub(super) fn timeout() -> AbortSignal {
    AbortSignal::timeout_with_u32(TIMEOUT_MS)
}

/// Fetches the current page again; none without a response.
pub(super) async fn fetch_page() -> Option<Document> {
    let address = window().location().href().ok()?;
    let response = Request::get(&address).abort_signal(Some(&timeout())).send().await.ok()?;
    let html = response.text().await.ok()?;
    DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()
}

/// Makes the page's script rewrite new times in the reader's zone.
pub(super) fn localise_times() {
    if let Ok(event) = Event::new("gavel:times") {
        let _ = document().dispatch_event(&event);
    }
}

/// Calls `act` whenever the reader returns to the page, or the network comes back.
pub(super) fn on_return(mut act: impl FnMut() + 'static) {
    let on_return = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        // `pageshow` also fires for a page that has just loaded and needs no refresh.
        if event.dyn_ref::<PageTransitionEvent>().is_none_or(PageTransitionEvent::persisted) {
            act();
        }
    });
    let (window, document): (EventTarget, EventTarget) = (window().into(), document().into());
    let events = [(&window, "focus"), (&window, "online"), (&window, "pageshow"), (&document, "visibilitychange")];
    for (target, event) in events {
        // Without the event, the page refreshes a few seconds later.
        let _ = target.add_event_listener_with_callback(event, on_return.as_ref().unchecked_ref());
    }
    // The browser calls it for as long as the page lives.
    on_return.forget();
}
