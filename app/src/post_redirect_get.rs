//! Forms that go back to their page: to be reviewed, or to be shown again after an error or a change of the language or
//! theme. A page is never the response to a POST: the form is stored in the database, and the browser is redirected to
//! the page's URL, which names the stored form. So every page can be reloaded and revisited, with and without scripts,
//! however long the form.

use crate::{
    i18n::LANG_COOKIE,
    lang::Lang,
    page_url::{local_path, query, with_error, with_query},
    rendered_for_user::{self, FormUser},
    theme::{THEME_COOKIE, Theme},
};
use domain::{UserId, api::accounts::User};
use engine::Engine;
use http::{HeaderValue, Uri};
use serde::Serialize;
use serde_json::{Map, Value};
use web::cookie_headers::{SecureCookies, preference_cookie};

/// A form's fields by name; all values are strings.
pub(crate) type FormFields = Map<String, Value>;

/// The value of the `step` query that asks a form's page for the review instead of the form.
pub(crate) const REVIEW: &str = "review";

/// Fields of the header's buttons, which are not part of the form.
const LANG: &str = "lang";
const THEME: &str = "theme";

/// Where to redirect a form that was posted to its own page.
#[derive(Debug)]
pub struct FormRedirect {
    /// The page's URL.
    pub url: String,
    /// The `Set-Cookie` value of the chosen language or theme, if that was the button.
    pub cookie: Option<HeaderValue>,
}

/// Stores a form that an admin posted to its page at `uri`, for review unless its button says otherwise, or to be shown
/// again in another language or theme. Nothing else is changed. A form that was rendered for another user is shown again
/// with that error.
pub async fn save_posted_form(
    engine: &Engine,
    user: &User,
    uri: &Uri,
    fields: Vec<(String, String)>,
    secure: SecureCookies,
) -> Result<FormRedirect, engine::Error> {
    let changed = FormUser::of_fields(&fields).check(user.user_id).err();
    let mut fields: FormFields = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    // The page renders this field anew, for the current user.
    fields.remove(rendered_for_user::USER_FIELD);
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(value)) => Some(value),
        _ => None,
    };
    let (step, lang, theme) = (take(query::STEP), take(LANG), take(THEME));
    let current = local_path(uri.path_and_query().map_or("/", |url| url.as_str()));
    let is_choice = lang.is_some() || theme.is_some();
    let is_review = step.is_none_or(|step| step == REVIEW);
    let page = match &changed {
        Some(_) => with_query(current, &[(query::STEP, None)]),
        None if is_choice => current.to_owned(),
        None => with_query(current, &[(query::STEP, is_review.then_some(REVIEW))]),
    };
    let lang = lang.as_deref().and_then(Lang::from_tag).map(|lang| (LANG_COOKIE, lang.tag()));
    let theme = theme.as_deref().and_then(Theme::from_name).map(|theme| (THEME_COOKIE, theme.name()));
    let cookie = lang.or(theme).and_then(|(name, value)| preference_cookie(name, value, secure));
    let name = save(engine, Some(user.user_id), &fields).await?;
    let url = with_query(&page, &[(query::FORM, name.as_deref())]);
    let url = match changed {
        Some(error) => with_error(&url, &error),
        None => url,
    };
    Ok(FormRedirect { url, cookie })
}

/// The saved form that a posted form was made from, if any. The server provides it as context to the server functions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SavedFormId(pub(crate) Option<String>);

impl SavedFormId {
    /// The saved form named in a form's URL-encoded body.
    pub fn of_body(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).find(|(name, _)| name == query::FORM).map(|(_, id)| id.into_owned()))
    }
}

/// Stores a form that was posted to its page at `uri` after someone else had signed in, and returns the URL at which
/// the user it was rendered for finds it again, as typed, but not under review: nobody knows who sent it. `None` if it
/// was rendered for the sender.
///
/// # Errors
/// `UNAVAILABLE` if it cannot be stored.
pub async fn save_form_of_other_user(
    engine: &Engine,
    sender: &User,
    uri: &Uri,
    fields: Vec<(String, String)>,
) -> Result<Option<String>, engine::Error> {
    if FormUser::of_fields(&fields).user().is_none_or(|user| user == sender.user_id) {
        return Ok(None);
    }
    let dropped = [rendered_for_user::USER_FIELD, query::STEP, LANG, THEME];
    let fields = fields.into_iter().filter(|(name, _)| !dropped.contains(&name.as_str()));
    let fields: FormFields = fields.map(|(name, value)| (name, Value::String(value))).collect();
    let Some(name) = save_for_another_user(engine, &fields).await? else { return Ok(None) };
    let current = local_path(uri.path_and_query().map_or("/", |url| url.as_str()));
    Ok(Some(with_query(&with_query(current, &[(query::STEP, None)]), &[(query::FORM, Some(&name))])))
}

/// Stores the fields of a form that was rendered for another user than its sender, and returns their name; none if they
/// are too long.
pub(crate) async fn save_for_another_user(
    engine: &Engine,
    fields: &(impl Serialize + Sync),
) -> Result<Option<String>, engine::Error> {
    engine.saved_forms.save_for_another_user(&serde_json::to_string(fields).unwrap_or_default()).await
}

/// Stores a form's fields and returns their name; none if the store refuses them.
pub(crate) async fn save(
    engine: &Engine,
    owner: Option<UserId>,
    fields: &(impl Serialize + Sync),
) -> Result<Option<String>, engine::Error> {
    let fields = serde_json::to_string(fields).unwrap_or_default();
    engine.saved_forms.save(owner, &fields).await
}

/// The fields of a stored form, and whether the user is its owner; `None` if it has expired or belongs to someone else.
pub(crate) async fn load(
    engine: &Engine,
    owner: Option<UserId>,
    name: &str,
) -> Result<Option<(FormFields, bool)>, engine::Error> {
    let form = engine.saved_forms.find(owner, name).await?;
    Ok(form.and_then(|form| Some((serde_json::from_str(&form.fields).ok()?, form.is_own))))
}
