//! A reader's request for a page, and how a page is made from it.

use super::{
    icon::{Icon, icon},
    layout,
};
use crate::{
    fault,
    i18n::{Lang, PageTexts, Texts},
    server_fns::request::{self, local_path, query},
    session,
    theme::Theme,
};
use domain::{ApiError, ErrorCode, FieldError, api::accounts::User};
use engine::Engine;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

/// What a page knows of its request.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) engine: Engine,
    pub(super) user: Option<User>,
    pub(super) lang: Lang,
    pub(super) theme: Theme,
    pub(super) path: String,
    query: ParamsMap,
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

    /// The last part of the path, where pages of one thing have its id. The router's parameters
    /// would say the same, but it has none for addresses that lead nowhere.
    pub(super) fn path_id(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// A value of the query.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        self.query.get(name)
    }

    /// The signed-in reader.
    pub(super) fn member(&self) -> Result<&User, PageError> {
        self.user.as_ref().ok_or(PageError::SignIn)
    }

    /// The signed-in reader, who must be an admin.
    pub(super) fn admin(&self) -> Result<&User, PageError> {
        self.user.as_ref().filter(|user| user.is_admin).ok_or(ErrorCode::AdminRequired.into())
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
        here: parts.uri.path_and_query().map_or("/", |here| local_path(here.as_str())).to_owned(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers.clone(),
        query: use_query_map().get_untracked(),
    };
    let token = session::cookie_token(&parts.headers);
    let ready = Suspend::new(async move {
        let made = match session::user_of(&visit.engine, token).await {
            Ok(user) => {
                visit.user = user;
                load(visit.clone()).await
            }
            Err(error) => Err(PageError::Failed(error)),
        };
        let page = made.unwrap_or_else(|error| failure(&visit, &response, error));
        // The page's type ends here: spelled out, it would slow the compiler down.
        layout::layout(&visit, page).into_any()
    });
    view! { <Suspense>{ready}</Suspense> }
}

fn failure(visit: &Visit, response: &ResponseOptions, error: PageError) -> Page {
    let error = match error {
        PageError::Failed(error) => error,
        PageError::SignIn => {
            // Paths of ours that need a member have no letters that need escaping.
            let address = format!("/login?next={}", visit.path);
            response.set_status(StatusCode::SEE_OTHER);
            let address = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/login"));
            response.insert_header(header::LOCATION, address);
            ApiError::new(ErrorCode::NotAuthenticated, "")
        }
    };
    if error.code != ErrorCode::NotAuthenticated {
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
