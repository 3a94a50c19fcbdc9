//! What is stored about the user: to download, and to erase.

use crate::{
    components::form_field::{TextField, error_summary, field_error, text_field, user_field},
    layout::{PageContent, render_page},
    page_context::PageContext,
    page_url::PROFILE_URL,
};
use domain::ErrorCode;
use leptos::{either::Either, prelude::*};

/// `/profile/data`.
#[component]
pub fn PersonalDataPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let is_admin = context.member()?.is_admin;
        let erasure = if is_admin {
            Either::Left(view! { <p>{t.erase_not_admins}</p> })
        } else {
            Either::Right(view! { <p>{t.erase_hint}</p> {erase_form(&context)} })
        };
        let body = view! {
            <p>
                <a href=PROFILE_URL>{t.profile_title}</a>
            </p>
            <div class="columns">
                <section class="card">
                    <h2>{t.data_download}</h2>
                    <p>{t.data_download_hint}</p>
                    <p>
                        <a class="button" href="/api/v1/auth/data" download="gavel-data.json">
                            {t.data_download_button}
                        </a>
                    </p>
                </section>
                <section class="card">
                    <h2>{t.erase_title}</h2>
                    {erasure}
                </section>
            </div>
        };
        Ok(PageContent::new(t.data_title, body))
    })
}

fn erase_form(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let password = TextField {
        name: "current_password",
        label: t.current_password,
        hint: None,
        kind: "password",
        autocomplete: "current-password",
        rule: None,
    };
    let messages = context.common_messages();
    let summary = context.form_error().map(|error| {
        let message =
            if error.code == ErrorCode::Conflict { t.erase_open_bids.to_owned() } else { messages.error(&error) };
        let problem = field_error(context, Some(&error), password);
        let wrong = problem.map(|problem| (password.name, messages.field_problem(password.label, problem)));
        error_summary(message, wrong.into_iter())
    });
    let email = context.user.as_ref().map(|user| user.email.clone());
    view! {
        <form class="form" method="post" action="/api/ui/erase_account" novalidate>
            {summary} {user_field(context)}
            <input type="text" name="username" value=email autocomplete="username" hidden />
            {text_field(context, password)}
            <button class="danger">{t.erase_button}</button>
        </form>
    }
}
