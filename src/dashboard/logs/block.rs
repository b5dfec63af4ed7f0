//! A log as it stands on a page: filters, table, pages; or why there is nothing to show.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::form::FormErrors;
use crate::dashboard::logs::address::LogAddress;
use crate::dashboard::logs::base::Base;
use crate::dashboard::logs::chips::Chips;
use crate::dashboard::logs::chips::Failures;
use crate::dashboard::logs::cursor;
use crate::dashboard::logs::line::Beside;
use crate::dashboard::logs::line::LogLine;
use crate::dashboard::logs::scope::Scope;
use crate::dashboard::logs::terms;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::dashboard::range::RANGES;
use crate::db::api_keys::LogChoices;
use crate::db::log_gaps::LogGap;
use crate::db::request_log::Direction;
use crate::db::request_log::LogCursor;
use crate::db::request_log::LogPage;
use crate::db::request_log::LogRow;
use crate::domain::support::Sight;

/// Gaps in the range that are told, the latest.
const GAPS_SHOWN: usize = 3;

/// What became of the search.
pub(super) enum Outcome {
    Found,
    /// After its time box. With how far it came, if it came on.
    Stopped(Option<Moment>),
    Failed,
}

pub struct LogBlock {
    pub address: LogAddress,
    pub base: Base,
    pub rows: Vec<LogLine>,
    pub columns: Columns,
    pub newer: Option<String>,
    pub older: Option<String>,
    pub choices: LogChoices,
    /// Slugs and names.
    pub(super) workspaces: Vec<(String, String)>,
    /// None where they say nothing.
    pub chips: Option<Chips>,
    pub(super) outcome: Outcome,
    /// Of a search that was stopped: from there on.
    further: Option<String>,
    /// What is missing here, and why.
    pub notices: Vec<String>,
    /// Where nobody has called yet: how to.
    pub(super) curl: Option<String>,
}

/// Those that not every log has.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// How much is shown of any of them at most.
    addresses: Sight,
    pub keys: bool,
    pub workspaces: bool,
}

impl Columns {
    pub fn shows_addresses(self) -> bool {
        self.addresses.shows_anything()
    }

    /// Whether the log can be narrowed by them.
    pub fn finds_addresses(self) -> bool {
        self.addresses == Sight::Whole
    }
}

impl LogBlock {
    /// `found` is None when the log could not be read; the rest of the page is worth showing.
    pub fn new(
        (address, base): (LogAddress, Base),
        found: Option<LogPage>,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Self {
        let failed = found.is_none();
        let found = found.unwrap_or_default();
        let url =
            |name, place: &LogCursor| address.url(&base, Some((name, &cursor::encode(place))));
        let edge = |row: Option<&LogRow>, name| {
            row.map(|row| {
                let place = LogCursor {
                    at: row.at,
                    request_id: row.request_id.clone(),
                };
                url(name, &place)
            })
        };
        let mut newer = edge(found.rows.first().filter(|_| found.has_newer), "before");
        let older = edge(found.rows.last().filter(|_| found.has_older), "after");
        let stopped = found.stopped.filter(|stopped| stopped.came_on);
        let mut further = None;
        if let Some(stopped) = stopped {
            let place = LogCursor {
                at: stopped.at,
                request_id: String::new(),
            };
            if matches!(address.direction, Direction::NewerThan(_)) {
                newer = Some(url("before", &place));
            } else {
                further = Some(url("after", &place));
            }
        }
        let outcome = match found.stopped {
            _ if failed => Outcome::Failed,
            Some(_) => Outcome::Stopped(stopped.map(|stopped| Moment::new(stopped.at, now))),
            None => Outcome::Found,
        };
        Self {
            rows: found
                .rows
                .into_iter()
                .map(|row| line(row, scope, now))
                .collect(),
            columns: Columns {
                addresses: scope.reader.sight(),
                keys: true,
                workspaces: scope.is_account,
            },
            newer,
            older,
            choices: LogChoices::default(),
            workspaces: Vec::new(),
            chips: None,
            outcome,
            further,
            curl: None,
            notices: scope.shortened(&address, now).into_iter().collect(),
            address,
            base,
        }
    }

    /// Of one key, which need not be named in each row.
    #[must_use]
    pub fn of_key(mut self, sight: Sight) -> Self {
        self.columns.keys = false;
        self.columns.addresses = sight;
        self
    }

    #[must_use]
    pub fn with_choices(self, choices: LogChoices) -> Self {
        Self { choices, ..self }
    }

    /// Several workspaces to choose from.
    #[must_use]
    pub fn with_places(self, scope: &Scope) -> Self {
        let places = scope.places.iter();
        let places = places.map(|place| (place.slug.clone(), place.name.clone()));
        Self {
            workspaces: places.collect(),
            ..self
        }
    }

    #[must_use]
    pub fn with_failures(self, failures: Option<Failures>, now: DateTime<Utc>) -> Self {
        let chips = failures.map(|failures| {
            let here = (&self.address, &self.base);
            Chips::new(failures, here, now)
        });
        Self {
            chips: chips.filter(|chips| !chips.chips.is_empty()),
            ..self
        }
    }

    /// That a replica is behind, and times in which nothing was written down.
    #[must_use]
    pub fn with_missing(mut self, as_of: Option<String>, gaps: &[LogGap]) -> Self {
        let time = |at: DateTime<Utc>| at.format("%-d %b %Y, %H:%M:%S");
        let gap = |gap: &LogGap| {
            format!(
                "Calls between {} and {} UTC may be missing: a node answered them and could not write them down.",
                time(gap.from_at),
                time(gap.to_at)
            )
        };
        let gaps = gaps.iter().take(GAPS_SHOWN).map(gap);
        self.notices.extend(as_of.into_iter().chain(gaps));
        self
    }

    /// How to make a first call.
    #[must_use]
    pub fn with_curl(self, curl: Option<String>) -> Self {
        Self { curl, ..self }
    }

    pub fn notices(&self) -> &[String] {
        &self.address.notices
    }

    pub fn errors(&self) -> &FormErrors {
        &self.address.errors
    }

    /// Each filter in words, with the log without it.
    pub fn active(&self) -> Vec<(String, String)> {
        let active = self.address.active(&self.base).into_iter();
        active
            .map(|(name, text, url)| (self.in_words(name, text), url))
            .collect()
    }

    fn in_words(&self, name: &str, text: &str) -> String {
        let named = self.choices.keys.iter().find(|(id, _)| id == text);
        match named.filter(|_| name == "key") {
            Some((_, key)) => format!("Key: {key}"),
            None => terms::in_words(name, text),
        }
    }

    /// This log as a file of that kind.
    pub fn file_url(&self, kind: &str) -> String {
        let Base { path, fragment } = &self.base;
        let file = Base {
            path: format!("{path}.{kind}"),
            fragment,
        };
        self.address.url(&file, None)
    }

    /// Where new calls of this log are told as they come: of its first page, up to now.
    pub fn tail_url(&self) -> Option<String> {
        let now = self.address.direction == Direction::Newest
            && !self.address.is_custom()
            && self.address.filter.request.is_none()
            && self.address.errors.is_empty();
        let Base { path, fragment } = &self.base;
        let tail = Base {
            path: format!("{path}/tail"),
            fragment,
        };
        now.then(|| self.address.url(&tail, None))
    }

    /// The same page anew.
    pub fn reload_url(&self) -> String {
        self.address.url(&self.base, None)
    }

    /// Without any filter.
    pub fn clear_url(&self) -> String {
        self.base.with_query("")
    }

    pub fn caption(&self) -> String {
        let range = RANGES
            .iter()
            .find(|(slug, ..)| *slug == self.address.range.slug());
        let range = range.map_or_else(
            || format!("{} to {}", self.address.from, self.address.to),
            |(_, label, _)| label.to_lowercase(),
        );
        format!("Requests, {range}, newest first")
    }

    pub fn count_words(&self) -> String {
        let rows = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        number::counted(rows, "request on this page", "requests on this page")
    }

    /// How far a search came that was stopped, and the log from there on.
    pub fn searched_back(&self) -> Option<(String, &str)> {
        match (&self.outcome, &self.further) {
            (Outcome::Stopped(Some(at)), Some(url)) => Some((at.at(), url)),
            _ => None,
        }
    }
}

fn line(row: LogRow, scope: &Scope, now: DateTime<Utc>) -> LogLine {
    let place = scope.place_of(row.workspace);
    let beside = Beside {
        now,
        root: place
            .filter(|place| place.opens)
            .map(|place| place.root.as_str()),
        workspace: place.map_or("", |place| &place.name),
        sight: scope.reader.sight_of(&row),
    };
    LogLine::new(row, &beside)
}
