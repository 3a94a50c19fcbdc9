//! The engine's statement for a batch of bids, taken from its source so that the baseline always runs the same one.

use crate::error::Result;

const ENGINE_SOURCE: &str = include_str!("../../../../engine/src/bidding/batch_statement.rs");
const STATEMENT_START: &str = "WITH edit_lock AS MATERIALIZED (";

/// The statement with its parameters replaced by SQL expressions.
pub fn with_values(values: &[String]) -> Result<String> {
    replace_parameters(find()?, values)
}

fn find() -> Result<&'static str> {
    let mut raw_strings = ENGINE_SOURCE.split("r#\"").filter_map(|from| Some(from.split_once("\"#")?.0));
    let found = raw_strings.find(|text| text.starts_with(STATEMENT_START));
    found.ok_or_else(|| "the engine's source no longer contains its statement for a batch".into())
}

fn replace_parameters(statement: &str, values: &[String]) -> Result<String> {
    let mut replaced = statement.to_owned();
    if replaced.contains(&format!("${}", values.len() + 1)) {
        return Err("the engine's statement for a batch has new parameters".into());
    }
    // From the last one down, because `$1` is also the start of `$10`.
    for (at, value) in values.iter().enumerate().rev() {
        let parameter = format!("${}", at + 1);
        if !replaced.contains(&parameter) {
            return Err(format!("the engine's statement for a batch no longer has {parameter}").into());
        }
        replaced = replaced.replace(&parameter, value);
    }
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_statement_is_found_and_has_the_parameters_we_replace() {
        let statement = find().expect("it is in the source");
        assert!(statement.starts_with("WITH edit_lock") && statement.contains("INSERT INTO bid_events"));
        let values: Vec<String> = (1..=10).map(|n| format!("value{n}")).collect();
        assert!(with_values(&values).expect("all are replaced").contains("value8::timestamptz[]"));
        assert!(with_values(&values[..9]).is_err());
    }
}
