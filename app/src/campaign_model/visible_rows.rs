//! Which rows of a ranking are shown: the top, the rows around the reader and the last winning ones, with gaps between.

use domain::{UserId, api::rankings::RankingRow};

/// Up to this many rows there are no gaps.
pub const ROWS_WITHOUT_GAPS: usize = 15;
/// Rows at the top.
const TOP: usize = 5;
/// Rows before and after the reader's.
const AROUND_ME: usize = 2;
/// The last winning rows.
const LAST: usize = 2;
/// Fewer rows than these are shown instead of a gap.
const GAP_MIN: usize = 3;

/// A line of the table.
#[derive(Clone, PartialEq, Debug)]
pub enum TableLine {
    /// A bidder's row.
    Row(RankingRow),
    /// Rows that are not shown.
    Gap(Vec<RankingRow>),
}

/// The lines of a table of `rows`, of which the last one is the last winner's if `last_is_here`; all rows if `shows_all`.
pub fn visible_rows(rows: &[RankingRow], me: Option<UserId>, last_is_here: bool, shows_all: bool) -> Vec<TableLine> {
    let mut lines = Vec::with_capacity(rows.len());
    let mut hidden: &[RankingRow] = &[];
    let mine = me.and_then(|me| rows.iter().position(|row| row.user_id == me));
    let is_shown = |index: usize| {
        index < TOP
            || (last_is_here && index + LAST >= rows.len())
            || mine.is_some_and(|mine| index.abs_diff(mine) <= AROUND_ME)
    };
    let all = shows_all || rows.len() <= ROWS_WITHOUT_GAPS;
    for (index, row) in rows.iter().enumerate() {
        if all || is_shown(index) {
            close_gap(&mut lines, hidden);
            hidden = &[];
            lines.push(TableLine::Row(row.clone()));
        } else {
            hidden = rows.get(index - hidden.len()..=index).unwrap_or_default();
        }
    }
    close_gap(&mut lines, hidden);
    lines
}

fn close_gap(lines: &mut Vec<TableLine>, hidden: &[RankingRow]) {
    if hidden.len() >= GAP_MIN {
        lines.push(TableLine::Gap(hidden.to_vec()));
    } else {
        lines.extend(hidden.iter().cloned().map(TableLine::Row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Money, Score};

    fn user(n: u64) -> UserId {
        format!("01a20406-9e66-70cc-8ca5-698c727e{n:04x}").parse().expect("an id")
    }

    /// `1 2 3 [4] 8`: ranks, and the lengths of gaps.
    fn shown(total: u64, me: Option<u64>, shows_all: bool) -> String {
        shown_of(total, me, true, shows_all)
    }

    fn shown_of(total: u64, me: Option<u64>, last_is_here: bool, shows_all: bool) -> String {
        let row = |rank| RankingRow {
            rank,
            user_id: user(rank),
            username: String::new(),
            score: Score::from_stored(1.0),
            price: Money::MIN,
        };
        let rows: Vec<_> = (1..=total).map(row).collect();
        let text = |line: &TableLine| match line {
            TableLine::Row(row) => row.rank.to_string(),
            TableLine::Gap(rows) => format!("[{}]", rows.len()),
        };
        visible_rows(&rows, me.map(user), last_is_here, shows_all).iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_top_my_rows_and_those_before_the_line_are_shown() {
        assert_eq!(shown(3, None, false), "1 2 3");
        assert_eq!(shown(15, Some(9), false), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15");
        assert_eq!(shown(40, None, false), "1 2 3 4 5 [33] 39 40");
        assert_eq!(shown(40, Some(20), false), "1 2 3 4 5 [12] 18 19 20 21 22 [16] 39 40");
        assert_eq!(shown(40, Some(2), false), "1 2 3 4 5 [33] 39 40");
        assert_eq!(shown(40, Some(40), false), "1 2 3 4 5 [32] 38 39 40");
        assert_eq!(shown(40, Some(99), false), "1 2 3 4 5 [33] 39 40", "not among the rows");
    }

    #[test]
    fn a_short_gap_is_not_worth_hiding() {
        assert_eq!(shown(16, Some(10), false), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
        assert_eq!(shown(16, Some(11), false), "1 2 3 4 5 [3] 9 10 11 12 13 14 15 16");
    }

    #[test]
    fn where_the_last_winners_are_not_delivered_the_gap_goes_on() {
        assert_eq!(shown_of(100, None, false, false), "1 2 3 4 5 [95]");
        assert_eq!(shown_of(100, Some(99), false, false), "1 2 3 4 5 [91] 97 98 99 100");
    }

    #[test]
    fn all_rows_are_shown_on_demand() {
        assert_eq!(shown(16, None, true), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
    }
}
