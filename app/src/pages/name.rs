//! Names that people made up: members' and products'.

use super::visit::Visit;
use domain::bounded::is_blank;
use leptos::prelude::*;

/// A name, kept apart from the text around it whatever direction it is written in. One that cannot be seen, from before
/// there was a rule, has a word in its place, so that its link can be found.
pub(super) fn name(visit: &Visit, name: &str) -> impl IntoView + use<> {
    let shown = if is_blank(name) { visit.page_messages().unnamed } else { name };
    view! { <bdi>{shown.to_owned()}</bdi> }
}
