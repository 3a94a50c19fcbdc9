//! What Gavel's tests are built on: real PostgreSQL and Redis, with a database and a key prefix of its own for every
//! test, and a clock that only moves when a test sets it.
//!
//! `DATABASE_URL` and `REDIS_URL` name the servers (`make test` sets them). Databases are called
//! `gavel_test_*`; `make test` drops them before and after. `GAVEL_TEST_POOLER`, as host and port, puts a
//! pooler in transaction mode between engine and database.
#![expect(clippy::missing_panics_doc, reason = "every function here panics if the test has failed")]

mod redis_server;
mod sample_data;
mod stores;
mod wait;
mod world;

pub use redis_server::{RedisCluster, RedisServer};
pub use sample_data::{LOCALHOST, PASSWORD, minute, noon, price, registration};
pub use stores::Stores;
pub use wait::eventually;
pub use world::World;
