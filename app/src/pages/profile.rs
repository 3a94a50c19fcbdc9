//! The user's account: password, sessions, and the preferred language and theme.

use crate::{
    components::{
        device_name::device_name,
        display_name::display_name,
        done_line::done_line,
        form_field::{TextField, form_error_summary, text_field, user_field},
        preferences::{language_choice, theme_choice},
        time_tag::time_to_minute,
    },
    layout::{PageContent, render_page},
    page_context::PageContext,
    page_url::{API_KEYS_URL, PERSONAL_DATA_URL, SECOND_FACTOR_URL},
};
use domain::api::accounts::ActiveSession;
use leptos::{either::Either, prelude::*};

/// `/profile`.
#[component]
pub fn ProfilePage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let user = context.member()?.clone();
        // Without PostgreSQL the page says neither.
        let is_confirmed = context.engine.accounts.has_confirmed_email(user.user_id).await.ok();
        let confirmed =
            (is_confirmed == Some(true)).then(|| view! { <span class="badge good">{t.email_confirmed}</span> });
        let can_confirm = is_confirmed == Some(false) && context.engine.mailer.is_available();
        let confirmation_form = can_confirm.then(|| confirmation_form(&context));
        let lacks_second_factor = context.engine.accounts.lacks_second_factor(user.user_id).await.unwrap_or(false);
        let needed = lacks_second_factor.then(|| {
            view! {
                <p class="notice warn">
                    {t.second_factor_needed} " " <a href=SECOND_FACTOR_URL>{t.second_factor}</a>
                </p>
            }
        });
        let body = view! {
            {done_line(&context)}
            {needed}
            <div class="columns">
                <section class="card">
                    <h2>{t.profile_account}</h2>
                    <dl class="list">
                        <div>
                            <dt>{t.username}</dt>
                            <dd>{display_name(&context, &user.username)}</dd>
                        </div>
                        <div>
                            <dt>{t.email}</dt>
                            <dd><bdi>{user.email.clone()}</bdi> {confirmed}</dd>
                        </div>
                        <div>
                            <dt>{t.member_since}</dt>
                            <dd>{time_to_minute(&context, user.created_at)}</dd>
                        </div>
                        <div>
                            <dt>{t.weight}</dt>
                            <dd>{user.weight.get().to_string()}</dd>
                        </div>
                    </dl>
                    <p class="hint">{t.weight_hint}</p>
                    {confirmation_form}
                    <p>
                        <a href=SECOND_FACTOR_URL>{t.second_factor}</a> " · " <a href=API_KEYS_URL>{t.api_keys}</a> " · " <a href=PERSONAL_DATA_URL>{t.data_title}</a>
                    </p>
                    <form method="post" action="/api/ui/sign_out">
                        <button>{t.sign_out}</button>
                    </form>
                </section>
                {password_form(&context)} {sessions(&context).await}
                <section class="card">
                    <h2>{t.profile_look}</h2>
                    <div class="field">
                        <h3>{t.language}</h3>
                        {language_choice(&context)}
                    </div>
                    <div class="field">
                        <h3>{t.theme}</h3>
                        {theme_choice(&context)}
                    </div>
                    <p class="hint">{t.times_in} " " <span data-zone translate="no">"UTC"</span></p>
                </section>
            </div>
        };
        Ok(PageContent::new(t.profile_title, body))
    })
}

/// The form that sends the link with which the address is confirmed.
fn confirmation_form(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    view! {
        <form class="form" method="post" action="/api/ui/request_confirmation">
            {user_field(context)} <p class="hint">{t.email_unconfirmed}</p> <button>{t.confirm_request}</button>
        </form>
    }
}

/// The form that changes the password. For password managers it names the account.
fn password_form(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let field =
        |name, label, hint, autocomplete| TextField { name, label, hint, kind: "password", autocomplete, rule: None };
    let rule = context.common_messages().rule_password;
    let fields = vec![
        field("current_password", t.current_password, None, "current-password"),
        field("new_password", t.new_password, Some(rule), "new-password"),
    ];
    let error_summary = form_error_summary(context, &fields);
    let fields = fields.into_iter().map(|field| text_field(context, field)).collect_view();
    let email = context.user.as_ref().map(|user| user.email.clone());
    view! {
        <section class="card">
            <h2>{t.profile_password}</h2>
            <form class="form" method="post" action="/api/ui/change_password" novalidate>
                {error_summary} {user_field(context)}
                <input type="text" name="username" value=email autocomplete="username" hidden />
                {fields}
                <p class="hint">{t.password_change_hint}</p>
                <button>{t.change_password}</button>
            </form>
        </section>
    }
}

/// What the user is signed in on.
async fn sessions(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    // Without them the rest of the page is still of use, to sign out, for instance.
    let listed = context.active_sessions().await;
    let missing =
        listed.is_err().then(|| view! { <p class="notice">{context.common_messages().error_unavailable}</p> });
    let sessions = listed.unwrap_or_default();
    let has_others = sessions.iter().any(|session| !session.is_current);
    let end_others = has_others.then(|| {
        view! {
            <form method="post" action="/api/ui/end_sessions">
                {user_field(context)} <button>{t.end_other_sessions}</button>
            </form>
        }
    });
    let rows = sessions.iter().map(|row| session(context, row)).collect_view();
    view! {
        <section class="card" id="sessions">
            <h2>{t.profile_sessions}</h2>
            {missing}
            <ul class="sessions">{rows}</ul>
            {end_others}
        </section>
    }
}

fn session(context: &PageContext, session: &ActiveSession) -> impl IntoView + use<> {
    let t = context.page_messages();
    let device = device_name(&session.user_agent).unwrap_or_else(|| t.unknown_device.to_owned());
    let network = (!session.network.is_unspecified()).then(|| view! { <bdi>{session.network.to_string()}</bdi> " · " });
    let end = if session.is_current {
        Either::Left(view! { <span class="badge good">{t.this_session}</span> })
    } else {
        Either::Right(view! {
            <form method="post" action="/api/ui/end_sessions">
                {user_field(context)} <input type="hidden" name="session_id" value=session.session_id.to_string() />
                <button class="small" aria-label=t.sign_out_device(&device)>
                    {t.sign_out}
                </button>
            </form>
        })
    };
    view! {
        <li>
            <div>
                <strong>
                    <bdi>{device}</bdi>
                </strong>
                <p class="hint">{network} {t.signed_in_at} " " {time_to_minute(context, session.created_at)}</p>
            </div>
            {end}
        </li>
    }
}
