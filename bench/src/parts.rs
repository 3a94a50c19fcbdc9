//! The parts of the benchmark. The closed loops, the open loops and the crowds are all load scenarios.

pub mod baseline;
pub mod fan_out;
pub mod load_scenarios;
pub mod overload;
pub mod scaling;
pub mod settlement;
