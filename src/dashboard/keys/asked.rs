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
        let own = key.created_by == place.person.viewer.id;
        if place.workspace.role.may_manage_key(own) {
            return Ok(Self { key, facts, now });
        }
        Err(PageError::Forbidden(format!(
            "{doing} {} takes its creator, {}, or an admin of {}.",
            key.name, key.creator_name, place.workspace.name
        )))
    }

    /// The key's own time is some seconds late, the log's row may be gone: the later one.
    pub fn last_used(&self) -> Option<Moment> {
        let at = self.key.last_used_at.max(self.facts.last_call_at);
        at.map(|at| Moment::new(at, self.now))
    }
}
