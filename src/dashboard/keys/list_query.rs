//! The key list's address: every view of it can be kept as a link.

use crate::crypto::key_secret;
use crate::dashboard::keys::choices::IDLES;
use crate::dashboard::keys::choices::LIMITS;
use crate::dashboard::keys::choices::LIVES;
use crate::dashboard::keys::choices::SORTS;
use crate::dashboard::keys::choices::STATES;
use crate::dashboard::keys::choices::VIEWS;
use crate::dashboard::keys::choices::label_of;
use crate::dashboard::keys::choices::named;
use crate::dashboard::keys::choices::slug_of;
use crate::dashboard::keys::cursor;
use crate::dashboard::keys::search;
use crate::db::api_keys::KeyFilter;
use crate::db::api_keys::KeySort;
use crate::db::api_keys::Place;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_prefix::KeyPrefix;

mod address;

/// As presets are named.
const SLUG_LENGTH_MAX: usize = 50;
/// More than anybody chooses.
const SCOPES_MAX: usize = 20;

/// What the address asks for. What it asks for in vain is in `notices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub filter: KeyFilter,
    /// The search as typed; of a whole secret only its key's id.
    pub q: String,
    /// The key whose whole secret was searched for.
    pub exposed: Option<ApiKeyId>,
    pub sort: KeySort,
    pub descending: bool,
    pub limit: u16,
    pub place: Place,
    /// Counted from 1.
    pub page_number: u32,
    pub notices: Vec<String>,
}

impl Default for ListQuery {
    fn default() -> Self {
        let sort = KeySort::default();
        Self {
            filter: KeyFilter::default(),
            q: String::new(),
            exposed: None,
            sort,
            descending: sort.is_descending_at_first(),
            limit: LIMITS[0],
            place: Place::Start,
            page_number: 1,
            notices: Vec::new(),
        }
    }
}

impl ListQuery {
    pub fn parse(query: &str, prefix: &KeyPrefix) -> Self {
        let mut list = Self::default();
        let mut cursor = None;
        // An empty value is what a form sends for a field left alone.
        let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty());
        for (name, value) in pairs {
            match name.as_ref() {
                "q" => list.search_for(&value, prefix),
                "after" | "before" => cursor = Some((name == "after", value.into_owned())),
                _ => list.take(&name, &value),
            }
        }
        list.filter.search = search::parse(prefix, &list.q);
        if let Some((after, text)) = cursor {
            list.go_to(after, &text);
        }
        list
    }

    fn search_for(&mut self, typed: &str, prefix: &KeyPrefix) {
        self.exposed = key_secret::secret_within(prefix, typed);
        self.q = match self.exposed {
            Some(id) => id.to_string(),
            None => search::cleaned(typed),
        };
    }

    fn take(&mut self, name: &str, value: &str) {
        let known = match name {
            "view" => named(&VIEWS, value)
                .map(|view| self.filter.view = view)
                .is_some(),
            "status" => named(&STATES, value)
                .map(|state| self.filter.states.push(state))
                .is_some(),
            "scope" => self.with_scope(value),
            "expires" => named(&LIVES, value)
                .map(|life| self.filter.life = Some(life))
                .is_some(),
            "idle" => named(&IDLES, value)
                .map(|idle| self.filter.idle = Some(idle))
                .is_some(),
            "sort" => self.sort_by(value),
            "limit" => self.show(value),
            _ => {
                self.notices.push(format!(
                    "“{}” is not a filter here and was ignored.",
                    short(name)
                ));
                return;
            }
        };
        if !known {
            self.notices
                .push(format!("“{}={}” was ignored.", name, short(value)));
        }
    }

    /// Which scopes there are is for the database to say.
    fn with_scope(&mut self, slug: &str) -> bool {
        let is_slug = slug.len() <= SLUG_LENGTH_MAX
            && slug
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let more = self.filter.scopes.len() < SCOPES_MAX;
        if is_slug && more && !self.filter.scopes.iter().any(|known| known == slug) {
            self.filter.scopes.push(slug.to_owned());
        }
        is_slug && more
    }

    fn sort_by(&mut self, value: &str) -> bool {
        let (name, descending) = match value.strip_prefix('-') {
            Some(name) => (name, true),
            None => (value, false),
        };
        let Some((_, sort)) = SORTS.into_iter().find(|(slug, _)| *slug == name) else {
            return false;
        };
        (self.sort, self.descending) = (sort, descending);
        true
    }

    fn show(&mut self, value: &str) -> bool {
        let limit = LIMITS.into_iter().find(|limit| limit.to_string() == value);
        self.limit = limit.unwrap_or(self.limit);
        limit.is_some()
    }

    fn go_to(&mut self, after: bool, text: &str) {
        let Some((page_number, place)) = cursor::decode(self.sort, text) else {
            self.notices
                .push("That page is no longer there. This is the first one.".to_owned());
            return;
        };
        self.page_number = page_number.max(1);
        self.place = if after {
            Place::After(place)
        } else {
            Place::Before(place)
        };
    }

    /// The slug of the view.
    pub fn view(&self) -> &'static str {
        slug_of(&VIEWS, &self.filter.view)
    }

    pub fn is_filtered(&self) -> bool {
        self.filter.is_narrow()
    }

    /// The same view without filters.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        let view = self.filter.view;
        self.with(|list| {
            list.q.clear();
            list.filter = KeyFilter {
                view,
                ..KeyFilter::default()
            };
        })
    }

    /// The choices of the status filter; the form offers one at a time.
    pub fn state_choices(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = |state| self.filter.states.first() == Some(state);
        STATES
            .iter()
            .map(|(slug, label, state)| (*slug, *label, chosen(state)))
            .collect()
    }

    /// The same list from its first page, changed by `change`.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut list = Self {
            place: Place::Start,
            page_number: 1,
            notices: Vec::new(),
            exposed: None,
            ..self.clone()
        };
        change(&mut list);
        list
    }

    /// What narrows the view, in words, each with the list without it; `label` names a scope.
    pub fn active_filters<'a>(&'a self, label: impl Fn(&'a str) -> &'a str) -> Vec<(String, Self)> {
        let mut active = Vec::new();
        if !self.q.is_empty() {
            let without = self.with(|list| {
                list.q.clear();
                list.filter.search = None;
            });
            active.push((format!("Search: {}", self.q), without));
        }
        for state in &self.filter.states {
            let without = self.with(|list| list.filter.states.retain(|other| other != state));
            active.push((format!("Status: {}", label_of(&STATES, state)), without));
        }
        for scope in &self.filter.scopes {
            let without = self.with(|list| list.filter.scopes.retain(|other| other != scope));
            active.push((format!("Scope: {}", label(scope)), without));
        }
        if let Some(life) = &self.filter.life {
            let without = self.with(|list| list.filter.life = None);
            active.push((label_of(&LIVES, life).to_owned(), without));
        }
        if let Some(idle) = &self.filter.idle {
            let without = self.with(|list| list.filter.idle = None);
            active.push((label_of(&IDLES, idle).to_owned(), without));
        }
        active
    }
}

/// What is repeated of an address in a notice.
fn short(text: &str) -> String {
    const LENGTH_MAX: usize = 40;
    search::cleaned(text).chars().take(LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests;
