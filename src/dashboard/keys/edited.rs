//! A key that is about to be changed, and what it could be given.

use std::sync::Arc;

use actix_web::HttpRequest;
use chrono::DateTime;
use chrono::Utc;

use crate::dashboard::error::PageError;
use crate::dashboard::keys::asked::not_theirs;
use crate::dashboard::keys::key_in;
use crate::dashboard::keys::policy_rules::PolicyRules;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::Db;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::catalogue::Offer;
use crate::db::catalogue::Offers;
use crate::db::key_policies;
use crate::domain::api_key::ApiKey;
use crate::domain::grant::Permissions;
use crate::domain::key_policy::KeyPolicy;

pub struct EditedKey {
    pub key: ApiKey,
    pub offer: Arc<Offer>,
    /// What the workspace asks of a key that is changed.
    pub policy: KeyPolicy,
    pub now: DateTime<Utc>,
}

impl EditedKey {
    /// For those who may manage the key.
    pub async fn read(
        place: &InWorkspace,
        request: &HttpRequest,
        (db, offers): (&Db, &Offers),
        now: DateTime<Utc>,
    ) -> Result<Self, PageError> {
        let id = key_in(request)?;
        let (account, workspace) = (place.account, place.workspace.id);
        let offers = offers.clone();
        let (key, offer, policy) = db
            .run(move |conn| {
                let key = api_keys::find(conn, account, workspace, id)?;
                let offer = offers.at(conn, key.offer_version)?;
                let policy = key_policies::find(conn, account, workspace)?;
                Ok::<_, DbError>((key, offer, policy))
            })
            .await?;
        let own = key.is_of(place.person.viewer.id);
        if place.workspace.role.may_manage_key(own) {
            return Ok(Self {
                key,
                offer,
                policy,
                now,
            });
        }
        Err(not_theirs("Changing", &key, &place.workspace.name))
    }

    pub fn asked<'a>(&'a self, place: &'a InWorkspace) -> PolicyRules<'a> {
        PolicyRules {
            policy: &self.policy,
            workspace: &place.workspace.name,
        }
    }

    /// What this person may do where the key is, and so give it.
    pub fn rights(&self, place: &InWorkspace) -> &Permissions {
        self.offer.catalogue.rights.of(place.workspace.role)
    }
}
