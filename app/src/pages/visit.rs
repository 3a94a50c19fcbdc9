//! A reader's request for a page, and how a page is made from it.

use super::{
    icon::{Icon, icon},
    layout,
};
use crate::{
    drafts::{ZONE_COOKIE, Zone},
    fault,
    i18n::{Lang, PageTexts, Texts},
    pages::PostedForm,
    server_fns::request::{self, check_page_user, local_path, query, with_next},
    session::{self, SecureCookies},
    theme::Theme,
};
use domain::{ApiError, ErrorCode, FieldError, api::accounts::User, bounded::Search};
use engine::Engine;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// What a page knows of its request.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) engine: Engine,
    pub(super) user: Option<User>,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) path: String,
    query: Vec<(String, String)>,
    here: String,
    headers: HeaderMap,
}

/// A page that is ready.
pub(super) struct Page {
    /// Its title and main heading.
    pub(super) title: String,
    /// What is below the heading.
    pub(super) body: AnyView,
}

/// Why there is no page.
pub(super) enum PageError {
    /// An error to tell, with its status.
    Failed(ApiError),
    /// The reader must sign in first.
    SignIn,
    /// The form posted here is someone else's.
    SessionChanged,
}

impl From<engine::Error> for PageError {
    fn from(error: engine::Error) -> Self {
        Self::Failed(fault::to_api(&error))
    }
}

impl From<ErrorCode> for PageError {
    fn from(code: ErrorCode) -> Self {
        Self::Failed(ApiError::new(code, ""))
    }
}

impl Visit {
    /// The texts of forms and errors.
    pub(super) fn texts(&self) -> &'static Texts {
        self.lang.texts()
    }

    /// The texts of pages.
    pub(super) fn page_texts(&self) -> &'static PageTexts {
        self.lang.page_texts()
    }

    /// The address of this page, to come back to.
    pub(super) fn here(&self) -> String {
        self.here.clone()
    }

    /// What was typed into a field of the plain form that sent the reader back here.
    pub(super) fn typed(&self, field: &str) -> Option<String> {
        request::typed(&self.headers, field)
    }

    /// The zone of an admin's times; UTC until there is one.
    pub(super) fn zone(&self) -> Zone {
        let zone = session::cookie(&self.headers, ZONE_COOKIE).and_then(|zone| Zone::parse(zone).ok());
        zone.unwrap_or_default()
    }

    /// The last part of the path, where pages of one thing have its id. The router's parameters
    /// would say the same, but it has none for addresses that lead nowhere.
    pub(super) fn path_id(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// A value of the query. Read here, for the router would decode it twice.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        self.query.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// What a list is searched for. No page answers what nothing could be found by.
    pub(super) fn search(&self) -> Result<Search, PageError> {
        self.query("q").unwrap_or_default().parse().map_err(|_| ErrorCode::NotFound.into())
    }

    /// The signed-in reader.
    pub(super) fn member(&self) -> Result<&User, PageError> {
        self.user.as_ref().ok_or(PageError::SignIn)
    }

    /// The signed-in reader, who must be an admin.
    pub(super) fn admin(&self) -> Result<&User, PageError> {
        let user = self.member()?;
        if user.is_admin { Ok(user) } else { Err(ErrorCode::AdminRequired.into()) }
    }

    /// Refuses a form posted to this page that comes from someone else's. Refused once, it is only
    /// to be shown again.
    fn check_posted(&self, posted: Option<&PostedForm>) -> Result<(), PageError> {
        match (posted, &self.user) {
            (Some(_), Some(user)) if self.query(query::ERROR).is_none() => {
                check_page_user(posted, user.user_id).map_err(|_| PageError::SessionChanged)
            }
            _ => Ok(()),
        }
    }

    /// What was wrong with the plain form that sent the reader back here.
    pub(super) fn form_error(&self) -> Option<ApiError> {
        let code = self.query(query::ERROR)?;
        let code = ErrorCode::ALL.iter().find(|known| known.as_str() == code)?;
        let fields = self.query(query::FIELDS).unwrap_or_default();
        let errors = fields
            .split(',')
            .filter(|field| !field.is_empty())
            .take(20)
            .map(|field| FieldError { field: field.to_owned(), message: String::new() });
        Some(ApiError {
            errors: errors.collect(),
            min_price: self.query(query::MIN_PRICE).and_then(|price| price.parse().ok()),
            server_time: self.query(query::SERVER_TIME).and_then(|time| time.parse().ok()),
            ..ApiError::new(*code, "")
        })
    }
}

/// Makes a page: finds out who asks, loads it, and puts the layout around it, or an error page
/// with the error's status.
pub(super) fn page<F, Fut>(load: F) -> impl IntoView
where
    F: FnOnce(Visit) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Page, PageError>> + Send + 'static,
{
    // Context is read before the first await: afterwards it may be gone.
    let parts = expect_context::<Parts>();
    let response = expect_context::<ResponseOptions>();
    let mut visit = Visit {
        engine: expect_context(),
        user: None,
        lang: Lang::of_headers(&parts.headers),
        theme: Theme::of_headers(&parts.headers),
        here: here(&parts.uri).to_owned(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers.clone(),
        query: parts
            .uri
            .query()
            .map(|query| form_urlencoded::parse(query.as_bytes()).into_owned().collect())
            .unwrap_or_default(),
    };
    let token = session::cookie_token(&parts.headers);
    let posted = use_context::<PostedForm>();
    // A server that forgets to tell gets the safe default.
    let secure = use_context().unwrap_or(SecureCookies(true));
    let ready = Suspend::new(async move {
        let made = match session::user_of(&visit.engine, token.clone()).await {
            Ok(user) => {
                visit.user = user;
                let end = token.and_then(|token| visit.engine.session_end(&token).ok());
                let session = visit.user.as_ref().map(|user| user.user_id).zip(end);
                let mended = session::mend_companion(&visit.headers, session, visit.engine.now(), secure);
                if let Some(cookie) = mended {
                    response.append_header(header::SET_COOKIE, cookie);
                }
                match visit.check_posted(posted.as_ref()) {
                    Ok(()) => load(visit.clone()).await,
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(PageError::Failed(error)),
        };
        let page = made.unwrap_or_else(|error| failure(&visit, &response, error));
        // The page's type ends here: spelled out, it would slow the compiler down.
        layout::layout(&visit, page).into_any()
    });
    view! { <Suspense>{ready}</Suspense> }
}

/// The address to come back to; the page without its query where that is too odd to be followed.
fn here(uri: &Uri) -> &str {
    match uri.path_and_query().map_or("/", |here| local_path(here.as_str())) {
        "/" => local_path(uri.path()),
        here => here,
    }
}

fn failure(visit: &Visit, response: &ResponseOptions, error: PageError) -> Page {
    let go_to = |status, address: String| {
        response.set_status(status);
        let address = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/login"));
        response.insert_header(header::LOCATION, address);
    };
    let (error, is_elsewhere) = match error {
        PageError::Failed(error) => (error, false),
        PageError::SignIn => {
            go_to(StatusCode::SEE_OTHER, with_next("/login", &visit.here));
            (ApiError::new(ErrorCode::NotAuthenticated, ""), true)
        }
        PageError::SessionChanged => {
            // Unlike 303 it has the browser post the form again, to be shown as it was typed.
            let error = ApiError::session_changed();
            go_to(StatusCode::TEMPORARY_REDIRECT, request::address_with_error(&visit.path, &error));
            (error, true)
        }
    };
    if !is_elsewhere {
        response
            .set_status(StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
    error_page(visit.lang, visit.user.is_some(), &error)
}

/// The page that tells an error.
pub(super) fn error_page(lang: Lang, signed_in: bool, error: &ApiError) -> Page {
    let (t, texts) = (lang.page_texts(), lang.texts());
    let (title, hint) = match error.code.http_status() {
        404 => (t.not_found_title, t.not_found_hint.to_owned()),
        401 | 403 => (t.forbidden_title, texts.error(error)),
        _ => (t.failed_title, texts.error(error)),
    };
    let sign_in = (!signed_in).then(|| view! { <a class="button" href="/login">{t.sign_in}</a> });
    let body = view! {
        <div class="empty">
            {icon(Icon::Empty)} <p role="alert">{hint}</p> <p class="actions">
                <a class="button primary" href="/">{t.back_home}</a>
                {sign_in}
            </p>
        </div>
    };
    Page { title: title.to_owned(), body: body.into_any() }
}
