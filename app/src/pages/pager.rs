//! A long list, page by page: which rows these are, and the links to the pages around.

use super::{
    icon::{Icon, icon},
    visit::Visit,
};
use crate::format::{count, counted, fill};
use domain::{bounded::Page, limits};
use leptos::prelude::*;

/// The page of `rows` rows that the reader's query asks for by `skip`.
pub(super) fn asked_page(visit: &Visit, rows: u32) -> Page {
    let skip: u32 = visit.query("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
    Page { skip: skip.min(limits::PAGE_SKIP_MAX), limit: rows }
}

/// A page of a list of `total` rows at `address`, a path of ours, perhaps with a query: `rows` with the links to the
/// pages around, or `none` where the list has nothing at all. Past its end it says so and leads back.
pub(super) fn paged(visit: &Visit, address: &str, page: Page, total: i64, rows: AnyView, none: AnyView) -> AnyView {
    if total == 0 {
        none
    } else if i64::from(page.skip) >= total {
        past_the_end(visit, address, total)
    } else {
        view! { {rows} {pager(visit, address, page, total)} }.into_any()
    }
}

fn past_the_end(visit: &Visit, address: &str, total: i64) -> AnyView {
    let t = visit.page_messages();
    view! {
        <div class="empty">
            {icon(Icon::Empty)} <p>{t.pager_past_end}</p>
            <p class="muted">{counted(t.pager_total, total.unsigned_abs())}</p>
            <a class="button" rel="first" href=address.to_owned()>{t.pager_first}</a>
        </div>
    }
    .into_any()
}

/// Nothing where everything is on one page.
fn pager(visit: &Visit, address: &str, page: Page, total: i64) -> impl IntoView + use<> {
    let t = visit.page_messages();
    let separator = if address.contains('?') { '&' } else { '?' };
    let at = |skip: u32| format!("{address}{separator}skip={skip}");
    let next = page.skip.saturating_add(page.limit);
    let back = (page.skip > 0).then(|| at(page.skip.saturating_sub(page.limit)));
    let on = (i64::from(next) < total).then(|| at(next));
    let shown = [i64::from(page.skip) + 1, total.min(i64::from(next)), total];
    let shown = shown.map(|number| count(number.unsigned_abs()));
    (back.is_some() || on.is_some()).then(move || {
        view! {
            <nav class="pager" aria-label=t.pager>
                {back.map(|href| view! { <a class="button" rel="prev" href=href>{t.previous}</a> })}
                <span class="muted">{fill(t.pager_rows, &[&shown[0], &shown[1], &shown[2]])}</span>
                {on.map(|href| view! { <a class="button" rel="next" href=href>{t.next}</a> })}
            </nav>
        }
    })
}
