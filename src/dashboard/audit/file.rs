//! Rows of the audit log as lines of a file.

use actix_web::web::Bytes;
use chrono::SecondsFormat;
use serde_json::Value;
use serde_json::json;

use crate::dashboard::csv;
use crate::dashboard::file::Broken;
use crate::dashboard::file::Format;
use crate::db::audit_log::search::AuditFound;

const COLUMNS: [&str; 15] = [
    "time",
    "id",
    "account",
    "workspace",
    "actor_kind",
    "actor",
    "action",
    "target_kind",
    "target_id",
    "target",
    "before",
    "after",
    "reason",
    "address",
    "request_id",
];

/// The rows, with the names of the columns before them where a file of this kind `begins` so.
pub fn lines(format: Format, rows: &[AuditFound], begins: bool) -> Result<Bytes, Broken> {
    match format {
        Format::Csv => {
            let mut lines = csv::Lines::new();
            if begins {
                lines.add(COLUMNS)?;
            }
            for row in rows {
                let cells = cells(row);
                lines.add(cells.iter().map(String::as_str))?;
            }
            Ok(lines.into_bytes()?)
        }
        Format::Jsonl => {
            let mut text = String::new();
            for row in rows {
                text.push_str(&object(row).to_string());
                text.push('\n');
            }
            Ok(text.into())
        }
    }
}

fn time(row: &AuditFound) -> String {
    row.at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn address(row: &AuditFound) -> Option<String> {
    row.ip.map(|ip| ip.addr().to_string())
}

fn cells(row: &AuditFound) -> [String; COLUMNS.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let facts = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    [
        time(row),
        row.id.to_string(),
        text(&row.account),
        text(&row.workspace_slug),
        row.actor_kind.clone(),
        row.actor.clone(),
        row.action.clone(),
        row.target_kind.clone(),
        row.target_id.clone(),
        row.target.clone(),
        facts(&row.before),
        facts(&row.after),
        text(&row.reason),
        address(row).unwrap_or_default(),
        text(&row.request_id),
    ]
}

fn object(row: &AuditFound) -> Value {
    json!({
        "time": time(row),
        "id": row.id,
        "account": row.account,
        "workspace": row.workspace_slug,
        "actor_kind": row.actor_kind,
        "actor": row.actor,
        "action": row.action,
        "target_kind": row.target_kind,
        "target_id": row.target_id,
        "target": row.target,
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
        "address": address(row),
        "request_id": row.request_id,
    })
}
