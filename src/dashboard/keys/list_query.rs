//! The key list's address: every view of it can be kept as a link.

use std::borrow::Cow;

use crate::dashboard::keys::cursor;
use crate::dashboard::keys::search;
use crate::db::api_keys::IdleFilter;
use crate::db::api_keys::KeyFilter;
use crate::db::api_keys::KeySort;
use crate::db::api_keys::KeyView;
use crate::db::api_keys::LifeFilter;
use crate::db::api_keys::Place;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::key_state::KeyState;

pub const LIMITS: [u16; 3] = [25, 50, 100];

pub const VIEWS: [(&str, &str, KeyView); 5] = [
    ("current", "Current", KeyView::Current),
    ("attention", "Needs attention", KeyView::Attention),
    ("disabled", "Disabled", KeyView::Disabled),
    ("ended", "Ended", KeyView::Ended),
    ("all", "All", KeyView::All),
];

pub const STATES: [(&str, &str, KeyState); 5] = [
    ("active", "Active", KeyState::Active),
    ("rotating", "Rotating", KeyState::Rotating),
    ("disabled", "Disabled", KeyState::Disabled),
    ("expired", "Expired", KeyState::Expired),
    ("revoked", "Revoked", KeyState::Revoked),
];

pub const SORTS: [(&str, KeySort); 4] = [
    ("name", KeySort::Name),
    ("last-used", KeySort::LastUsed),
    ("expires", KeySort::Expires),
    ("created", KeySort::Created),
];

const LIVES: [(&str, &str, LifeFilter); 2] = [
    ("7d", "Expires within 7 days", LifeFilter::WithinSevenDays),
    ("never", "Never expires", LifeFilter::Never),
];

const IDLES: [(&str, &str, IdleFilter); 2] = [
    ("never", "Never used", IdleFilter::NeverUsed),
    ("90d", "Idle 90+ days", IdleFilter::NinetyDays),
];

/// What the address asks for. What it asks for in vain is in `notices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub filter: KeyFilter,
    /// The search as typed.
    pub q: String,
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

    fn take(&mut self, name: &str, value: &str) {
        let known = match name {
            "q" => {
                self.q = search::cleaned(value);
                true
            }
            "view" => named(&VIEWS, value)
                .map(|view| self.filter.view = view)
                .is_some(),
            "status" => named(&STATES, value)
                .map(|state| self.filter.states.push(state))
                .is_some(),
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

    /// How many filters narrow the view.
    pub fn filters(&self) -> usize {
        self.active_filters().len()
    }

    /// The same list from its first page, changed by `change`.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut list = Self {
            place: Place::Start,
            page_number: 1,
            notices: Vec::new(),
            ..self.clone()
        };
        change(&mut list);
        list
    }

    /// What narrows the view, in words, each with the list without it.
    pub fn active_filters(&self) -> Vec<(String, Self)> {
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

    /// All but the place: what a form sends along, hidden, beside its own fields.
    pub fn pairs(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let default = Self::default();
        let mut pairs: Vec<(&'static str, Cow<'_, str>)> = Vec::new();
        if self.filter.view != default.filter.view {
            pairs.push(("view", self.view().into()));
        }
        if !self.q.is_empty() {
            pairs.push(("q", self.q.as_str().into()));
        }
        for state in &self.filter.states {
            pairs.push(("status", slug_of(&STATES, state).into()));
        }
        if let Some(life) = &self.filter.life {
            pairs.push(("expires", slug_of(&LIVES, life).into()));
        }
        if let Some(idle) = &self.filter.idle {
            pairs.push(("idle", slug_of(&IDLES, idle).into()));
        }
        if (self.sort, self.descending) != (default.sort, default.descending) {
            pairs.push(("sort", self.sort_slug().into()));
        }
        if self.limit != default.limit {
            pairs.push(("limit", self.limit.to_string().into()));
        }
        pairs
    }

    fn sort_slug(&self) -> String {
        let slug = SORTS
            .into_iter()
            .find(|(_, sort)| *sort == self.sort)
            .map_or("", |(slug, _)| slug);
        format!("{}{slug}", if self.descending { "-" } else { "" })
    }

    /// This list's address under `base`; `cursor` is a place's name and value.
    pub fn url(&self, base: &str, cursor: Option<(&str, &str)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.pairs());
        query.extend_pairs(cursor);
        let query = query.finish();
        if query.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{query}")
        }
    }
}

fn named<T: Copy>(table: &[(&str, &str, T)], slug: &str) -> Option<T> {
    table
        .iter()
        .find(|(name, _, _)| *name == slug)
        .map(|(_, _, value)| *value)
}

fn slug_of<T: PartialEq>(table: &[(&'static str, &str, T)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(_, _, known)| known == value)
        .map_or("", |(slug, _, _)| slug)
}

fn label_of<T: PartialEq>(table: &[(&str, &'static str, T)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(_, _, known)| known == value)
        .map_or("", |(_, label, _)| label)
}

/// What is repeated of an address in a notice.
fn short(text: &str) -> String {
    const LENGTH_MAX: usize = 40;
    search::cleaned(text).chars().take(LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests;
