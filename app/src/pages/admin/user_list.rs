//! The members.

use super::{
    PAGE_ROWS, admin_page,
    records::{Column, records},
    texts,
};
use crate::pages::{
    card::empty,
    moment::exact_moment,
    pager::{asked_page, pager},
    visit::{Visit, page},
};
use domain::api::accounts::{User, UserStatus};
use leptos::prelude::*;

/// What is searched for at most, in characters.
const SEARCH_CHARS_MAX: usize = 100;

/// `/admin/users`, and `?q=` for some of them.
#[component]
pub fn UsersPage() -> impl IntoView {
    page(move |visit: Visit| async move {
        let actor = visit.admin()?;
        let t = texts(&visit);
        let search: String = visit.query("q").unwrap_or_default().chars().take(SEARCH_CHARS_MAX).collect();
        let asked = asked_page(&visit, PAGE_ROWS);
        let list = visit.engine.users(actor, &search, asked).await?;
        let table = if list.users.is_empty() {
            empty(t.users_none, t.users_none_hint, None).into_any()
        } else {
            view! { <div class="card">{table(&visit, list.users)}</div> }.into_any()
        };
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", &search).finish();
        let body = view! {
            <form class="toolbar search" role="search" method="get" action="/admin/users">
                <div class="field">
                    <label for="q">{t.search}</label>
                    <input type="search" id="q" name="q" value=search maxlength=SEARCH_CHARS_MAX />
                </div>
                <button>{t.search_button}</button>
            </form>
            {table}
            {pager(&visit, &format!("/admin/users?{query}"), asked, list.total)}
        };
        Ok(admin_page(&visit, t.nav_users, body))
    })
}

fn table(visit: &Visit, users: Vec<User>) -> AnyView {
    let t = texts(visit);
    let rows = users.into_iter().map(|user| {
        let is_active = user.status == UserStatus::Active;
        let (class, status) = if is_active { ("badge", t.user_active) } else { ("badge bad", t.user_inactive) };
        let admin = user.is_admin.then(|| view! { " " <span class="badge">{t.admin}</span> });
        [
            view! { <a href=format!("/admin/users/{}", user.user_id)>{user.username}</a> }.into_any(),
            user.email.into_any(),
            user.weight.get().to_string().into_any(),
            view! { <span><span class=class>{status}</span> {admin}</span> }.into_any(),
            exact_moment(visit, user.created_at).into_any(),
        ]
    });
    let columns = [
        Column::Name(t.name),
        Column::Name(t.email),
        Column::Number(t.weight),
        Column::Text(t.status),
        Column::Text(t.since),
    ];
    records(t.nav_users, columns, rows)
}
