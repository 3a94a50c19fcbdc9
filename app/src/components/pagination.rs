//! A long list in pages: which rows are shown, and links to the previous and next page.

use super::icon::{Icon, icon};
use crate::{format::count, page_context::PageContext};
use domain::{limits, validated::Page};
use leptos::prelude::*;

/// The page of `rows` rows that the query's `skip` asks for.
pub(crate) fn requested_page(context: &PageContext, rows: u32) -> Page {
    let skip: u32 = context.query("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
    Page { skip: skip.min(limits::PAGE_SKIP_MAX), limit: rows }
}

/// A page of a list of `total` rows at `url`, a path on this site, perhaps with a query: `rows` with links to the
/// previous and next page, or `none` if the list is empty. A page past the end links back to the first.
pub(crate) fn paginated(
    context: &PageContext,
    url: &str,
    page: Page,
    total: i64,
    rows: AnyView,
    none: AnyView,
) -> AnyView {
    if total == 0 {
        none
    } else if i64::from(page.skip) >= total {
        past_the_end(context, url, total)
    } else {
        view! { {rows} {pager(context, url, page, total)} }.into_any()
    }
}

fn past_the_end(context: &PageContext, url: &str, total: i64) -> AnyView {
    let t = context.page_messages();
    view! {
        <div class="empty">
            {icon(Icon::Empty)} <p>{t.pager_past_end}</p>
            <p class="muted">{t.pager_total(total.unsigned_abs())}</p>
            <a class="button" rel="first" href=url.to_owned()>{t.pager_first}</a>
        </div>
    }
    .into_any()
}

/// Nothing if everything is on one page.
fn pager(context: &PageContext, url: &str, page: Page, total: i64) -> impl IntoView + use<> {
    let t = context.page_messages();
    let separator = if url.contains('?') { '&' } else { '?' };
    let at = |skip: u32| format!("{url}{separator}skip={skip}");
    let next = page.skip.saturating_add(page.limit);
    let back = (page.skip > 0).then(|| at(page.skip.saturating_sub(page.limit)));
    let on = (i64::from(next) < total).then(|| at(next));
    let shown = [i64::from(page.skip) + 1, total.min(i64::from(next)), total];
    let shown = shown.map(|number| count(number.unsigned_abs()));
    (back.is_some() || on.is_some()).then(move || {
        view! {
            <nav class="pager" aria-label=t.pager>
                {back.map(|href| view! { <a class="button" rel="prev" href=href>{t.previous}</a> })}
                <span class="muted">{t.pager_rows(&shown[0], &shown[1], &shown[2])}</span>
                {on.map(|href| view! { <a class="button" rel="next" href=href>{t.next}</a> })}
            </nav>
        }
    })
}
