//! A list written as an address.

use std::borrow::Cow;

use crate::dashboard::keys::choices::IDLES;
use crate::dashboard::keys::choices::LIVES;
use crate::dashboard::keys::choices::REACHES;
use crate::dashboard::keys::choices::SORTS;
use crate::dashboard::keys::choices::STATES;
use crate::dashboard::keys::choices::slug_of;
use crate::dashboard::keys::list_query::ListQuery;

impl ListQuery {
    /// What the search form keeps beside its own fields.
    pub fn kept_by_search(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut pairs = self.pairs();
        pairs.retain(|(name, _)| matches!(*name, "view" | "sort" | "limit"));
        pairs
    }

    /// All but the place.
    fn pairs(&self) -> Vec<(&'static str, Cow<'_, str>)> {
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
        for scope in &self.filter.scopes {
            pairs.push(("scope", scope.as_str().into()));
        }
        for category in &self.filter.categories {
            pairs.push(("category", category.as_str().into()));
        }
        for person in &self.filter.owners {
            pairs.push(("by", person.to_string().into()));
        }
        if let Some(life) = &self.filter.life {
            pairs.push(("expires", slug_of(&LIVES, life).into()));
        }
        if let Some(idle) = &self.filter.idle {
            pairs.push(("idle", slug_of(&IDLES, idle).into()));
        }
        if let Some(reach) = &self.filter.reach {
            pairs.push(("reach", slug_of(&REACHES, reach).into()));
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
