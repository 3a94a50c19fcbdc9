//! The two stores: PostgreSQL holds the truth, Redis a projection of it.

pub mod cache;
pub mod columns;
pub mod executor;
pub mod keys;
pub mod postgres;
pub mod redis;
