//! Exponential backoff with jitter, for connecting and sending again.

const FIRST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 20_000.0;

/// The wait in milliseconds before retry number `attempt` (from 0): doubles up to a limit, with jitter so that clients of
/// a restarted server do not all come back at once. `random` is from 0 to 1.
pub(crate) fn wait_ms(attempt: u32, random: f64) -> f64 {
    let ceiling = (FIRST_MS * f64::from(1_u32 << attempt.min(10))).min(LONGEST_MS);
    // At least half, so that every client's wait grows.
    ceiling * (0.5 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "sums of powers of two are exact")]
    fn waits_double_up_to_a_limit() {
        assert_eq!(wait_ms(0, 0.0), 250.0);
        assert_eq!(wait_ms(0, 1.0), 500.0);
        assert_eq!(wait_ms(1, 1.0), 1000.0);
        assert_eq!(wait_ms(u32::MAX, 1.0), LONGEST_MS);
    }
}
