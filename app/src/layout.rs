//! How a page becomes a response: its context is loaded, it is rendered, and the layout goes around it.

mod error_page;
mod page_content;
mod page_frame;
mod rendering;

pub(crate) use page_content::{PageContent, PageForm};
pub(crate) use rendering::render_page;
