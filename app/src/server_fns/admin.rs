//! The server functions of admins' forms. No island calls them.

mod cancel_campaign;
mod create_campaign;
mod create_product;
mod declare_bid_void;
mod restore_bid;
mod update_campaign;
mod update_product;
mod update_user;

pub use cancel_campaign::{CancelCampaign, cancel_campaign};
pub use create_campaign::{CreateCampaign, create_campaign};
pub use create_product::{CreateProduct, create_product};
pub use declare_bid_void::{DeclareBidVoid, declare_bid_void};
pub use restore_bid::{RestoreBid, restore_bid};
pub use update_campaign::{UpdateCampaign, update_campaign};
pub use update_product::{UpdateProduct, update_product};
pub use update_user::{UpdateUser, update_user};
