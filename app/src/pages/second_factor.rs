//! The second factor of the reader's account, and the page that asks for its code.

use crate::{
    carried::Carried,
    components::{
        done_line::done_line,
        form_field::{TextField, form_error_summary, text_field, user_field},
    },
    layout::{PageContent, render_page},
    page_context::{PageContext, PageError},
    page_url::{local_path, query, sign_in_url},
};
use domain::{ErrorCode, api::accounts::User};
use leptos::{either::Either, prelude::*};
use qrcode::{Color, QrCode};
use secrecy::ExposeSecret;
use std::fmt::Write;

/// The width of the picture to scan, in pixels.
const PICTURE: u32 = 220;
/// Its margin in modules, as the standard asks for (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// `/profile/second-factor`.
#[component]
pub fn SecondFactorPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let user = context.member()?.clone();
        let codes = context.take_carried(Carried::RecoveryCodes).map(|codes| {
            let codes = codes.split('.').map(|code| view! { <li>{code.to_owned()}</li> }).collect_view();
            view! {
                <div class="notice">
                    <p>{t.recovery_codes_once}</p>
                    <ul id="recovery-codes" translate="no">
                        {codes}
                    </ul>
                </div>
            }
        });
        let form = if context.engine.accounts.has_second_factor(user.user_id).await? {
            Either::Left(off_form(&context))
        } else {
            Either::Right(on_form(&context, &user)?)
        };
        let body = view! {
            {done_line(&context)}
            {codes}
            <div class="card narrow">
                <p>{t.second_factor_hint}</p>
                {form}
            </div>
        };
        Ok(PageContent::new(t.second_factor, body))
    })
}

/// The field for a code, with a hint at what may be entered.
fn code_field(context: &PageContext, hint: &'static str) -> TextField {
    let t = context.page_messages();
    TextField {
        name: "code",
        label: t.code,
        hint: Some(hint),
        kind: "text",
        autocomplete: "one-time-code",
        rule: Some(t.code_wrong),
    }
}

fn password_field(context: &PageContext) -> TextField {
    TextField {
        name: "current_password",
        label: context.page_messages().current_password,
        hint: None,
        kind: "password",
        autocomplete: "current-password",
        rule: None,
    }
}

/// The form that turns it on, with the secret to scan or to type.
fn on_form(context: &PageContext, user: &User) -> Result<impl IntoView + use<>, PageError> {
    let t = context.page_messages();
    let setup = context.second_factor_setup(user)?;
    let picture = QrCode::new(setup.uri.expose_secret()).map_err(|_| ErrorCode::Internal)?;
    let fields = [code_field(context, t.code_of_app_hint), password_field(context)];
    let error_summary = form_error_summary(context, &fields);
    let fields = fields.into_iter().map(|field| text_field(context, field)).collect_view();
    Ok(view! {
        <form class="form" method="post" action="/api/ui/turn_second_factor_on" novalidate>
            {error_summary} {user_field(context)} <p>{t.second_factor_scan}</p>
            {qr_code(&picture, t.second_factor_picture)}
            <p>
                {t.second_factor_type} " " <code id="secret" translate="no">{setup.grouped_secret()}</code>
            </p>
            {fields}
            <p class="hint">{t.second_factor_ends}</p> <button class="primary">{t.second_factor_turn_on}</button>
        </form>
    })
}

/// The picture of a code, dark on light in every theme: that is what cameras look for.
fn qr_code(code: &QrCode, label: &'static str) -> impl IntoView + use<> {
    let width = code.width();
    let modules = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let path = modules.fold(String::new(), |mut path, (n, _)| {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{} {}h1v1h-1z", n % width, n / width);
        path
    });
    let (start, size) = (format!("-{QUIET_ZONE}"), width + 2 * QUIET_ZONE);
    view! {
        <svg
            class="qr-code"
            role="img"
            aria-label=label
            width=PICTURE
            height=PICTURE
            viewBox=format!("{start} {start} {size} {size}")
        >
            <path d=path fill="#000" />
        </svg>
    }
}

fn off_form(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let fields = [code_field(context, t.code_hint), password_field(context)];
    let error_summary = form_error_summary(context, &fields);
    let fields = fields.into_iter().map(|field| text_field(context, field)).collect_view();
    view! {
        <p>
            <span class="badge good">{t.second_factor_is_on}</span>
        </p>
        <form class="form" method="post" action="/api/ui/turn_second_factor_off" novalidate>
            {error_summary} {user_field(context)} {fields} <button>{t.second_factor_turn_off}</button>
        </form>
    }
}

/// `/login/code`, after the right password.
#[component]
pub fn CodePage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let next = local_path(&context.query(query::NEXT).unwrap_or_default()).to_owned();
        let body = if context.has_password_proof() {
            let field = code_field(&context, t.code_hint);
            Either::Left(view! {
                <form class="form" method="post" action="/api/ui/sign_in_with_code" novalidate>
                    {form_error_summary(&context, &[field])} <input type="hidden" name="next" value=next />
                    {text_field(&context, field)} <button class="primary">{t.sign_in}</button>
                </form>
            })
        } else {
            Either::Right(view! {
                <p class="notice">{t.code_too_late}</p>
                <p>
                    <a href=sign_in_url(&next)>{t.sign_in}</a>
                </p>
            })
        };
        let body = view! { <div class="card narrow">{body}</div> };
        Ok(PageContent { class: Some("small-page"), ..PageContent::new(t.sign_in, body) })
    })
}
