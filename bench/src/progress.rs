//! Progress messages.

/// Prints a message to standard error; standard output is for the report.
pub fn progress(message: &str) {
    eprintln!("{message}");
}
