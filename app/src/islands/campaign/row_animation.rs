//! Rows that change places are animated, and keep the focus. They all have one height, so the number of places gives the distance, and nothing is
//! measured.

use js_sys::{Array, Object, Reflect};
use leptos::prelude::{RwSignal, Set, document, request_animation_frame, window};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{Element, FocusOptions, HtmlElement, IntersectionObserver, IntersectionObserverEntry, MediaQueryList};

/// How long a row moves: shorter than the interval of rankings on the page, so it arrives before it moves again.
const MOVE_MS: f64 = 250.0;
/// How long its animation lasts: longer than the interval of rankings in a busy campaign. An animation that ends by itself
/// makes the browser check every row for several frames, so all are cancelled together when the ranking changes.
const ANIMATION_MS: f64 = 1_000.0;

#[wasm_bindgen]
extern "C" {
    /// An element that can be animated; `web_sys` has this as unstable only.
    type Animated;
    #[wasm_bindgen(method)]
    fn animate(this: &Animated, frames: &Object, duration_ms: f64) -> Animation;

    /// The animation of a row.
    type Animation;
    #[wasm_bindgen(method)]
    fn cancel(this: &Animation);
}

thread_local! {
    static STILL: Option<MediaQueryList> =
        window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    /// The animations of all rows, finished ones included.
    static MOVES: RefCell<Vec<Animation>> = const { RefCell::new(Vec::new()) };
}

/// Updates whether the rows are on the screen: off the screen nothing is animated.
pub(super) fn watch_visibility(rows: &Element, in_sight: RwSignal<bool>) {
    let update = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        let last: IntersectionObserverEntry = entries.at(-1).unchecked_into();
        in_sight.set(last.is_intersecting());
    });
    if let Ok(observer) = IntersectionObserver::new(update.as_ref().unchecked_ref()) {
        observer.observe(rows);
        // The browser calls it for as long as the page lives.
        update.forget();
    }
}

/// Animates a row, which is at its new place already, from its old place.
pub(super) fn slide(row: &Element, places: i64) {
    if places == 0 || STILL.with(|still| still.as_ref().is_none_or(MediaQueryList::matches)) {
        return;
    }
    let text = JsValue::from_str;
    let from = text(&format!("translateY({}%)", places * 100));
    let way = object([
        ("transform", Array::of3(&from, &text("none"), &text("none"))),
        ("offset", Array::of3(&0.into(), &(MOVE_MS / ANIMATION_MS).into(), &1.into())),
        ("easing", Array::of2(&text("ease-out"), &text("linear"))),
    ]);
    let animation = row.unchecked_ref::<Animated>().animate(&way, ANIMATION_MS);
    MOVES.with_borrow_mut(|moves| moves.push(animation));
}

/// Cancels all animations; to be called before the ranking changes. A row that is moved in the document while it is
/// animated, or has two animations, falls back from the compositor to the main thread, which costs every frame.
pub(super) fn cancel_all() {
    MOVES.take().iter().for_each(Animation::cancel);
}

/// Keeps the focus on a row's button, which loses it where the row is moved in the document; to be called before the
/// ranking changes.
pub(super) fn keep_focus() {
    let Some(focused) = document().active_element().filter(|element| element.class_name() == "row-name") else {
        return;
    };
    // After the rows have been moved.
    request_animation_frame(move || {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if is_lost && focused.is_connected() {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = focused.unchecked_ref::<HtmlElement>().focus_with_options(&options);
        }
    });
}

fn object<const N: usize>(properties: [(&str, Array); N]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // Setting a property of a new object does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value.as_ref());
    }
    object
}
