//! A place in a list, as text for an address. It is bound to its sort and carries the number of
//! its page; it holds nothing that its reader does not see, and what it selects is bounded by the
//! workspace like everything else.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys::choices::SORTS;
use crate::db::api_keys::KeyCursor;
use crate::db::api_keys::KeySort;
use crate::db::api_keys::SortValue;
use crate::domain::api_key::KEY_NAME_LENGTH_MAX;

pub fn encode(sort: KeySort, page_number: u32, place: &KeyCursor) -> String {
    let value = match &place.value {
        SortValue::Time(time) => time
            .map(|time| time.timestamp_micros().to_string())
            .unwrap_or_default(),
        SortValue::Name(name) => name.clone(),
        SortValue::Number(number) => number.to_string(),
    };
    let text = format!("{}~{page_number}~{}~{value}", slug(sort), place.id);
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// `None` for what is no place under `sort`.
pub fn decode(sort: KeySort, text: &str) -> Option<(u32, KeyCursor)> {
    // A letter of a folded name may take four bytes, and base64 a third more.
    if text.len() > 8 * KEY_NAME_LENGTH_MAX {
        return None;
    }
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = text.splitn(4, '~');
    if parts.next()? != slug(sort) {
        return None;
    }
    let page_number = parts.next()?.parse().ok()?;
    let id = parts.next()?.parse().ok()?;
    let value = value(sort, parts.next()?)?;
    Some((page_number, KeyCursor { value, id }))
}

fn value(sort: KeySort, text: &str) -> Option<SortValue> {
    Some(match sort {
        KeySort::Name if text.contains('\0') => return None,
        KeySort::Name => SortValue::Name(text.to_owned()),
        KeySort::Requests => SortValue::Number(text.parse().ok()?),
        KeySort::Created if text.is_empty() => return None,
        KeySort::LastUsed | KeySort::Created | KeySort::Expires if text.is_empty() => {
            SortValue::Time(None)
        }
        KeySort::LastUsed | KeySort::Created | KeySort::Expires => {
            SortValue::Time(Some(time(text)?))
        }
    })
}

/// Times that a page can have shown; others would be beyond what the database can compare.
fn time(micros: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    let year = chrono::Datelike::year(&time);
    (1970..=9999).contains(&year).then_some(time)
}

fn slug(sort: KeySort) -> &'static str {
    SORTS
        .into_iter()
        .find(|(_, known)| *known == sort)
        .map_or("", |(slug, _)| slug)
}
