//! The filters of an audit log, as they stand in an address.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Datelike;
use chrono::Utc;
use form_urlencoded::Serializer;
use uuid::Uuid;

use crate::dashboard::form::FormErrors;
use crate::dashboard::range;
use crate::dashboard::range::Range;
use crate::db::audit_log::search::AuditCursor;
use crate::db::audit_log::search::AuditOf;
use crate::db::audit_log::search::AuditQuery;
use crate::domain::audit::group::Group;

/// Somebody who looks for what happened does not know when.
const DEFAULT_RANGE: &str = "90d";
/// No filter is longer.
const LENGTH_MAX: usize = 320;
const DATES: &str = "Enter a date like 2026-11-21, the first before the last.";
const LONG: &str = "Enter at most 320 characters.";

#[derive(Debug, Clone)]
pub struct AuditAddress {
    pub group: Option<Group>,
    pub actor: String,
    pub target: String,
    pub range: Range,
    /// As typed.
    pub from: String,
    pub to: String,
    /// At the operator's: with what accounts did.
    pub everything: bool,
    pub before: Option<AuditCursor>,
    pub errors: FormErrors,
}

impl AuditAddress {
    pub fn parse(query: &str, now: DateTime<Utc>) -> Self {
        let mut address = Self {
            group: None,
            actor: String::new(),
            target: String::new(),
            range: Range::preset(DEFAULT_RANGE).unwrap_or(Range::Last(DEFAULT_RANGE)),
            from: String::new(),
            to: String::new(),
            everything: false,
            before: None,
            errors: FormErrors::default(),
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            match &*name {
                "what" => address.group = Group::from_slug(value),
                "actor" => address.actor = value.to_lowercase(),
                "target" => value.clone_into(&mut address.target),
                "range" => address.range = Range::preset(value).unwrap_or(address.range),
                "from" => value.clone_into(&mut address.from),
                "to" => value.clone_into(&mut address.to),
                "accounts" => address.everything = value == "all",
                "before" => address.before = decode(value),
                _ => {}
            }
        }
        for (field, value) in [("actor", &address.actor), ("target", &address.target)] {
            if value.chars().count() > LENGTH_MAX {
                address.errors.add(field, LONG);
            }
        }
        if !address.from.is_empty() || !address.to.is_empty() {
            match Range::between(&address.from, &address.to, now) {
                Ok(range) => address.range = range,
                Err(field) => address.errors.add(field, DATES),
            }
        }
        address
    }

    pub fn query(&self, of: AuditOf, limit: u16, now: DateTime<Utc>) -> AuditQuery {
        let (from, to) = self.range.bounds(now);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        AuditQuery {
            of,
            actor: some(&self.actor),
            actions: self.group.map(Group::codes).unwrap_or_default(),
            target: some(&self.target),
            from,
            to,
            before: self.before,
            limit,
        }
    }

    /// Whether anything but the time is asked for.
    pub fn is_narrow(&self) -> bool {
        self.group.is_some() || !self.actor.is_empty() || !self.target.is_empty()
    }

    pub fn is_custom(&self) -> bool {
        self.range.slug() == range::CUSTOM
    }

    /// This log at `path`, from `before` on.
    pub fn url(&self, path: &str, before: Option<AuditCursor>) -> String {
        let mut query = Serializer::new(String::new());
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        add("what", self.group.map_or("", Group::slug));
        add("actor", &self.actor);
        add("target", &self.target);
        if self.is_custom() {
            add("from", &self.from);
            add("to", &self.to);
        } else if self.range.slug() != DEFAULT_RANGE {
            add("range", self.range.slug());
        }
        add("accounts", if self.everything { "all" } else { "" });
        add("before", &before.map(encode).unwrap_or_default());
        let query = query.finish();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }

    /// Each filter that is set, in words, and this log without it.
    pub fn active(&self, path: &str) -> Vec<(String, String)> {
        let mut active = Vec::new();
        if let Some(group) = self.group {
            let without = Self {
                group: None,
                ..self.clone()
            };
            active.push((group.label().to_owned(), without.url(path, None)));
        }
        if !self.actor.is_empty() {
            let without = Self {
                actor: String::new(),
                ..self.clone()
            };
            active.push((format!("By {}", self.actor), without.url(path, None)));
        }
        if !self.target.is_empty() {
            let without = Self {
                target: String::new(),
                ..self.clone()
            };
            active.push((format!("To {}", self.target), without.url(path, None)));
        }
        active
    }
}

/// It holds nothing that its reader does not see, and selects within their log only.
fn encode(cursor: AuditCursor) -> String {
    let micros = cursor.at.timestamp_micros();
    BASE64_URL_SAFE_NO_PAD.encode(format!("{micros}~{}", cursor.id))
}

fn decode(text: &str) -> Option<AuditCursor> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (micros, id) = text.split_once('~')?;
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    let id = Uuid::parse_str(id).ok()?;
    (1970..=9999)
        .contains(&at.year())
        .then_some(AuditCursor { at, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_was_asked_for() {
        let now = DateTime::UNIX_EPOCH;
        let cursor = AuditCursor {
            at: now,
            id: Uuid::nil(),
        };
        let query = "what=keys&actor=ada%40acme.example&target=0123456789ab&range=7d";
        let address = AuditAddress::parse(query, now);
        assert_eq!(address.url("/a", None), format!("/a?{query}"));
        let further = address.url("/a", Some(cursor));
        let (_, query) = further.split_once('?').unwrap();
        assert_eq!(AuditAddress::parse(query, now).before, Some(cursor));
        assert_eq!(AuditAddress::parse("", now).url("/a", None), "/a");
    }

    #[test]
    fn dates_that_make_no_sense_are_told_at_their_field() {
        let address = AuditAddress::parse("from=2026-11-21&to=yesterday", DateTime::UNIX_EPOCH);
        assert_eq!(address.errors.of("to"), DATES);
    }
}
