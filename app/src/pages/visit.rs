//! A reader's request for a page, and how a page is made from it.

use super::{
    icon::{Icon, icon},
    layout,
};
use crate::{
    cookies::{self, SecureCookies},
    fault,
    form_input::{ZONE_COOKIE, Zone},
    i18n::{CommonMessages, PageMessages},
    lang::Lang,
    page_url::{self, local_path, query},
    saved_form, session,
    theme::Theme,
};
use domain::{ApiError, ErrorCode, api::accounts::User, bounded::Search};
use engine::Engine;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    kept: Option<saved_form::FormFields>,
    /// Whether the kept form is the reader's own, and not one of someone who had not signed in.
    kept_is_own: bool,
    response: ResponseOptions,
}

/// What the reader asks of a form's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The form as it is at first.
    Fresh,
    /// The form as it was typed.
    Typed,
    /// What would happen.
    Review,
}

/// A page that is ready.
pub(super) struct Page {
    /// Its title and main heading.
    pub(super) title: String,
    /// What is below the heading.
    pub(super) body: AnyView,
    /// Its form, where what is typed into it goes along to another language or theme.
    pub(super) form: Option<PageForm>,
}

/// The form of a page.
#[derive(Clone, Copy)]
pub(super) struct PageForm {
    /// Its `id`.
    pub(super) id: &'static str,
    /// What the Enter key in one of its fields asks of the page (the `step`).
    pub(super) enter: &'static str,
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
    pub(super) fn common_messages(&self) -> &'static CommonMessages {
        self.lang.common_messages()
    }

    /// The texts of pages.
    pub(super) fn page_messages(&self) -> &'static PageMessages {
        self.lang.page_messages()
    }

    /// The address of this page, to come back to.
    pub(super) fn here(&self) -> String {
        self.here.clone()
    }

    /// What was typed into a field of the form that is shown again here.
    pub(super) fn typed(&self, field: &str) -> Option<String> {
        self.kept.as_ref()?.get(field)?.as_str().map(str::to_owned)
    }

    /// The whole form that is shown again here, as a draft; fields that are missing are empty.
    pub(super) fn draft<T: DeserializeOwned + Default>(&self) -> T {
        let fields = self.kept.clone().unwrap_or_default();
        serde_json::from_value(Value::Object(fields)).unwrap_or_default()
    }

    /// What the reader asks of this form's page.
    pub(super) fn step(&self) -> Step {
        match self.query(query::STEP).as_deref() {
            // A form that is gone, for its day is over.
            _ if self.kept.is_none() => Step::Fresh,
            // Nobody is shown somebody else's form to confirm.
            Some(saved_form::REVIEW) if self.kept_is_own => Step::Review,
            _ => Step::Typed,
        }
    }

    /// Says by the page's status that the form cannot be carried out.
    pub(super) fn refuse(&self, error: &ApiError) {
        if let Ok(status) = StatusCode::from_u16(error.code.http_status()) {
            self.response.set_status(status);
        }
    }

    /// The zone of an admin's times; UTC until there is one.
    pub(super) fn zone(&self) -> Zone {
        let zone = cookies::cookie(&self.headers, ZONE_COOKIE).and_then(|zone| Zone::parse(zone).ok());
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

    /// What was wrong with the plain form that sent the reader back here.
    pub(super) fn form_error(&self) -> Option<ApiError> {
        page_url::error_from_query(|name| self.query(name))
    }

    /// Finds out who asks, and what they typed.
    async fn find_out(&mut self, token: Option<String>, secure: SecureCookies) -> Result<(), PageError> {
        self.user = session::user_of(&self.engine, token.clone()).await.map_err(PageError::Failed)?;
        let end = token.and_then(|token| self.engine.session_end(&token).ok());
        let session = self.user.as_ref().map(|user| user.user_id).zip(end);
        if let Some(cookie) = session::mend_companion(&self.headers, session, self.engine.now(), secure) {
            self.response.append_header(header::SET_COOKIE, cookie);
        }
        if let Some(name) = self.query(query::FORM) {
            let owner = self.user.as_ref().map(|user| user.user_id);
            let found = saved_form::load(&self.engine, owner, &name).await?;
            self.kept_is_own = found.as_ref().is_some_and(|(_, is_own)| *is_own);
            self.kept = found.map(|(fields, _)| fields);
        }
        Ok(())
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
    let mut visit = Visit {
        engine: expect_context(),
        user: None,
        lang: Lang::of_headers(&parts.headers),
        theme: Theme::of_headers(&parts.headers),
        here: here(&parts.uri).to_owned(),
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: parts.headers.clone(),
        kept: None,
        kept_is_own: false,
        response: expect_context(),
    };
    let token = session::cookie_token(&parts.headers);
    // A server that forgets to tell gets the safe default.
    let secure = use_context().unwrap_or(SecureCookies(true));
    let ready = Suspend::new(async move {
        let made = match visit.find_out(token, secure).await {
            Ok(()) => load(visit.clone()).await,
            Err(error) => Err(error),
        };
        let page = made.unwrap_or_else(|error| failure(&visit, error));
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

fn failure(visit: &Visit, error: PageError) -> Page {
    let error = match error {
        PageError::Failed(error) => error,
        PageError::SignIn => {
            visit.response.set_status(StatusCode::SEE_OTHER);
            let address = HeaderValue::try_from(page_url::sign_in_url(&visit.here));
            visit.response.insert_header(header::LOCATION, address.unwrap_or(HeaderValue::from_static("/login")));
            ApiError::new(ErrorCode::NotAuthenticated, "")
        }
    };
    if error.code != ErrorCode::NotAuthenticated {
        let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        visit.response.set_status(status);
    }
    error_page(visit, &error)
}

/// The page that tells an error.
fn error_page(visit: &Visit, error: &ApiError) -> Page {
    let (t, messages) = (visit.page_messages(), visit.common_messages());
    let (title, hint) = match error.code.http_status() {
        404 => (t.not_found_title, t.not_found_hint.to_owned()),
        401 | 403 => (t.forbidden_title, messages.error(error)),
        _ => (t.failed_title, messages.error(error)),
    };
    let sign_in = visit.user.is_none().then(|| {
        view! { <a class="button" href=page_url::sign_in_url(&visit.here)>{t.sign_in}</a> }
    });
    let body = view! {
        <div class="empty">
            {icon(Icon::Empty)} <p role="alert">{hint}</p> <p class="actions">
                <a class="button primary" href="/">{t.back_home}</a>
                {sign_in}
            </p>
        </div>
    };
    Page { title: title.to_owned(), body: body.into_any(), form: None }
}
