#![no_main]

#[path = "../../domain/tests/parsers/mod.rs"]
mod parsers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| parsers::request_bodies(data));
