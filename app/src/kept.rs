//! Forms on their way back to their page: to be reviewed, or to be shown again because they were
//! refused or because the reader chose another language. A page is never the answer to a POST: the
//! form is kept in the database and the reader goes on to the page's address, which names it. So
//! every page can be reloaded and come back to, with scripts and without, however long its texts.

use crate::{
    address::{local_path, query, with_error, with_query},
    cookies::{SecureCookies, preference_cookie},
    i18n::LANG_COOKIE,
    lang::Lang,
    page_user::{self, PageUser},
    theme::{THEME_COOKIE, Theme},
};
use domain::{UserId, api::accounts::User};
use engine::Engine;
use http::{HeaderValue, Uri};
use serde::Serialize;
use serde_json::{Map, Value};

/// A form's fields by their names; all of them are texts.
pub(crate) type Fields = Map<String, Value>;

/// What a form's page is asked for besides the form as it was typed: what would happen.
pub(crate) const REVIEW: &str = "review";

/// Fields of the buttons, which are no part of the form.
const LANG: &str = "lang";
const THEME: &str = "theme";

/// Where a form goes on to that was posted to its own page.
#[derive(Debug)]
pub struct Onward {
    /// The page's address.
    pub address: String,
    /// The choice of the button, where it was one of language or theme.
    pub cookie: Option<HeaderValue>,
}

/// Keeps a form that an admin posted to its page at `uri`: to review it, unless its button says
/// otherwise, or to come back as it was typed in another language or theme. Nothing else is changed. A form of
/// somebody else's page comes back as it was typed, and its page says why.
pub async fn keep_posted(
    engine: &Engine,
    user: &User,
    uri: &Uri,
    fields: Vec<(String, String)>,
    secure: SecureCookies,
) -> Result<Onward, engine::Error> {
    let changed = PageUser::of_fields(&fields).check(user.user_id).err();
    let mut fields: Fields = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    // From here on it is this user's form.
    fields.remove(page_user::FIELD);
    let mut taken = |name: &str| match fields.remove(name) {
        Some(Value::String(value)) => Some(value),
        _ => None,
    };
    let (step, lang, theme) = (taken(query::STEP), taken(LANG), taken(THEME));
    let here = local_path(uri.path_and_query().map_or("/", |here| here.as_str()));
    let is_choice = lang.is_some() || theme.is_some();
    let is_review = step.is_none_or(|step| step == REVIEW);
    let page = match &changed {
        Some(_) => with_query(here, &[(query::STEP, None)]),
        None if is_choice => here.to_owned(),
        None => with_query(here, &[(query::STEP, is_review.then_some(REVIEW))]),
    };
    let lang = lang.as_deref().and_then(Lang::from_tag).map(|lang| (LANG_COOKIE, lang.tag()));
    let theme = theme.as_deref().and_then(Theme::from_name).map(|theme| (THEME_COOKIE, theme.name()));
    let cookie = lang.or(theme).and_then(|(name, value)| preference_cookie(name, value, secure));
    let name = keep(engine, Some(user.user_id), &fields).await?;
    let address = with_query(&page, &[(query::FORM, name.as_deref())]);
    let address = match changed {
        Some(error) => with_error(&address, &error),
        None => address,
    };
    Ok(Onward { address, cookie })
}

/// Keeps a form's fields, and returns by what name.
pub(crate) async fn keep(
    engine: &Engine,
    owner: Option<UserId>,
    fields: &(impl Serialize + Sync),
) -> Result<Option<String>, engine::Error> {
    let fields = serde_json::to_string(fields).unwrap_or_default();
    engine.keep_form(owner, &fields).await
}

/// The fields of a kept form and whether it is the reader's own; `None` once it is gone, and for others than
/// its owner.
pub(crate) async fn find(
    engine: &Engine,
    owner: Option<UserId>,
    name: &str,
) -> Result<Option<(Fields, bool)>, engine::Error> {
    let form = engine.kept_form(owner, name).await?;
    Ok(form.and_then(|form| Some((serde_json::from_str(&form.fields).ok()?, form.is_own))))
}
