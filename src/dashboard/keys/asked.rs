//! The key that a page asks about before it is stopped, and what the key did lately.

use actix_web::HttpRequest;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::key_in;
use crate::dashboard::moment::Moment;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::LiveFacts;
use crate::domain::api_key::ApiKey;
use crate::domain::api_key::ApiKeyId;

pub struct Asked {
    pub key: ApiKey,
    pub facts: LiveFacts,
    pub now: DateTime<Utc>,
}

impl Asked {
    /// For those who may stop the key; `doing` is what the others are told they may not: "Revoking".
    pub async fn read(
        place: &InWorkspace,
        request: &HttpRequest,
        db: &Db,
        (doing, now): (&str, DateTime<Utc>),
    ) -> Result<Self, PageError> {
        let id: ApiKeyId = key_in(request)?;
        let (account, workspace) = (place.account, place.workspace.id);
        let (key, facts) = db
            .run(move |conn| {
                let key = api_keys::find(conn, account, workspace, id)?;
                let facts = api_keys::live_facts(conn, account, id, now)?;
                Ok((key, facts))
            })
            .await?;
        let own = key.is_of(place.person.viewer.id);
        if place.workspace.role.may_manage_key(own) {
            return Ok(Self { key, facts, now });
        }
        Err(not_theirs(doing, &key, &place.workspace.name))
    }

    /// The key's own time is some seconds late, the log's row may be gone: the later one.
    pub fn last_used(&self) -> Option<Moment> {
        let at = self.key.last_used_at.max(self.facts.last_call_at);
        at.map(|at| Moment::new(at, self.now))
    }
}

/// To somebody who may do to their own keys only what they want to do to this one.
pub fn not_theirs(doing: &str, key: &ApiKey, workspace: &str) -> PageError {
    let name = &key.name;
    PageError::Forbidden(match &key.owner {
        Some(owner) => format!(
            "{doing} {name} takes its owner, {}, or an admin of {workspace}.",
            owner.name
        ),
        None => format!("{doing} {name} takes an admin of {workspace}: it is a service key."),
    })
}
