//! A table of records, whose rows become cards on narrow screens.

use leptos::{either::Either, prelude::*};

/// A column's kind and heading.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// A name or the like, which is truncated if there is no room.
    Name(&'static str),
    /// Any other text.
    Text(&'static str),
    /// Numbers.
    Number(&'static str),
    /// A link from the record, without a heading.
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

/// A table with the accessible name `name`. Each row has a cell per column, the first of which is the row's header.
pub(super) fn data_table<const N: usize>(
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
    // Explicit roles, because a `display` in the style sheet would remove the implicit ones.
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
