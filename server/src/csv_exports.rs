//! CSV exports for admins: orders, bids and participants of a campaign, and the audit log.
//!
//! Records follow RFC 4180. The file begins with a byte order mark, without which Excel does not recognise UTF-8; other
//! programs skip it. A cell that a spreadsheet would evaluate as a formula is prefixed with an apostrophe, because
//! users choose their names. An export is sent while it is read, page by page, so that memory use does not grow with
//! its length.

use crate::{
    http::{
        authentication::CurrentAdmin,
        error_response::{ErrorResponse, HandlerResult},
        url_params::PathId,
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
use domain::{CampaignId, UserId, api::accounts::User};
use engine::{AuditEntry, BidHistoryRange, Engine, ExportedBid, ExportedOrder, ExportedParticipant};
use futures_util::stream;
use http::header;
use std::sync::Arc;
use uuid::Uuid;

/// Records read at a time.
const PAGE_RECORDS: u32 = 1000;
/// The byte order mark in UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The routes of the exports.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/admin/campaigns/{id}/orders.csv", get(orders))
        .route("/admin/campaigns/{id}/bids.csv", get(bids))
        .route("/admin/campaigns/{id}/participants.csv", get(participants))
        .route("/admin/audit.csv", get(audit))
}

async fn orders(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<CampaignId>,
) -> HandlerResult<Response> {
    let columns = ["rank", "order_id", "user_id", "email", "username", "price", "score", "ordered_at"];
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
    let file = ExportedFile { engine: engine.clone(), actor: actor.clone(), campaign: Some(id), name: "orders" };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.exports.orders_after(&actor, id, after, PAGE_RECORDS).await }
    };
    export(file, &columns, record, 0, |line| line.final_rank, read).await
}

async fn bids(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<CampaignId>,
) -> HandlerResult<Response> {
    let columns =
        ["order", "bid_id", "user_id", "username", "bid_number", "price", "score", "elapsed_ms", "accepted_at"];
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
    let range = engine.exports.bid_history_range(&actor, id).await.map_err(ErrorResponse::for_path_resource)?;
    let file = ExportedFile { engine: engine.clone(), actor: actor.clone(), campaign: Some(id), name: "bids" };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        let rest = BidHistoryRange { after, ..range };
        async move { engine.exports.bids_after(&actor, id, rest, PAGE_RECORDS).await }
    };
    export(file, &columns, record, range.after, |line| line.accepted_seq, read).await
}

async fn participants(
    State(engine): State<Engine>,
    CurrentAdmin(actor): CurrentAdmin,
    PathId(id): PathId<CampaignId>,
) -> HandlerResult<Response> {
    let columns = [
        "user_id",
        "email",
        "username",
        "weight",
        "bids",
        "price",
        "score",
        "elapsed_ms",
        "accepted_at",
        "void_cause",
        "void_reason",
    ];
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
            line.void_cause.clone().unwrap_or_default(),
            line.void_reason.clone().unwrap_or_default(),
        ]
    };
    let file = ExportedFile { engine: engine.clone(), actor: actor.clone(), campaign: Some(id), name: "participants" };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.exports.participants_after(&actor, id, after, PAGE_RECORDS).await }
    };
    let before_all = UserId(Uuid::nil());
    export(file, &columns, record, before_all, |line| line.user_id, read).await
}

async fn audit(State(engine): State<Engine>, CurrentAdmin(actor): CurrentAdmin) -> HandlerResult<Response> {
    let columns = ["audit_id", "time", "actor_id", "actor", "action", "target", "before", "after"];
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
    let file = ExportedFile { engine: engine.clone(), actor: actor.clone(), campaign: None, name: "audit" };
    let read = move |after| {
        let (engine, actor) = (engine.clone(), actor.clone());
        async move { engine.audit_log.entries_after(&actor, after, PAGE_RECORDS).await }
    };
    export(file, &columns, record, 0, |entry| entry.audit_id, read).await
}

/// A file that an admin downloads.
struct ExportedFile {
    engine: Engine,
    actor: Arc<User>,
    /// The campaign it is about; `None` if it is about everything.
    campaign: Option<CampaignId>,
    name: &'static str,
}

/// Records the export and sends all records: those after the key `first`, then those after the key of the last one read, and so on. The first
/// page is read before the response begins, so that an error still sets its status.
async fn export<L, K, F>(
    file: ExportedFile,
    columns: &[&str],
    record: fn(&L) -> Vec<String>,
    first: K,
    key: fn(&L) -> K,
    read: impl Fn(K) -> F + Clone + Send + 'static,
) -> HandlerResult<Response>
where
    L: Send + Sync + 'static,
    K: Send + 'static,
    F: Future<Output = engine::Result<Vec<L>>> + Send,
{
    let page = read(first).await.map_err(ErrorResponse::for_path_resource)?;
    let ExportedFile { engine, actor, campaign, name } = file;
    engine.audit_log.record_export(&actor, campaign, name).await?;
    let file = campaign.map_or_else(|| format!("{name}.csv"), |campaign| format!("{name}-{campaign}.csv"));
    let mut header_row = BOM.to_vec();
    header_row.extend(encode([columns.iter().map(|name| (*name).to_owned()).collect()])?);
    let pages = stream::try_unfold((header_row, Some(page)), move |(mut bytes, page)| {
        let read = read.clone();
        async move {
            let Some(page) = page else { return Ok(None) };
            bytes.extend(encode(page.iter().map(record))?);
            let next = match page.last() {
                Some(last) if page.len() == PAGE_RECORDS as usize => Some(read(key(last)).await?),
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
    let failed = |why: String| engine::Error::Internal(format!("an export could not be written: {why}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record.into_iter().map(escape_formula)).map_err(|error| failed(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

/// Prefixes a cell with an apostrophe if a spreadsheet would evaluate it as a formula.
fn escape_formula(cell: String) -> String {
    // Spreadsheets skip a byte order mark, and take full-width signs for the usual ones.
    let is_formula = |c: char| "=+-@＝＋－＠\t\r\n".contains(c);
    if cell.trim_start_matches('\u{feff}').starts_with(is_formula) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_csv_requires_it() {
        let record = ["plain", "a,b", "say \"no\"", "two\nlines", "名稱"].map(str::to_owned).to_vec();
        let bytes = encode([record]).expect("encodes");
        assert_eq!(
            String::from_utf8(bytes).expect("UTF-8"),
            "plain,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",名稱\r\n"
        );
    }

    #[test]
    fn formulas_are_escaped_and_other_cells_are_not() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A1", "\u{feff}=1"]
        {
            assert_eq!(escape_formula(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["1-1", "a=b", "", "名稱"] {
            assert_eq!(escape_formula(cell.to_owned()), cell);
        }
    }
}
