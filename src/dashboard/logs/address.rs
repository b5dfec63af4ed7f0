//! The filters of a request log, as they stand in an address.

use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::search;
use crate::dashboard::logs::base::Base;
use crate::dashboard::logs::base::Takes;
use crate::dashboard::logs::cursor;
use crate::dashboard::logs::terms;
use crate::dashboard::range;
use crate::dashboard::range::Range;
use crate::db::request_log::Direction;
use crate::db::request_log::LogFilter;

/// A search that takes longer is stopped; the page says so.
pub const TIME_BOX: Duration = Duration::from_secs(2);

/// A request's row has the time of its id; a little around it does for rows of clocks that differ.
const AROUND_REQUEST: TimeDelta = TimeDelta::seconds(1);

/// What narrows a log, in the order in which addresses have it.
const FILTERS: [&str; 10] = [
    "code",
    "method",
    "path",
    "workspace",
    "key",
    "category",
    "ip",
    "slow",
    "credits",
    "req",
];

const DATES: &str = "Enter a date like 2026-11-21, the first before the last.";

/// A parameter that has a meaning here.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    name: &'static str,
    text: String,
    /// Whether its text could be read.
    sound: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogAddress {
    pub range: Range,
    pub filter: LogFilter,
    /// Slugs.
    pub workspaces: Vec<String>,
    pub direction: Direction,
    terms: Vec<Term>,
    /// As typed.
    pub from: String,
    pub to: String,
    pub errors: FormErrors,
    pub notices: Vec<String>,
}

impl Default for LogAddress {
    fn default() -> Self {
        Self {
            range: Range::Last(range::DEFAULT),
            filter: LogFilter::default(),
            workspaces: Vec::new(),
            direction: Direction::Newest,
            terms: Vec::new(),
            from: String::new(),
            to: String::new(),
            errors: FormErrors::default(),
            notices: Vec::new(),
        }
    }
}

impl LogAddress {
    pub fn parse(query: &str, takes: Takes, now: DateTime<Utc>) -> Self {
        let mut log = Self::default();
        let (mut preset, mut dates_kept) = (false, false);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = search::cleaned(&value);
            if value.is_empty() {
                continue;
            }
            match name.as_ref() {
                "range" if value == range::CUSTOM => {}
                "range" => match Range::preset(&value) {
                    Some(range) => (log.range, preset) = (range, true),
                    None => log.errors.add("range", "Choose a range from the list."),
                },
                // The form was sent with the dates of the page it stood on.
                "dates" => dates_kept = true,
                "from" => log.from = value,
                "to" => log.to = value,
                "after" => log.go_to(&value, Direction::OlderThan),
                "before" => log.go_to(&value, Direction::NewerThan),
                name => match FILTERS.iter().find(|known| **known == name) {
                    Some(known) if takes.takes(known) => log.take(known, value),
                    Some(&"ip") => log
                        .notices
                        .push("“ip” was ignored: addresses are not shown to you.".to_owned()),
                    _ => {
                        let name = search::cleaned(name);
                        log.notices.push(format!("“{name}” was ignored."));
                    }
                },
            }
        }
        // Dates go before a preset, which a form always sends, unless they only stood there from
        // the last time.
        if preset && dates_kept {
            log.from.clear();
            log.to.clear();
        } else if !log.from.is_empty() || !log.to.is_empty() {
            match Range::between(&log.from, &log.to, now) {
                Ok(range) => log.range = range,
                Err(field) => log.errors.add(field, DATES),
            }
        }
        log.terms
            .sort_by_key(|term| FILTERS.iter().position(|name| *name == term.name));
        log
    }

    fn take(&mut self, name: &'static str, text: String) {
        let repeats = matches!(name, "key" | "category" | "workspace");
        if !repeats {
            self.terms.retain(|term| term.name != name);
        }
        let read = match name {
            "workspace" => {
                self.workspaces.push(text.clone());
                Ok(())
            }
            name => terms::take(&mut self.filter, name, &text),
        };
        let sound = read.is_ok();
        if let Err(message) = read {
            self.errors.add(field_of(name), message);
        }
        self.terms.push(Term { name, text, sound });
    }

    fn go_to(
        &mut self,
        value: &str,
        direction: fn(crate::db::request_log::LogCursor) -> Direction,
    ) {
        match cursor::decode(value) {
            Some(place) => self.direction = direction(place),
            None => self
                .notices
                .push("The place in the log could not be read. This is its first page.".to_owned()),
        }
    }

    /// The stretch of time meant. Of a request that is named, its own.
    pub fn bounds(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        match self.filter.request.and_then(|request| request.at()) {
            Some(at) => (at - AROUND_REQUEST, at + AROUND_REQUEST),
            None => self.range.bounds(now),
        }
    }

    pub fn is_custom(&self) -> bool {
        matches!(self.range, Range::Between(..))
    }

    pub fn is_narrow(&self) -> bool {
        self.terms.iter().any(|term| term.sound)
    }

    /// As typed, for the field of the form; the first of several.
    pub fn typed(&self, name: &str) -> &str {
        let mut typed = self.terms.iter().filter(|term| term.name == name);
        typed.next().map_or("", |term| &term.text)
    }

    /// The others, which the form keeps.
    pub fn more(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let others = self.terms.iter().enumerate().filter(|(place, term)| {
            let before = &self.terms[..*place];
            term.sound && before.iter().any(|other| other.name == term.name)
        });
        others.map(|(_, term)| (term.name, term.text.as_str()))
    }

    /// Each filter with the address without it.
    pub fn active(&self, base: &Base) -> Vec<(&'static str, &str, String)> {
        let sound = self.terms.iter().filter(|term| term.sound);
        sound
            .map(|term| {
                let others = self.terms.iter().filter(|other| *other != term);
                let pairs = others.map(|other| (other.name, other.text.as_str()));
                (
                    term.name,
                    term.text.as_str(),
                    self.written(base, pairs, None),
                )
            })
            .collect()
    }

    /// This log's address; `place` is a place's name and value.
    pub fn url(&self, base: &Base, place: Option<(&str, &str)>) -> String {
        let sound = self.terms.iter().filter(|term| term.sound);
        let pairs = sound.map(|term| (term.name, term.text.as_str()));
        self.written(base, pairs, place)
    }

    /// The same with one filter set to another value, from its first page on.
    pub fn with(&self, base: &Base, name: &str, value: &str) -> String {
        let sound = self.terms.iter().filter(|term| term.sound);
        let others = sound.filter(|term| term.name != name);
        let pairs = others.map(|term| (term.name, term.text.as_str()));
        self.written(base, pairs, Some((name, value)))
    }

    fn written<'a>(
        &'a self,
        base: &Base,
        terms: impl Iterator<Item = (&'static str, &'a str)>,
        last: Option<(&str, &str)>,
    ) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match self.range {
            Range::Last(range::DEFAULT) => {}
            Range::Last(slug) => {
                query.append_pair("range", slug);
            }
            Range::Between(..) => {
                query.append_pair("range", range::CUSTOM);
                let dates = [("from", &self.from), ("to", &self.to)];
                query.extend_pairs(dates.iter().filter(|(_, date)| !date.is_empty()));
            }
        }
        query.extend_pairs(terms);
        query.extend_pairs(last);
        base.with_query(&query.finish())
    }
}

/// The field of the form, where that has another name: a key's page has a `path` already.
fn field_of(name: &'static str) -> &'static str {
    match name {
        "path" => "path-begins",
        name => name,
    }
}

#[cfg(test)]
mod tests;
