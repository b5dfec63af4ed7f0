//! Rows of a log as lines of a file.

use actix_web::web::Bytes;
use chrono::SecondsFormat;
use serde_json::json;

use crate::dashboard::csv;
use crate::dashboard::file::Broken;
use crate::dashboard::file::Format;
use crate::dashboard::logs::scope::Scope;
use crate::db::request_log::LogRow;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;

const COLUMNS: [&str; 18] = [
    "time",
    "request_id",
    "workspace",
    "key_id",
    "key_name",
    "category",
    "secret",
    "method",
    "path",
    "status",
    "decision",
    "missing",
    "duration_ms",
    "address",
    "credits",
    "user_agent",
    "came_by",
    "key_name_then",
];

/// The rows, with the names of the columns before them where a file of this kind `begins` so.
pub fn lines(
    format: Format,
    (rows, begins): (&[LogRow], bool),
    scope: &Scope,
) -> Result<Bytes, Broken> {
    match format {
        Format::Csv => {
            let mut lines = csv::Lines::new();
            if begins {
                lines.add(COLUMNS)?;
            }
            for row in rows {
                let cells = cells(row, scope);
                lines.add(cells.iter().map(String::as_str))?;
            }
            Ok(lines.into_bytes()?)
        }
        Format::Jsonl => {
            let mut text = String::new();
            for row in rows {
                text.push_str(&object(row, scope).to_string());
                text.push('\n');
            }
            Ok(text.into())
        }
    }
}

fn decision(row: &LogRow) -> &'static str {
    row.denial.map_or("VALID", DenyReason::code)
}

fn time(row: &LogRow) -> String {
    row.at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn millis(micros: i32) -> String {
    format!("{}.{:03}", micros / 1_000, micros % 1_000)
}

fn address(row: &LogRow, scope: &Scope) -> Option<String> {
    let ip = row.ip.filter(|_| scope.reader.sees_address_of(row));
    ip.map(|ip| ip.to_string())
}

fn came_by(row: &LogRow) -> &'static str {
    match row.surface {
        Some(Surface::Verify) => "verify",
        Some(Surface::ForwardAuth) => "forward-auth",
        Some(Surface::Gateway) => "gateway",
        Some(Surface::OwnKey) => "own-key",
        None => "",
    }
}

fn workspace<'a>(row: &LogRow, scope: &'a Scope) -> &'a str {
    scope
        .place_of(row.workspace)
        .map_or("", |place| &place.slug)
}

fn cells(row: &LogRow, scope: &Scope) -> [String; COLUMNS.len()] {
    let key = row.key.as_ref();
    [
        time(row),
        row.request_id.clone(),
        workspace(row, scope).to_owned(),
        row.key_id.clone(),
        key.map_or_else(String::new, |key| key.name.clone()),
        key.map_or_else(String::new, |key| key.category.clone()),
        row.generation.to_string(),
        row.method.map_or("", Method::as_str).to_owned(),
        row.path.clone(),
        row.status
            .map_or_else(String::new, |status| status.to_string()),
        decision(row).to_owned(),
        row.detail.clone(),
        row.duration_us.map_or_else(String::new, millis),
        address(row, scope).unwrap_or_default(),
        row.credits.to_string(),
        row.agent.clone(),
        came_by(row).to_owned(),
        row.key_name.clone(),
    ]
}

/// As the cells, with numbers as numbers and null for what is not known.
fn object(row: &LogRow, scope: &Scope) -> serde_json::Value {
    let key = row.key.as_ref();
    json!({
        "time": time(row),
        "request_id": row.request_id,
        "workspace": workspace(row, scope),
        "key_id": row.key_id,
        "key_name": key.map(|key| &key.name),
        "category": key.map(|key| &key.category),
        "secret": row.generation,
        "method": row.method.map(Method::as_str),
        "path": row.path,
        "status": row.status,
        "decision": decision(row),
        "missing": Some(&row.detail).filter(|detail| !detail.is_empty()),
        "duration_ms": row.duration_us.map(|micros| f64::from(micros) / 1_000.0),
        "address": address(row, scope),
        "credits": row.credits,
        "user_agent": row.agent,
        "came_by": came_by(row),
        "key_name_then": row.key_name,
    })
}
