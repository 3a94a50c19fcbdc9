//! The user's account, and the preferred language and theme.

use crate::{
    components::{
        display_name::display_name,
        preferences::{language_choice, theme_choice},
        time_tag::time_to_minute,
    },
    layout::{PageContent, render_page},
    page_context::PageContext,
};
use leptos::prelude::*;

/// `/profile`.
#[component]
pub fn ProfilePage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let user = context.member()?.clone();
        let body = view! {
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
                            <dd><bdi>{user.email}</bdi></dd>
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
                    <form method="post" action="/api/ui/sign_out">
                        <button>{t.sign_out}</button>
                    </form>
                </section>
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
