//! Model-based tests: random histories through real engines, compared with a model simple enough to check by eye.
//! See `docs/correctness.md`.

mod concurrent_histories;
mod database_checks;
mod model;
mod multi_process;
mod random;
mod redis_failures;
mod sequential_histories;
