//! Where a log stands, and what may be asked of it there.

use chrono::NaiveDate;

/// What a page lets its log be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Whether keys and categories can be chosen, or the page is one key's.
    pub keys: bool,
    pub workspaces: bool,
    /// Whether its reader sees addresses.
    pub addresses: bool,
}

impl Takes {
    pub fn takes(self, name: &str) -> bool {
        match name {
            "key" | "category" => self.keys,
            "workspace" => self.workspaces,
            "ip" => self.addresses,
            _ => true,
        }
    }
}

/// Where a log stands: a page, and the place on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub path: String,
    /// With its `#`, or empty.
    pub fragment: &'static str,
}

impl Base {
    /// The requests on a key's page.
    pub fn of_key(key_url: &str) -> Self {
        Self {
            path: key_url.to_owned(),
            fragment: "#requests",
        }
    }

    pub fn with_query(&self, query: &str) -> String {
        let Self { path, fragment } = self;
        if query.is_empty() {
            format!("{path}{fragment}")
        } else {
            format!("{path}?{query}{fragment}")
        }
    }
}

/// The days of a chart's bar, on a key's page.
pub fn day_url(base: &str, day: NaiveDate) -> String {
    format!("{base}?range=custom&from={day}&to={day}#requests")
}
