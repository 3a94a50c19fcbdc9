//! The parts that pages are made of. They know the page's context, but no page.

pub(crate) mod campaign_card;
pub(crate) mod campaign_countdown;
pub(crate) mod device_name;
pub(crate) mod display_name;
pub(crate) mod done_line;
pub(crate) mod empty_list;
pub(crate) mod escaped_text;
pub(crate) mod form_field;
pub(crate) mod icon;
pub(crate) mod pagination;
pub(crate) mod phase_badge;
pub(crate) mod preferences;
pub(crate) mod product_picture;
pub(crate) mod time_tag;
