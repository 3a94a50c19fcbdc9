//! What a page provides to the layout.

use leptos::prelude::{AnyView, IntoAny};

/// A rendered page, without the layout.
pub(crate) struct PageContent {
    /// Its title and main heading.
    pub(crate) title: String,
    /// What is below the heading.
    pub(crate) body: AnyView,
    /// Its form, if what is typed into it must survive a change of the language or theme.
    pub(crate) form: Option<PageForm>,
    /// The class of the `main` element, if the page is laid out in a way of its own.
    pub(crate) class: Option<&'static str>,
}

impl PageContent {
    /// A page without a form that must survive, laid out as usual.
    pub(crate) fn new(title: impl Into<String>, body: impl IntoAny) -> Self {
        Self { title: title.into(), body: body.into_any(), form: None, class: None }
    }
}

/// The form of a page.
#[derive(Clone, Copy)]
pub(crate) struct PageForm {
    /// Its `id`.
    pub(crate) id: &'static str,
    /// The `step` that the Enter key in one of its fields submits.
    pub(crate) enter: &'static str,
}
