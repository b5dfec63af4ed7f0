//! What narrows a list, in words.

use crate::dashboard::keys::choices::IDLES;
use crate::dashboard::keys::choices::LIVES;
use crate::dashboard::keys::choices::REACHES;
use crate::dashboard::keys::choices::STATES;
use crate::dashboard::keys::choices::label_of;
use crate::dashboard::keys::list_query::ListQuery;
use crate::db::api_keys::KeyChoices;
use crate::domain::person::UserId;

impl ListQuery {
    /// Each filter with the list without it. Scopes and people that no key here has are called by
    /// what the address calls them.
    pub fn active_filters(&self, known: &KeyChoices) -> Vec<(String, Self)> {
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
            active.push((format!("Scope: {}", scope_label(known, scope)), without));
        }
        for category in &self.filter.categories {
            let without = self.with(|list| list.filter.categories.retain(|one| one != category));
            active.push((format!("Category: {category}"), without));
        }
        for person in &self.filter.owners {
            let without = self.with(|list| list.filter.owners.retain(|other| other != person));
            let name = person_name(known, *person);
            active.push((format!("Owner: {name}"), without));
        }
        if let Some(life) = &self.filter.life {
            let without = self.with(|list| list.filter.life = None);
            active.push((label_of(&LIVES, life).to_owned(), without));
        }
        if let Some(idle) = &self.filter.idle {
            let without = self.with(|list| list.filter.idle = None);
            active.push((label_of(&IDLES, idle).to_owned(), without));
        }
        if let Some(reach) = &self.filter.reach {
            let without = self.with(|list| list.filter.reach = None);
            active.push((label_of(&REACHES, reach).to_owned(), without));
        }
        active
    }
}

/// As the keys here have it, else as it was asked for.
fn scope_label<'a>(known: &'a KeyChoices, slug: &'a str) -> &'a str {
    let found = known.scopes.iter().find(|(known, _)| known == slug);
    found.map_or(slug, |(_, label)| label)
}

fn person_name(known: &KeyChoices, person: UserId) -> String {
    let found = known.owners.iter().find(|(id, _)| *id == person);
    found.map_or_else(|| person.to_string(), |(_, name)| name.clone())
}
