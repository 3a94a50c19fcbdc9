//! Signing in and making an account.

use super::visit::{Page, Visit, page};
use crate::{
    islands::{Field, FieldKind, FormSpec, KeptForm},
    server_fns::request::local_path,
};
use domain::limits;
use leptos::prelude::*;

/// `/login`.
#[component]
pub fn LoginPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_texts();
        let fields = vec![
            email_field(t.email),
            Field {
                autocomplete: "current-password".to_owned(),
                chars: Some((1, limits::PASSWORD_CHARS_MAX)),
                ..password_field(t.password)
            },
        ];
        let spec = form(&visit, "/api/ui/sign_in", t.sign_in, fields);
        let register = with_next("/register", &visit);
        let body = view! {
            <div class="card narrow">
                <KeptForm spec=spec />
                <p class="muted">{t.no_account_yet} " " <a href=register>{t.register}</a></p>
            </div>
        };
        Ok(Page { title: t.sign_in.to_owned(), body: body.into_any() })
    })
}

/// `/register`.
#[component]
pub fn RegisterPage() -> impl IntoView {
    page(async |visit: Visit| {
        let (t, texts) = (visit.page_texts(), visit.texts());
        let fields = vec![
            email_field(t.email),
            Field {
                name: "username".to_owned(),
                label: t.username.to_owned(),
                autocomplete: "nickname".to_owned(),
                required: true,
                chars: Some((1, limits::USERNAME_CHARS_MAX)),
                ..Field::default()
            },
            Field {
                hint: Some(texts.rule_password.to_owned()),
                autocomplete: "new-password".to_owned(),
                chars: Some((limits::PASSWORD_CHARS_MIN, limits::PASSWORD_CHARS_MAX)),
                ..password_field(t.password)
            },
        ];
        let spec = form(&visit, "/api/ui/register", t.register, fields);
        let login = with_next("/login", &visit);
        let body = view! {
            <div class="card narrow">
                <KeptForm spec=spec />
                <p class="muted">{t.have_account} " " <a href=login>{t.sign_in}</a></p>
            </div>
        };
        Ok(Page { title: t.register.to_owned(), body: body.into_any() })
    })
}

fn form(visit: &Visit, action: &str, submit: &str, fields: Vec<Field>) -> FormSpec {
    FormSpec {
        lang: visit.lang,
        action: action.to_owned(),
        fields,
        submit: submit.to_owned(),
        next: Some(next(visit)),
        error: visit.form_error(),
    }
}

fn next(visit: &Visit) -> String {
    local_path(&visit.query("next").unwrap_or_default()).to_owned()
}

fn with_next(page: &str, visit: &Visit) -> String {
    format!("{page}?next={}", next(visit))
}

/// Password managers take the e-mail address for the user name.
fn email_field(label: &str) -> Field {
    Field {
        name: "email".to_owned(),
        label: label.to_owned(),
        kind: FieldKind::Email,
        autocomplete: "username".to_owned(),
        required: true,
        chars: Some((3, limits::EMAIL_CHARS_MAX)),
        ..Field::default()
    }
}

fn password_field(label: &str) -> Field {
    Field {
        name: "password".to_owned(),
        label: label.to_owned(),
        kind: FieldKind::Password,
        required: true,
        ..Field::default()
    }
}
