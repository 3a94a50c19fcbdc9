//! Rows of one height that change places: where a row was follows from how many places it
//! moved, so nothing is measured.

use js_sys::{Array, Object, Reflect};
use leptos::prelude::{RwSignal, Set, window};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, MediaQueryList};

/// How long a row is under way: shorter than rankings are apart on the page, so it arrives before it
/// is moved again.
const MOVE_MS: f64 = 250.0;
/// How long its animation goes on: longer than rankings are apart when much happens. A browser that
/// sees an end coming looks at every row for several frames, so we end them all at once, when the
/// ranking changes.
const ANIMATION_MS: f64 = 1_000.0;

#[wasm_bindgen]
extern "C" {
    /// An element that can be animated; `web_sys` counts this as unstable yet.
    type Animated;
    #[wasm_bindgen(method)]
    fn animate(this: &Animated, frames: &Object, duration_ms: f64) -> Animation;

    /// What moves a row.
    type Animation;
    #[wasm_bindgen(method)]
    fn cancel(this: &Animation);
}

thread_local! {
    static STILL: Option<MediaQueryList> =
        window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    /// What moves the rows, or has moved them.
    static MOVES: RefCell<Vec<Animation>> = const { RefCell::new(Vec::new()) };
}

/// Tells whether the rows are on the screen: out of sight nothing needs to move.
pub(super) fn watch_visibility(rows: &Element, in_sight: RwSignal<bool>) {
    let tell = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        let last: IntersectionObserverEntry = entries.at(-1).unchecked_into();
        in_sight.set(last.is_intersecting());
    });
    if let Ok(observer) = IntersectionObserver::new(tell.as_ref().unchecked_ref()) {
        observer.observe(rows);
        // The browser calls it for as long as the page lives.
        tell.forget();
    }
}

/// Lets a row that is at its new place already come from the one it was at.
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

/// Ends what moves the rows; to be called before the ranking changes. A row that finds its new place
/// in the document while it is animated falls from the compositor to the main thread, and so does
/// one with two animations; there it would cost every frame of the screen.
pub(super) fn cancel_all() {
    MOVES.take().iter().for_each(Animation::cancel);
}

fn object<const N: usize>(properties: [(&str, Array); N]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // Setting a property of a new object does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value.as_ref());
    }
    object
}
