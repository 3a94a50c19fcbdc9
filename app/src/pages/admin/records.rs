//! Lists of records: a table, whose rows are cards on a phone.

use leptos::{either::Either, prelude::*};

/// What a column holds, and its heading.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// The record's name or the like, which is cut where there is no room.
    Name(&'static str),
    /// Anything else.
    Text(&'static str),
    /// Numbers.
    Number(&'static str),
    /// Where one can go from a record; it says so itself.
    Link,
}

impl Column {
    fn heading(self) -> Option<&'static str> {
        match self {
            Self::Name(heading) | Self::Text(heading) | Self::Number(heading) => Some(heading),
            Self::Link => None,
        }
    }

    fn class(self) -> Option<&'static str> {
        match self {
            Self::Name(_) => Some("name"),
            Self::Number(_) => Some("number"),
            Self::Text(_) | Self::Link => None,
        }
    }
}

/// The list `name`. A row has a cell for each column, the first of which names the record.
pub(super) fn records<const N: usize>(
    name: &'static str,
    columns: [Column; N],
    rows: impl Iterator<Item = [AnyView; N]>,
) -> AnyView {
    let headings = columns.map(|column| match column.heading() {
        Some(heading) => {
            Either::Left(view! { <th role="columnheader" scope="col" class=column.class()>{heading}</th> })
        }
        None => Either::Right(view! { <td role="cell"></td> }),
    });
    let rows = rows.map(|cells| {
        let cells = columns.into_iter().zip(cells).enumerate().map(|(n, (column, cell))| {
            if n == 0 {
                Either::Left(view! { <th role="rowheader" scope="row" class=column.class()>{cell}</th> })
            } else {
                Either::Right(view! { <td role="cell" class=column.class() data-heading=column.heading()>{cell}</td> })
            }
        });
        view! { <tr role="row">{cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    // The table keeps its roles whatever display its parts get in a style sheet.
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=name>
            <table class="records" role="table">
                <thead role="rowgroup">
                    <tr role="row">{headings.into_iter().collect_view()}</tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
