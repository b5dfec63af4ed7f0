//! The keys that somebody ticked, and which of them can be stopped.

use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::bulk::BULK_MAX;
use crate::dashboard::keys::bulk::Bulk;
use crate::dashboard::keys::list_query::ListQuery;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::posted::Fields;
use crate::dashboard::signed_in::InWorkspace;
use crate::dashboard::urls;
use crate::db::Db;
use crate::db::api_keys;
use crate::db::api_keys::ChosenKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::key_state::KeyState;
use crate::domain::role::WorkspaceRole;

/// Why a key is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    AlreadyRevoked,
    AlreadyDisabled,
    Expired,
    NotYours,
    /// Of elsewhere, or of nowhere.
    Unknown,
    /// The database did not take it.
    Failed,
}

impl Passed {
    pub fn words(self) -> &'static str {
        match self {
            Self::AlreadyRevoked => "Was already revoked",
            Self::AlreadyDisabled => "Was already disabled",
            Self::Expired => "Had already expired",
            Self::NotYours => "Not yours: it takes its owner or an admin",
            Self::Unknown => "Not a key of this workspace",
            Self::Failed => "Not done: the database did not answer. Try again.",
        }
    }
}

pub struct Choice {
    pub bulk: Bulk,
    /// As many as were sent, each once.
    pub asked: Vec<ApiKeyId>,
    pub stoppable: Vec<ChosenKey>,
    /// By name; of an unknown key, its id.
    pub passed: Vec<(String, Passed)>,
    pub now: DateTime<Utc>,
    /// The list's query that the keys were ticked under.
    pub back: String,
    pub back_url: String,
}

impl Choice {
    /// For those who may stop any key here.
    pub async fn read(
        place: &InWorkspace,
        (db, settings): (&Db, &KeySettings),
        (fields, bulk): (&Fields, Bulk),
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let role = place.workspace.role;
        let asked = asked(fields)?;
        let (key_place, ids) = ((place.account, place.workspace.id), asked.clone());
        let found = db
            .run(move |conn| api_keys::chosen(conn, key_place, &ids, now))
            .await?;
        let base = urls::keys(&place.workspace.slug);
        let list = ListQuery::parse(fields.get("back"), &settings.prefix);
        let back_url = list.with(|_| ()).url(&base, None);
        let mut choice = Self {
            bulk,
            passed: unknown(&asked, &found),
            stoppable: Vec::new(),
            asked,
            now,
            back: back_url[base.len()..].trim_start_matches('?').to_owned(),
            back_url,
        };
        for key in found {
            let own = key.owner == Some(place.person.viewer.id);
            match passed(bulk, &key, (role, own), now) {
                Some(why) => choice.passed.push((key.name, why)),
                None => choice.stoppable.push(key),
            }
        }
        Ok(choice)
    }

    pub fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }
}

fn asked(fields: &Fields) -> Result<Vec<ApiKeyId>, PageError> {
    let mut asked: Vec<ApiKeyId> = Vec::new();
    for id in fields.all("key").filter_map(|text| text.parse().ok()) {
        if !asked.contains(&id) {
            asked.push(id);
        }
        if asked.len() > BULK_MAX {
            return Err(PageError::BadForm(
                "At most 100 keys can be chosen at once.",
            ));
        }
    }
    Ok(asked)
}

fn unknown(asked: &[ApiKeyId], found: &[ChosenKey]) -> Vec<(String, Passed)> {
    asked
        .iter()
        .filter(|id| found.iter().all(|key| key.id != **id))
        .map(|id| (id.to_string(), Passed::Unknown))
        .collect()
}

fn passed(
    bulk: Bulk,
    key: &ChosenKey,
    (role, own): (WorkspaceRole, bool),
    now: DateTime<Utc>,
) -> Option<Passed> {
    match key.times.state(now) {
        KeyState::Revoked => Some(Passed::AlreadyRevoked),
        KeyState::Expired => Some(Passed::Expired),
        _ if !role.may_manage_key(own) => Some(Passed::NotYours),
        KeyState::Disabled if bulk == Bulk::Disable => Some(Passed::AlreadyDisabled),
        KeyState::Disabled | KeyState::Rotating | KeyState::Active => None,
    }
}
