//! The e-mails to users, in the language of the page that they asked for them on.

use crate::{
    lang::Lang,
    page_url::{CONFIRM_EMAIL_URL, RESET_PASSWORD_URL, query, with_query},
};
use engine::{Email, EmailLink, Mailer};
use secrecy::ExposeSecret;

/// To somebody who has forgotten their password.
pub(crate) fn password_reset(lang: Lang, mailer: &Mailer, link: &EmailLink) -> Email {
    let t = lang.page_messages();
    let url = url(mailer, RESET_PASSWORD_URL, link);
    Email {
        to: link.user.email.clone(),
        subject: t.mail_reset_subject.to_owned(),
        text: t.mail_reset_text(&link.user.username, &url),
    }
}

/// To a member whose address is not confirmed.
pub(crate) fn confirmation(lang: Lang, mailer: &Mailer, link: &EmailLink) -> Email {
    let t = lang.page_messages();
    let url = url(mailer, CONFIRM_EMAIL_URL, link);
    Email { to: link.user.email.clone(), subject: t.mail_confirm_subject.to_owned(), text: t.mail_confirm_text(&url) }
}

fn url(mailer: &Mailer, page: &str, link: &EmailLink) -> String {
    mailer.link(&with_query(page, &[(query::TOKEN, Some(link.token.expose_secret()))]))
}
