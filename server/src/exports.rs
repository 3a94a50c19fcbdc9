//! Exports for spreadsheets: CSV by a plain link, for admins.
//!
//! Records are as RFC 4180 has them. The file begins with a byte order mark, without which Excel
//! takes UTF-8 for something else; other programs skip it. A cell that a spreadsheet would take for
//! a formula gets an apostrophe before it, for names are chosen by strangers. An export is sent as
//! it is read, page by page, so its length is no burden.

use crate::{
    http::{
        extract::{Admin, PathId},
        failure::{Answer, Failure},
    },
    state::AppState,
};
use axum::{
    Router,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{CampaignId, UserId};
use engine::{AuditEntry, Engine, ExportedBid, ExportedOrder, ExportedParticipant};
use futures_util::stream;
use http::header;
use uuid::Uuid;

/// Lines read at a time.
const PAGE_LINES: u32 = 1000;
/// The byte order mark in UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The routes.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin/campaigns/{id}/orders.csv", get(orders))
        .route("/admin/campaigns/{id}/bids.csv", get(bids))
        .route("/admin/campaigns/{id}/participants.csv", get(participants))
        .route("/admin/audit.csv", get(audit))
}

async fn orders(State(engine): State<Engine>, Admin(actor): Admin, PathId(id): PathId<CampaignId>) -> Answer<Response> {
    let head = ["rank", "order_id", "user_id", "email", "username", "price", "score", "ordered_at"];
    let record = |line: &ExportedOrder| {
        vec![
            line.final_rank.to_string(),
            line.order_id.to_string(),
            line.user_id.to_string(),
            line.email.clone(),
            line.username.clone(),
            line.final_price.to_string(),
            line.final_score.get().to_string(),
            line.created_at.to_string(),
        ]
    };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.exports.orders_after(&actor, id, after, PAGE_LINES).await }
    };
    export(&format!("orders-{id}.csv"), &head, record, 0, |line| line.final_rank, read).await
}

async fn bids(State(engine): State<Engine>, Admin(actor): Admin, PathId(id): PathId<CampaignId>) -> Answer<Response> {
    let head = ["order", "bid_id", "user_id", "username", "bid_number", "price", "score", "elapsed_ms", "accepted_at"];
    let record = |line: &ExportedBid| {
        vec![
            line.accepted_seq.to_string(),
            line.bid_id.to_string(),
            line.user_id.to_string(),
            line.username.clone(),
            line.bid_number.to_string(),
            line.price.to_string(),
            line.score.get().to_string(),
            line.time_elapsed_ms.to_string(),
            line.accepted_at.to_string(),
        ]
    };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.exports.bids_after(&actor, id, after, PAGE_LINES).await }
    };
    export(&format!("bids-{id}.csv"), &head, record, 0, |line| line.accepted_seq, read).await
}

async fn participants(
    State(engine): State<Engine>,
    Admin(actor): Admin,
    PathId(id): PathId<CampaignId>,
) -> Answer<Response> {
    let head = ["user_id", "email", "username", "weight", "bids", "price", "score", "elapsed_ms", "accepted_at"];
    let record = |line: &ExportedParticipant| {
        vec![
            line.user_id.to_string(),
            line.email.clone(),
            line.username.clone(),
            line.weight.get().to_string(),
            line.bids.to_string(),
            line.price.to_string(),
            line.score.get().to_string(),
            line.time_elapsed_ms.to_string(),
            line.accepted_at.to_string(),
        ]
    };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.exports.participants_after(&actor, id, after, PAGE_LINES).await }
    };
    let nobody = UserId(Uuid::nil());
    export(&format!("participants-{id}.csv"), &head, record, nobody, |line| line.user_id, read).await
}

async fn audit(State(engine): State<Engine>, Admin(actor): Admin) -> Answer<Response> {
    let head = ["audit_id", "time", "actor_id", "actor", "action", "target", "before", "after"];
    let record = |entry: &AuditEntry| {
        vec![
            entry.audit_id.to_string(),
            entry.created_at.to_string(),
            entry.actor_id.map(|id| id.to_string()).unwrap_or_default(),
            entry.actor_email.clone().unwrap_or_default(),
            entry.action.clone(),
            entry.subject_id.to_string(),
            entry.before.as_ref().map(ToString::to_string).unwrap_or_default(),
            entry.after.to_string(),
        ]
    };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.audit_log.entries_after(&actor, after, PAGE_LINES).await }
    };
    export("audit.csv", &head, record, 0, |entry| entry.audit_id, read).await
}

/// Sends all lines: those after `first`, then those after the `key` of the last, and so on. The
/// first page is read before the answer begins, so that a refusal still has its status.
async fn export<L, K, F>(
    file: &str,
    head: &[&str],
    record: fn(&L) -> Vec<String>,
    first: K,
    key: fn(&L) -> K,
    read: impl Fn(K) -> F + Clone + Send + 'static,
) -> Answer<Response>
where
    L: Send + Sync + 'static,
    K: Send + 'static,
    F: Future<Output = engine::Result<Vec<L>>> + Send,
{
    let page = read(first).await.map_err(Failure::at_path)?;
    let mut begin = BOM.to_vec();
    begin.extend(encode([head.iter().map(|name| (*name).to_owned()).collect()])?);
    let pages = stream::try_unfold((begin, Some(page)), move |(mut bytes, page)| {
        let read = read.clone();
        async move {
            let Some(page) = page else { return Ok(None) };
            bytes.extend(encode(page.iter().map(record))?);
            let next = match page.last() {
                Some(last) if page.len() == PAGE_LINES as usize => Some(read(key(last)).await?),
                _ => None,
            };
            Ok::<_, engine::Error>(Some((bytes, (Vec::new(), next))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

fn encode(records: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, engine::Error> {
    let broken = |why: String| engine::Error::Internal(format!("an export could not be written: {why}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record.into_iter().map(defused)).map_err(|error| broken(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| broken(error.to_string()))
}

/// A cell that no spreadsheet takes for a formula.
fn defused(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_quoted_where_they_must_be() {
        let record = ["plain", "a,b", "say \"no\"", "two\nlines", "名稱"].map(str::to_owned).to_vec();
        let bytes = encode([record]).expect("encodes");
        assert_eq!(
            String::from_utf8(bytes).expect("UTF-8"),
            "plain,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",名稱\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(defused(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["1-1", "a=b", "", "名稱"] {
            assert_eq!(defused(cell.to_owned()), cell);
        }
    }
}
