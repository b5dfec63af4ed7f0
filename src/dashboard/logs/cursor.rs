//! A place in a log, as text for an address. It holds nothing that its reader does not see, and
//! what it selects is bounded by the account and the workspaces like everything else.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Datelike;

use crate::db::request_log::LogCursor;
use crate::domain::request_id::RequestId;

/// No place is written longer.
const LENGTH_MAX: usize = 80;

pub fn encode(place: &LogCursor) -> String {
    let micros = place.at.timestamp_micros();
    BASE64_URL_SAFE_NO_PAD.encode(format!("{micros}~{}", place.request_id))
}

/// `None` for what is no place, and for times that the database cannot compare.
pub fn decode(text: &str) -> Option<LogCursor> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (micros, request_id) = text.split_once('~')?;
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    let sound = request_id.is_empty() || RequestId::parse(request_id).is_some();
    let possible = sound && (1970..=9999).contains(&at.year());
    possible.then(|| LogCursor {
        at,
        request_id: request_id.to_owned(),
    })
}
