//! What a key reads about itself, borrowed from the mirror.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::api_key::ApiKeyId;
use crate::domain::limit::LimitState;
use crate::edge::json::Json;
use crate::verify::Holder;

#[derive(Serialize)]
pub struct KeyFacts<'a> {
    #[serde(serialize_with = "id_as_text")]
    id: ApiKeyId,
    name: &'a str,
    category: &'a str,
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
pub struct AccountFacts<'a> {
    id: &'a str,
    domain: &'a str,
}

#[derive(Serialize)]
pub struct WorkspaceFacts<'a> {
    id: &'a str,
    slug: &'a str,
}

/// A limit and how much of it is used.
#[derive(Serialize)]
pub struct LimitFacts {
    window: &'static str,
    limit: u64,
    used: u64,
    remaining: u64,
    /// When some room frees; null of a total, and while nothing is used.
    resets_in_s: Option<i64>,
}

impl LimitFacts {
    pub fn of(state: &LimitState) -> Self {
        Self {
            window: state.window.as_str(),
            limit: state.limit,
            used: state.used,
            remaining: state.remaining(),
            resets_in_s: state.frees_in.map(whole_seconds),
        }
    }

    /// As serde writes it, in a part of the time.
    pub fn write(&self, json: &mut Json) {
        json.raw(r#"{"window":"#).text(self.window);
        json.raw(r#","limit":"#).number(self.limit);
        json.raw(r#","used":"#).number(self.used);
        json.raw(r#","remaining":"#).number(self.remaining);
        json.raw(r#","resets_in_s":"#);
        match self.resets_in_s {
            Some(seconds) => json.number(seconds),
            None => json.raw("null"),
        };
        json.raw("}");
    }
}

/// Rounded up: who comes then finds room.
fn whole_seconds(time: TimeDelta) -> i64 {
    let begun = time.subsec_nanos() > 0;
    time.num_seconds() + i64::from(begun)
}

impl<'a> KeyFacts<'a> {
    pub fn of(holder: &'a Holder) -> Self {
        Self {
            id: holder.key.id,
            name: &holder.key.name,
            category: &holder.key.category,
            expires_at: holder.key.expires_at(),
        }
    }
}

impl<'a> AccountFacts<'a> {
    pub fn of(holder: &'a Holder) -> Self {
        Self {
            id: &holder.account.public_id,
            domain: &holder.account.domain,
        }
    }
}

impl<'a> WorkspaceFacts<'a> {
    pub fn of(holder: &'a Holder) -> Self {
        Self {
            id: &holder.workspace.public_id,
            slug: &holder.workspace.slug,
        }
    }
}

fn id_as_text<S: serde::Serializer>(id: &ApiKeyId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limit::Window;

    #[test]
    fn a_limit_is_written_as_serde_writes_it() {
        for frees_in in [None, Some(TimeDelta::milliseconds(86_399_001))] {
            let facts = LimitFacts::of(&LimitState {
                window: Window::Daily,
                limit: u64::MAX,
                used: 7,
                frees_in,
            });
            let mut json = Json::with_capacity(0);
            facts.write(&mut json);
            assert_eq!(json.into_bytes(), serde_json::to_vec(&facts).unwrap());
        }
    }
}
