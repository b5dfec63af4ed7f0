//! The key list's address: every view of it can be kept as a link.

use crate::crypto::key_secret;
use crate::dashboard::keys::choices::IDLES;
use crate::dashboard::keys::choices::LIMITS;
use crate::dashboard::keys::choices::LIVES;
use crate::dashboard::keys::choices::REACHES;
use crate::dashboard::keys::choices::SORTS;
use crate::dashboard::keys::choices::STATES;
use crate::dashboard::keys::choices::VIEWS;
use crate::dashboard::keys::choices::named;
use crate::dashboard::keys::choices::slug_of;
use crate::dashboard::keys::cursor;
use crate::dashboard::keys::search;
use crate::db::api_keys::KeyFilter;
use crate::db::api_keys::KeySort;
use crate::db::api_keys::Place;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::CATEGORY_LENGTH_MAX;
use crate::domain::key_prefix::KeyPrefix;

mod active;
mod address;

/// As presets are named.
const SLUG_LENGTH_MAX: usize = 50;
/// More than anybody chooses.
const CHOICES_MAX: usize = 20;

/// What the address asks for. What it asks for in vain is in `notices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub filter: KeyFilter,
    /// The search as typed; of a secret only what pages show of it.
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
        let shown = key_secret::shown_of(prefix, typed);
        self.q = shown.unwrap_or_else(|| search::cleaned(typed));
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
            "category" => self.in_category(value),
            "by" => self.made_by(value),
            "expires" => named(&LIVES, value)
                .map(|life| self.filter.life = Some(life))
                .is_some(),
            "idle" => named(&IDLES, value)
                .map(|idle| self.filter.idle = Some(idle))
                .is_some(),
            "reach" => named(&REACHES, value)
                .map(|reach| self.filter.reach = Some(reach))
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
        let more = self.filter.scopes.len() < CHOICES_MAX;
        if is_slug && more && !self.filter.scopes.iter().any(|known| known == slug) {
            self.filter.scopes.push(slug.to_owned());
        }
        is_slug && more
    }

    fn in_category(&mut self, category: &str) -> bool {
        let known = &mut self.filter.categories;
        let fits = known.len() < CHOICES_MAX && category.chars().count() <= CATEGORY_LENGTH_MAX;
        let fits = fits && !category.chars().any(char::is_control);
        if fits && !known.iter().any(|other| other == category) {
            known.push(category.to_owned());
        }
        fits
    }

    fn made_by(&mut self, person: &str) -> bool {
        let known = &mut self.filter.owners;
        let Some(person) = person.parse().ok().filter(|_| known.len() < CHOICES_MAX) else {
            return false;
        };
        if !known.contains(&person) {
            known.push(person);
        }
        true
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
}

/// What is repeated of an address in a notice.
fn short(text: &str) -> String {
    const LENGTH_MAX: usize = 40;
    search::cleaned(text).chars().take(LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests;
