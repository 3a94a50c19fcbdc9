//! The list of members.

use super::{
    PAGE_ROWS, admin_page,
    data_table::{Column, data_table},
    list_page,
    list_search::{empty_search, list_url, refused_search, search_form},
    messages,
};
use crate::{
    components::{
        display_name::display_name,
        pagination::{paginated, requested_page},
        time_tag::time_to_second,
    },
    layout::render_page,
    page_context::PageContext,
};
use domain::api::accounts::{User, UserStatus};
use leptos::prelude::*;

const PATH: &str = "/admin/users";

/// `/admin/users`; `?q=` filters it.
#[component]
pub fn UsersPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let search = match context.search() {
            Ok(search) => search,
            Err(typed) => {
                let body = refused_search(&context, PATH, t.search_users, &typed, &[]);
                return Ok(admin_page(&context, t.nav_users, body));
            }
        };
        let asked = requested_page(&context, PAGE_ROWS);
        let list = context.engine.accounts.users(actor, &search, asked).await?;
        let rows = view! { <div class="card">{table(&context, list.users)}</div> }.into_any();
        let none = empty_search(&context, PATH, &search, t.users_none, t.users_none_hint);
        let body = view! {
            {search_form(&context, PATH, t.search_users, &search, &[])}
            {paginated(&context, &list_url(PATH, &[], &search), asked, list.total, rows, none)}
        };
        Ok(list_page(&context, t.nav_users, body))
    })
}

fn table(context: &PageContext, users: Vec<User>) -> AnyView {
    let t = messages(context);
    let rows = users.into_iter().map(|user| {
        let is_active = user.status == UserStatus::Active;
        let (class, status) = if is_active { ("badge", t.user_active) } else { ("badge bad", t.user_inactive) };
        let admin = user.is_admin.then(|| view! { " " <span class="badge">{t.admin}</span> });
        [
            view! { <a href=format!("/admin/users/{}", user.user_id)>{display_name(context, &user.username)}</a> }
                .into_any(),
            view! { <bdi>{user.email}</bdi> }.into_any(),
            user.weight.get().to_string().into_any(),
            view! { <span><span class=class>{status}</span> {admin}</span> }.into_any(),
            time_to_second(context, user.created_at).into_any(),
        ]
    });
    let columns = [
        Column::Name(t.name),
        Column::Name(t.email),
        Column::Number(t.weight),
        Column::Text(t.status),
        Column::Text(t.since),
    ];
    data_table(t.nav_users, columns, rows)
}
