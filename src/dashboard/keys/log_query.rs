//! The filters of a request log, as they stand in an address.

use std::borrow::Cow;
use std::time::Duration;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::keys::cursor;
use crate::dashboard::keys::search;
use crate::db::request_log::Direction;
use crate::db::request_log::LogFilter;
use crate::db::request_log::Outcome;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;

/// Slug, words, length.
pub const RANGES: [(&str, &str, TimeDelta); 4] = [
    ("1h", "Last hour", TimeDelta::hours(1)),
    ("24h", "Last 24 hours", TimeDelta::hours(24)),
    ("7d", "Last 7 days", TimeDelta::days(7)),
    ("30d", "Last 30 days", TimeDelta::days(30)),
];

/// A search that takes longer is stopped; the page says so.
pub const TIME_BOX: Duration = Duration::from_secs(2);

/// A key's log opens with this many days.
const DEFAULT_RANGE: &str = "7d";

/// From when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// One of `RANGES`, up to now.
    Last(&'static str),
    Between(DateTime<Utc>, DateTime<Utc>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogAddress {
    pub range: Range,
    pub filter: LogFilter,
    pub direction: Direction,
    /// As typed, for the fields of the form.
    pub from: String,
    pub to: String,
    pub code: String,
    pub notices: Vec<String>,
}

impl Default for LogAddress {
    fn default() -> Self {
        Self {
            range: Range::Last(DEFAULT_RANGE),
            filter: LogFilter::default(),
            direction: Direction::Newest,
            from: String::new(),
            to: String::new(),
            code: String::new(),
            notices: Vec::new(),
        }
    }
}

impl LogAddress {
    pub fn parse(query: &str, now: DateTime<Utc>) -> Self {
        let mut log = Self::default();
        let (mut preset, mut dates_kept) = (false, false);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = search::cleaned(&value);
            if value.is_empty() {
                continue;
            }
            let known = match name.as_ref() {
                "range" if value == "custom" => true,
                "range" => {
                    preset = true;
                    log.take_range(&value)
                }
                // The form was sent with the dates of the page it stood on.
                "dates" => {
                    dates_kept = true;
                    true
                }
                "from" => set(&mut log.from, &value),
                "to" => set(&mut log.to, &value),
                "code" => log.take_code(&value),
                "method" => log.take_method(&value),
                "after" => log.go_to(&value, Direction::OlderThan),
                "before" => log.go_to(&value, Direction::NewerThan),
                _ => false,
            };
            if !known {
                log.notices
                    .push(format!("“{}” was ignored.", search::cleaned(&name)));
            }
        }
        // Dates go before a preset, which a form always sends, unless they only stood there from
        // the last time.
        if preset && dates_kept {
            log.from.clear();
            log.to.clear();
        } else if !log.from.is_empty() || !log.to.is_empty() {
            log.take_days(now);
        }
        log
    }

    fn take_range(&mut self, value: &str) -> bool {
        let range = RANGES.iter().find(|(slug, ..)| *slug == value);
        if let Some((slug, ..)) = range {
            self.range = Range::Last(slug);
        }
        range.is_some()
    }

    fn take_code(&mut self, value: &str) -> bool {
        self.filter.outcome = outcome(value);
        if self.filter.outcome.is_some() {
            value.clone_into(&mut self.code);
        }
        self.filter.outcome.is_some()
    }

    fn take_method(&mut self, value: &str) -> bool {
        self.filter.method = Method::parse(&value.to_ascii_uppercase());
        self.filter.method.is_some()
    }

    fn go_to(
        &mut self,
        value: &str,
        direction: fn(crate::db::request_log::LogCursor) -> Direction,
    ) -> bool {
        let place = cursor::decode_log(value);
        self.direction = place.map_or(Direction::Newest, direction);
        self.direction != Direction::Newest
    }

    fn take_days(&mut self, now: DateTime<Utc>) {
        let from = instant(&self.from, false);
        let to = instant(&self.to, true);
        let misread =
            (!self.from.is_empty() && from.is_none()) || (!self.to.is_empty() && to.is_none());
        let to = to.unwrap_or(now);
        let from = from.unwrap_or(to - TimeDelta::days(1));
        if misread || from >= to {
            self.notices
                .push("Enter dates like 2026-11-21, the first before the last.".to_owned());
            return;
        }
        self.range = Range::Between(from, to);
    }

    /// The stretch of time meant.
    pub fn bounds(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        match self.range {
            Range::Between(from, to) => (from, to),
            Range::Last(slug) => {
                let span = RANGES
                    .iter()
                    .find(|(known, ..)| *known == slug)
                    .map_or(TimeDelta::zero(), |(.., span)| *span);
                // What came in while this page is made belongs to it.
                (now - span, now + TimeDelta::minutes(1))
            }
        }
    }

    pub fn is_custom(&self) -> bool {
        matches!(self.range, Range::Between(..))
    }

    pub fn is_narrow(&self) -> bool {
        self.filter != LogFilter::default()
    }

    /// What narrows the log beside its time, in words.
    pub fn filters_in_words(&self) -> Vec<String> {
        let outcome = self.filter.outcome.map(|outcome| match outcome {
            Outcome::Class(class) => format!("Status: {class}xx"),
            Outcome::Status(status) => format!("Status: {status}"),
            Outcome::Denied(reason) => format!("Refused: {}", reason.in_words()),
        });
        let method = self
            .filter
            .method
            .map(|method| format!("Method: {}", method.as_str()));
        outcome.into_iter().chain(method).collect()
    }

    pub fn range_slug(&self) -> &'static str {
        match self.range {
            Range::Last(slug) => slug,
            Range::Between(..) => "custom",
        }
    }

    pub fn method(&self) -> &'static str {
        self.filter.method.map_or("", Method::as_str)
    }

    /// This log's address under `base`; `cursor` is a place's name and value.
    pub fn url(&self, base: &str, cursor: Option<(&str, &str)>) -> String {
        let mut pairs: Vec<(&str, Cow<'_, str>)> = Vec::new();
        match self.range {
            Range::Last(DEFAULT_RANGE) => {}
            Range::Last(slug) => pairs.push(("range", slug.into())),
            Range::Between(..) => {
                pairs.push(("range", "custom".into()));
                pairs.push(("from", self.from.as_str().into()));
                pairs.push(("to", self.to.as_str().into()));
            }
        }
        pairs.push(("code", self.code.as_str().into()));
        pairs.push(("method", self.method().into()));
        pairs.extend(cursor.map(|(name, value)| (name, value.into())));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() {
            format!("{base}#requests")
        } else {
            format!("{base}?{query}#requests")
        }
    }
}

/// The days of a chart's bar.
pub fn day_url(base: &str, day: NaiveDate) -> String {
    format!("{base}?range=custom&from={day}&to={day}#requests")
}

fn set(field: &mut String, value: &str) -> bool {
    value.clone_into(field);
    true
}

/// `4xx`, `404`, or the code of a refusal.
fn outcome(text: &str) -> Option<Outcome> {
    if let Some(class) = text.strip_suffix("xx") {
        let class = class.parse().ok().filter(|class| (1..=5).contains(class));
        return class.map(Outcome::Class);
    }
    if let Ok(status) = text.parse() {
        return (100..=599)
            .contains(&status)
            .then_some(Outcome::Status(status));
    }
    DenyReason::from_code(&text.to_ascii_uppercase()).map(Outcome::Denied)
}

/// A day (its end if `end`), or a minute, or an instant; UTC.
fn instant(text: &str, end: bool) -> Option<DateTime<Utc>> {
    let at = if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let day = if end { day.succ_opt()? } else { day };
        day.and_time(NaiveTime::MIN).and_utc()
    } else if let Ok(minute) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
        minute.and_utc()
    } else {
        DateTime::parse_from_rfc3339(text).ok()?.to_utc()
    };
    (1970..=9999)
        .contains(&chrono::Datelike::year(&at))
        .then_some(at)
}

#[cfg(test)]
mod tests;
