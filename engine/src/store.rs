//! Access to the two stores: PostgreSQL, which decides every result, and Redis, which holds a projection of it.

pub mod cache;
pub mod columns;
pub mod combined_reads;
pub mod database;
pub mod database_pools;
pub mod keys;
pub mod paced_reads;
pub mod public_reads;
pub mod redis;
pub mod schema;
pub mod transaction;
