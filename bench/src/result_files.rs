//! The files a run leaves behind.

use crate::{error::Result, progress::progress, report::Report};
use std::{fs, path::Path};

/// Prints the report and writes it to the folder, as JSON and as Markdown.
#[expect(clippy::print_stdout, reason = "the report is the command's output")]
pub fn publish(report: &Report, out: &Path) -> Result<()> {
    let markdown = report.to_string();
    println!("{markdown}");
    let name = file_name(report);
    let (json_path, markdown_path) = (out.join(format!("{name}.json")), out.join(format!("{name}.md")));
    fs::write(&json_path, serde_json::to_string_pretty(report)? + "\n")?;
    fs::write(&markdown_path, markdown)?;
    progress(&format!("written to {} and {}", json_path.display(), markdown_path.display()));
    Ok(())
}

/// A name that sorts by time.
fn file_name(report: &Report) -> String {
    let digits = report.began.to_string().chars().filter(char::is_ascii_digit).take(14).collect::<String>();
    format!("bench-{digits}")
}
