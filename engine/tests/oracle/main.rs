//! The oracle: random histories through real engines and through a model that can be checked by
//! eye. See `docs/correctness.md`.

mod chance;
mod concurrent;
mod defences;
mod failures;
mod history;
mod model;
mod processes;
