//! The members.

use super::{PAGE_ROWS, admin_page, texts};
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

fn table(visit: &Visit, users: Vec<User>) -> impl IntoView + use<> {
    let t = texts(visit);
    let rows = users.into_iter().map(|user| {
        let is_active = user.status == UserStatus::Active;
        let (class, status) = if is_active { ("badge", t.user_active) } else { ("badge bad", t.user_inactive) };
        view! {
            <tr data-user=user.user_id.to_string()>
                <td class="name">
                    <a href=format!("/admin/users/{}", user.user_id)>{user.username}</a>
                </td>
                <td class="name">{user.email}</td>
                <td class="number">{user.weight.get().to_string()}</td>
                <td>
                    <span class=class>{status}</span>
                    {user.is_admin.then(|| view! { " " <span class="badge">{t.admin}</span> })}
                </td>
                <td>{exact_moment(visit, user.created_at)}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=t.nav_users>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.name}</th>
                        <th scope="col">{t.email}</th>
                        <th scope="col" class="number">{t.weight}</th>
                        <th scope="col">{t.status}</th>
                        <th scope="col">{t.since}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}
