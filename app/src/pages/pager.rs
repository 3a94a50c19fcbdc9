//! A long list, page by page: which rows these are, and the links to the pages around.

use super::visit::Visit;
use crate::format::{count, fill};
use domain::{bounded::Page, limits};
use leptos::prelude::*;

/// The page of `rows` rows that the reader's query asks for by `skip`.
pub(super) fn asked_page(visit: &Visit, rows: u32) -> Page {
    let skip: u32 = visit.query("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
    Page { skip: skip.min(limits::PAGE_SKIP_MAX), limit: rows }
}

/// The links around `page` of a list of `total` rows at `address`, a path of ours, perhaps with a
/// query. Nothing where everything is on one page.
pub(super) fn pager(visit: &Visit, address: &str, page: Page, total: i64) -> impl IntoView + use<> {
    let t = visit.page_texts();
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
