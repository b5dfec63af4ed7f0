//! One request as a row of a table.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::keys;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::db::request_log::LogRow;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::support::Sight;

pub struct LogLine {
    pub at: Moment,
    /// Its own page, if there is one to open.
    pub url: String,
    pub request_id: String,
    pub method: &'static str,
    pub path: String,
    pub status: Option<u16>,
    /// What a number of 400 or more means, or why there is none yet.
    pub words: String,
    /// What a refusal missed, by name; mostly empty.
    pub missing: String,
    pub duration: String,
    /// `None` where this person may not see it.
    pub ip: Option<String>,
    pub credits: String,
    pub key: String,
    /// Empty for a key that was deleted.
    pub key_url: String,
    pub category: String,
    /// Of a log of several.
    pub workspace: String,
}

/// What is not the row's own.
pub struct Beside<'a> {
    pub now: DateTime<Utc>,
    /// Below which the pages of the row's workspace are, if it can be opened.
    pub root: Option<&'a str>,
    pub workspace: &'a str,
    pub sight: Sight,
}

impl LogLine {
    pub fn new(row: LogRow, beside: &Beside<'_>) -> Self {
        let key = row.key.as_ref();
        let key_url = key.and(row.key_id.parse().ok()).zip(beside.root);
        let ip = row.ip.and_then(|ip| beside.sight.shown(ip));
        let ip = ip.unwrap_or_default();
        Self {
            at: Moment::new(row.at, beside.now),
            url: beside.root.map_or_else(String::new, |root| {
                super::request_url(root, &row.request_id)
            }),
            method: row.method.map_or("", Method::as_str),
            words: words(row.status, row.denial),
            missing: row.detail,
            status: row.status,
            duration: row.duration_us.map(duration).unwrap_or_default(),
            ip: beside.sight.shows_anything().then_some(ip),
            credits: number::grouped(row.credits.into()),
            key: key.map_or_else(|| row.key_name.clone(), |key| key.name.clone()),
            key_url: key_url.map_or_else(String::new, |(id, root)| keys::url_in(root, id)),
            category: key.map_or_else(String::new, |key| key.category.clone()),
            workspace: beside.workspace.to_owned(),
            path: row.path,
            request_id: row.request_id,
        }
    }
}

/// What became of a request, as far as its status does not say it.
pub fn words(status: Option<u16>, denial: Option<DenyReason>) -> String {
    match (status, denial) {
        (_, Some(denial)) => denial.in_words().to_owned(),
        (None, None) => "In progress".to_owned(),
        (Some(status), None) => words_of(status),
    }
}

/// The words of a failure, empty for a success.
fn words_of(status: u16) -> String {
    if status < 400 {
        return String::new();
    }
    actix_web::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
        .to_owned()
}

/// In milliseconds; a tenth of one where there is less than ten.
pub fn duration(micros: i32) -> String {
    if micros < 10_000 {
        let tenths = micros / 100;
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else {
        format!("{} ms", number::grouped((micros / 1000).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_call_shows_a_tenth_of_a_millisecond() {
        assert_eq!(duration(40), "0.0 ms");
        assert_eq!(duration(1_540), "1.5 ms");
        assert_eq!(duration(12_999), "12 ms");
        assert_eq!(duration(1_234_567), "1,234 ms");
    }

    #[test]
    fn failures_have_words_and_successes_none() {
        assert_eq!(words_of(200), "");
        assert_eq!(words_of(404), "Not Found");
        assert_eq!(words_of(599), "");
    }
}
