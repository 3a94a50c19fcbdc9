//! Renders a page within the layout.

use super::{error_page::error_page, page_content::PageContent, page_frame::page_frame};
use crate::page_context::{PageContext, PageError};
use leptos::prelude::*;

/// Loads the page's context, renders the page with it and puts the layout around it, or around the error page.
pub(crate) fn render_page<F, Fut>(render: F) -> impl IntoView
where
    F: FnOnce(PageContext) -> Fut + Send + 'static,
    Fut: Future<Output = Result<PageContent, PageError>> + Send + 'static,
{
    let mut context = PageContext::of_current_request();
    let rendered = Suspend::new(async move {
        let outcome = match context.load().await {
            Ok(()) => render(context.clone()).await,
            Err(error) => Err(error),
        };
        let page = outcome.unwrap_or_else(|error| error_page(&context, error));
        // The page's type is erased: in full, it would slow down the compiler.
        page_frame(&context, page).into_any()
    });
    view! { <Suspense>{rendered}</Suspense> }
}
