//! From a form in order to a key in the database, once.

use chrono::DateTime;
use chrono::Utc;
use diesel::PgConnection;

use crate::crypto::key_secret::PlainKey;
use crate::dashboard::error::PageError;
use crate::dashboard::keys::create_form::ValidKey;
use crate::dashboard::keys::settings::KeySettings;
use crate::dashboard::signed_in::InWorkspace;
use crate::db::DbError;
use crate::db::api_keys;
use crate::db::api_keys::Creation;
use crate::db::api_keys::NAME_TAKEN;
use crate::db::api_keys::NameHolder;
use crate::db::api_keys::NewApiKey;
use crate::db::api_keys::OPERATION_REPEATED;
use crate::db::api_keys::TOO_MANY;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::random::Random;

/// What became of a form.
pub enum Made {
    /// By this form. Calls are answered once the nodes have applied this change.
    Now(i64),
    /// By the same form, sent earlier.
    Before(Creation),
    /// By this key, unless it has given up the name meanwhile.
    NameTaken(Option<NameHolder>),
    /// The workspace has as many keys as it may have.
    TooMany,
    /// The form's one-use id belongs to somebody else.
    Refused,
}

pub fn plain_key(settings: &KeySettings, random: &dyn Random) -> Result<PlainKey, PageError> {
    let id = ApiKeyId::generate(random).map_err(PageError::internal)?;
    PlainKey::generate(&settings.prefix, id, random).map_err(PageError::internal)
}

/// What the database keeps of it.
pub fn new_key(
    place: &InWorkspace,
    settings: &KeySettings,
    plain: &PlainKey,
    valid: &ValidKey<'_>,
) -> NewApiKey {
    NewApiKey {
        account_id: place.account,
        workspace_id: valid.workspace.id,
        id: plain.id(),
        name: valid.name.clone(),
        category: valid.category.clone(),
        note: valid.note.clone(),
        grant: valid.grant.clone(),
        limits: valid.limits,
        network: valid.network.clone(),
        created_by: place.person.viewer.id,
        expires_at: valid.expires_at,
        operation: valid.operation,
        digest: settings.pepper.digest(plain.expose()),
        last_four: plain.last_four(),
    }
}

/// The unique constraints judge; only a refusal is looked into.
pub fn make(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    new: &NewApiKey,
) -> Result<Made, DbError> {
    let refused = match api_keys::insert(conn, actor, now, new) {
        Ok(seq) => return Ok(Made::Now(seq)),
        Err(refused) => refused,
    };
    let too_many = refused.is_conflict_on(TOO_MANY);
    let name_taken = refused.is_conflict_on(NAME_TAKEN);
    if !too_many && !name_taken && !refused.is_conflict_on(OPERATION_REPEATED) {
        return Err(refused);
    }
    // A form sent twice meets its own key under both constraints.
    let account = new.account_id;
    let before = api_keys::find_by_operation(conn, account, new.created_by, new.operation)?;
    Ok(match before {
        Some(key) => Made::Before(key),
        None if too_many => Made::TooMany,
        None if name_taken => Made::NameTaken(api_keys::name_holder(conn, account, &new.name)?),
        None => Made::Refused,
    })
}
