//! What is read from the machine, the processes and the server around a measurement.

pub mod cpu;
pub mod fsync_rate;
pub mod machine;
pub mod memory;
pub mod server_metrics;
