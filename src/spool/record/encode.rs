//! A record's bytes.

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::spool::record::AGENT_BYTES_MAX;
use crate::spool::record::COMPLETION;
use crate::spool::record::COMPLETION_WITH_METERS;
use crate::spool::record::CompletionRecord;
use crate::spool::record::DECISION;
use crate::spool::record::DECISION_WITH_DETAIL;
use crate::spool::record::DECISION_WITH_METERS;
use crate::spool::record::DETAIL_BYTES_MAX;
use crate::spool::record::DecisionRecord;
use crate::spool::record::GAP;
use crate::spool::record::GapRecord;
use crate::spool::record::PATH_BYTES_MAX;
use crate::spool::record::Record;
use crate::spool::record::meters;

pub fn encode(record: &Record<'_>, out: &mut Vec<u8>) {
    match record {
        Record::Decision(decision) => encode_decision(decision, out),
        Record::Completion(completion) => encode_completion(completion, out),
        Record::Gap(gap) => encode_gap(gap, out),
    }
}

fn encode_decision(decision: &DecisionRecord<'_>, out: &mut Vec<u8>) {
    let has_meters = !decision.meters.is_empty();
    let has_detail = !has_meters && !decision.detail.is_empty();
    out.push(match (has_meters, has_detail) {
        (true, _) => DECISION_WITH_METERS,
        (false, true) => DECISION_WITH_DETAIL,
        (false, false) => DECISION,
    });
    put_time(decision.at, out);
    out.extend_from_slice(decision.request_id.as_bytes());
    out.extend_from_slice(&decision.account.0.to_le_bytes());
    out.extend_from_slice(&decision.workspace.0.to_le_bytes());
    out.extend_from_slice(decision.key.as_bytes());
    out.extend_from_slice(&decision.generation.to_le_bytes());
    out.push(decision.surface.number());
    out.push(decision.method.map_or(0, Method::number));
    out.push(decision.denied.map_or(0, DenyReason::number));
    out.extend_from_slice(&decision.status.unwrap_or(0).to_le_bytes());
    out.extend_from_slice(&decision.duration_us.unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&decision.credits.to_le_bytes());
    put_address(decision.ip, out);
    // The query may hold anything, even a key: it ends here whoever forgot to cut it.
    let path = decision.path.split(['?', '#']).next().unwrap_or_default();
    put_text(path, PATH_BYTES_MAX, out);
    put_text(&decision.agent, AGENT_BYTES_MAX, out);
    if has_meters {
        meters::encode(&decision.meters, out);
    }
    if has_detail {
        put_text(&decision.detail, DETAIL_BYTES_MAX, out);
    }
}

fn encode_completion(completion: &CompletionRecord, out: &mut Vec<u8>) {
    let has_meters = !completion.meters.is_empty();
    out.push(if has_meters {
        COMPLETION_WITH_METERS
    } else {
        COMPLETION
    });
    put_time(completion.at, out);
    out.extend_from_slice(completion.request_id.as_bytes());
    out.extend_from_slice(&completion.account.0.to_le_bytes());
    out.extend_from_slice(&completion.workspace.0.to_le_bytes());
    out.extend_from_slice(completion.key.as_bytes());
    out.extend_from_slice(&completion.status.to_le_bytes());
    out.extend_from_slice(&completion.duration_us.to_le_bytes());
    out.extend_from_slice(&completion.credits.to_le_bytes());
    if has_meters {
        meters::encode(&completion.meters, out);
    }
}

fn encode_gap(gap: &GapRecord, out: &mut Vec<u8>) {
    out.push(GAP);
    put_time(gap.from, out);
    put_time(gap.to, out);
    out.extend_from_slice(&gap.records.to_le_bytes());
}

/// Microseconds, as Postgres keeps them.
fn put_time(at: DateTime<Utc>, out: &mut Vec<u8>) {
    out.extend_from_slice(&at.timestamp_micros().to_le_bytes());
}

fn put_address(ip: Option<IpAddr>, out: &mut Vec<u8>) {
    match ip {
        None => out.push(0),
        Some(IpAddr::V4(address)) => {
            out.push(4);
            out.extend_from_slice(&address.octets());
        }
        Some(IpAddr::V6(address)) => {
            out.push(6);
            out.extend_from_slice(&address.octets());
        }
    }
}

/// At most `bytes_max` bytes of `text`, without NUL, which Postgres cannot store.
fn put_text(text: &str, bytes_max: usize, out: &mut Vec<u8>) {
    let text = if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    };
    let cut = &text[..text.floor_char_boundary(bytes_max)];
    let length = u16::try_from(cut.len()).unwrap_or_default();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(cut.as_bytes());
}
