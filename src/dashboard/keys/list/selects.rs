//! The list's filters as a form offers them, one value of each at a time.

use crate::dashboard::keys::choices::IDLES;
use crate::dashboard::keys::choices::LIVES;
use crate::dashboard::keys::choices::REACHES;
use crate::dashboard::keys::choices::STATES;
use crate::dashboard::keys::list::ListPage;

/// One filter. The empty value is "Any".
pub struct Select {
    pub name: &'static str,
    pub label: &'static str,
    /// Value, words, whether it is chosen.
    pub options: Vec<(String, String, bool)>,
}

impl Select {
    fn of<T: PartialEq>(
        (name, label): (&'static str, &'static str),
        table: &[(&str, &str, T)],
        chosen: Option<&T>,
    ) -> Self {
        let option = |(slug, words, value): &(&str, &str, T)| {
            let chosen = chosen == Some(value);
            ((*slug).to_owned(), (*words).to_owned(), chosen)
        };
        Self {
            name,
            label,
            options: table.iter().map(option).collect(),
        }
    }

    /// Of what the keys have, and what is asked for in vain.
    fn among(
        (name, label): (&'static str, &'static str),
        known: impl IntoIterator<Item = (String, String)>,
        chosen: Option<String>,
    ) -> Self {
        let mut options: Vec<(String, String, bool)> = known
            .into_iter()
            .map(|(value, words)| {
                let is_chosen = chosen.as_ref() == Some(&value);
                (value, words, is_chosen)
            })
            .collect();
        if let Some(value) = chosen.filter(|value| options.iter().all(|one| one.0 != *value)) {
            options.push((value.clone(), value, true));
        }
        Self {
            name,
            label,
            options,
        }
    }

    /// Whether choosing makes a difference: between at least so many, or back to any.
    fn offers(&self, least: usize) -> bool {
        self.options.len() >= least || self.is_set()
    }

    fn is_set(&self) -> bool {
        self.options.iter().any(|(.., chosen)| *chosen)
    }
}

impl ListPage {
    /// Beside the search.
    pub(super) fn selects(&self) -> Vec<Select> {
        let (known, filter) = (&self.choices, &self.query.filter);
        let scope = Select::among(
            ("scope", "Scope"),
            known.scopes.iter().cloned(),
            filter.scopes.first().cloned(),
        );
        let status = Select::of(("status", "Status"), &STATES, filter.states.first());
        let scope = Some(scope).filter(|select| select.offers(2));
        [Some(status), scope].into_iter().flatten().collect()
    }

    /// Behind "More filters".
    pub(super) fn more_selects(&self) -> Vec<Select> {
        let (known, filter) = (&self.choices, &self.query.filter);
        let doubled = |category: &String| (category.clone(), category.clone());
        let category = Select::among(
            ("category", "Category"),
            known.categories.iter().map(doubled),
            filter.categories.first().cloned(),
        );
        let people = known.owners.iter();
        let owner = Select::among(
            ("by", "Owner"),
            people.map(|(id, name)| (id.to_string(), name.clone())),
            filter.owners.first().map(ToString::to_string),
        );
        let expires = Select::of(("expires", "Expires"), &LIVES, filter.life.as_ref());
        let idle = Select::of(("idle", "Last used"), &IDLES, filter.idle.as_ref());
        let reach = Select::of(("reach", "Access"), &REACHES, filter.reach.as_ref());
        [
            Some(category).filter(|select| select.offers(1)),
            Some(owner).filter(|select| select.offers(2)),
            Some(expires),
            Some(idle),
            Some(reach),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    pub(super) fn has_more_set(&self) -> bool {
        self.more_selects().iter().any(Select::is_set)
    }
}
