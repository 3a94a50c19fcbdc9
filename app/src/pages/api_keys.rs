//! The user's API keys: those that are open, and the form for a new one.

use crate::{
    carried::Carried,
    components::{
        done_line::done_line,
        form_field::{TextField, form_error_summary, text_field, user_field},
        time_tag::time_to_minute,
    },
    i18n::PageMessages,
    layout::{PageContent, render_page},
    page_context::PageContext,
};
use domain::api::accounts::{ApiKey, ApiKeyScope};
use leptos::{either::Either, prelude::*};

/// `/profile/api-keys`.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        context.member()?;
        let t = context.page_messages();
        let keys = context.api_keys().await?;
        let new = context.take_carried(Carried::ApiKey).map(|token| {
            view! {
                <div class="notice">
                    <p>{t.api_key_once}</p>
                    <p>
                        <code id="new-key" translate="no">{token}</code>
                    </p>
                </div>
            }
        });
        let list = if keys.is_empty() {
            Either::Left(view! { <p class="muted">{t.api_keys_none}</p> })
        } else {
            let rows = keys.iter().map(|key| row(&context, key)).collect_view();
            Either::Right(view! { <ul class="sessions">{rows}</ul> })
        };
        let body = view! {
            {done_line(&context)}
            {new}
            <p class="muted">{t.api_keys_hint} " " <a href="/api/docs">{t.api_docs}</a></p>
            <div class="columns">
                <section class="card" id="api-keys">
                    <h2>{t.api_keys}</h2>
                    {list}
                </section>
                <section class="card">
                    <h2>{t.api_key_new}</h2>
                    {form(&context)}
                </section>
            </div>
        };
        Ok(PageContent::new(t.api_keys, body))
    })
}

fn row(context: &PageContext, key: &ApiKey) -> impl IntoView + use<> {
    let t = context.page_messages();
    view! {
        <li>
            <div>
                <strong>
                    <bdi>{key.name.clone()}</bdi>
                </strong>
                <p class="hint">
                    {scope_name(t, key.scope)} " · " {t.api_key_until} " " {time_to_minute(context, key.expires_at)}
                </p>
            </div>
            <form method="post" action="/api/ui/revoke_api_key">
                {user_field(context)} <input type="hidden" name="key_id" value=key.key_id.to_string() />
                <button class="small" aria-label=t.revoke_key(&key.name)>
                    {t.revoke}
                </button>
            </form>
        </li>
    }
}

fn form(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let field = |name, label, hint| TextField { name, label, hint, kind: "text", autocomplete: "off", rule: None };
    let name = field("key_name", t.api_key_name, Some(t.api_key_name_hint));
    let days = field("days", t.api_key_days, Some(context.common_messages().rule_key_days));
    let error_summary = form_error_summary(context, &[name, days]);
    let scopes = ApiKeyScope::ALL.map(|scope| view! { <option value=scope.as_str()>{scope_name(t, scope)}</option> });
    view! {
        <form class="form" method="post" action="/api/ui/create_api_key" novalidate>
            {error_summary} {user_field(context)} {text_field(context, name)}
            <div class="field">
                <label for="scope">{t.api_key_scope}</label>
                <select id="scope" name="scope">
                    {scopes.into_iter().collect_view()}
                </select>
            </div>
            {text_field(context, days)} <button>{t.create_key}</button>
        </form>
    }
}

fn scope_name(t: &PageMessages, scope: ApiKeyScope) -> &'static str {
    match scope {
        ApiKeyScope::Read => t.scope_read,
        ApiKeyScope::Bid => t.scope_bid,
        ApiKeyScope::Admin => t.scope_admin,
    }
}
