//! A campaign as a calendar file, so that bidders do not miss its start.
//!
//! The format is RFC 5545: lines end with CRLF, are folded at 75 bytes, and texts escape their separators.

use crate::{
    config::ServerConfig,
    http::{
        error_response::{ErrorResponse, HandlerResult},
        url_params::PathId,
    },
    state::AppState,
};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{CampaignId, CampaignStatus, Timestamp, api::campaigns::Campaign};
use http::{HeaderMap, header};

/// The bytes of a line, at most, without its end.
const LINE_BYTES_MAX: usize = 75;

/// The route of the calendar file.
pub fn router() -> Router<AppState> {
    Router::new().route("/campaigns/{id}/calendar.ics", get(calendar_file))
}

async fn calendar_file(
    State(state): State<AppState>,
    PathId(id): PathId<CampaignId>,
    headers: HeaderMap,
) -> HandlerResult<Response> {
    let detail = state.engine.rankings.campaign(id).await.map_err(ErrorResponse::for_path_resource)?;
    let url = origin(&state.config, &headers).map(|origin| format!("{origin}/campaigns/{id}"));
    let file = event(&detail.campaign, url.as_deref(), detail.server_time);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!(r#"attachment; filename="campaign-{id}.ics""#)),
    ];
    Ok((headers, file).into_response())
}

/// Where the reader finds this server: its public origin, or else what they asked for.
fn origin(config: &ServerConfig, headers: &HeaderMap) -> Option<String> {
    if let Some(public) = config.public_origins.iter().find(|origin| !origin.is_empty()) {
        return Some(public.trim_end_matches('/').to_owned());
    }
    let host = headers.get(header::HOST)?.to_str().ok().filter(|host| !host.is_empty())?;
    Some(format!("{}://{host}", if config.secure_cookies() { "https" } else { "http" }))
}

/// A calendar with one event from the start to the end, and a reminder five minutes before.
fn event(campaign: &Campaign, url: Option<&str>, now: Timestamp) -> String {
    let status = if campaign.status == CampaignStatus::Cancelled { "CANCELLED" } else { "CONFIRMED" };
    let name = escaped(&campaign.product.name);
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Gavel//Gavel//EN".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        // The same campaign replaces an event that was imported before.
        format!("UID:{}@gavel", campaign.campaign_id),
        format!("DTSTAMP:{}", utc(now)),
        format!("DTSTART:{}", utc(campaign.start_time)),
        format!("DTEND:{}", utc(campaign.end_time)),
        format!("STATUS:{status}"),
        format!("SUMMARY:{name}"),
        url.map(|url| format!("URL:{url}")).unwrap_or_default(),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        "TRIGGER:-PT5M".to_owned(),
        format!("DESCRIPTION:{name}"),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().filter(|line| !line.is_empty()).map(|line| folded(line)).collect()
}

/// `20261128T013000Z`.
fn utc(time: Timestamp) -> String {
    let time = time.as_datetime();
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The line in parts of at most [`LINE_BYTES_MAX`] bytes, of which all but the first begin with a space.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 2);
    let mut bytes = 0;
    for c in line.chars() {
        if bytes + c.len_utf8() > LINE_BYTES_MAX {
            folded.push_str("\r\n ");
            bytes = 1;
        }
        folded.push(c);
        bytes += c.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_lines_folded() {
        assert_eq!(escaped("a;b,c\\d\r\nEND:VEVENT"), r"a\;b\,c\\d  END:VEVENT");
        assert_eq!(folded("SUMMARY:short"), "SUMMARY:short\r\n");
        let long = folded(&format!("SUMMARY:{}", "鍵盤".repeat(30)));
        assert!(long.split("\r\n").all(|line| line.len() <= LINE_BYTES_MAX), "{long}");
        assert_eq!(long.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "鍵盤".repeat(30)));
    }

    #[test]
    fn times_are_in_utc() {
        let time = Timestamp::from_unix_micros(1_795_000_000_000_000).expect("in range");
        assert_eq!(utc(time), "20261118T110640Z");
    }
}
