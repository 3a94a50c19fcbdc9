//! The JSON of the HTTP API, one file per subject.

pub mod accounts;
pub mod bids;
pub mod campaigns;
pub mod orders;
pub mod products;
pub mod rankings;
mod text;
