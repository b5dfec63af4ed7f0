//! An erased person's address in the words that others wrote.

use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::Text;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::sought::Sought;
use crate::db::users::erase::NAME;

/// Where an address may stand, and how long a text there may be.
const PLACES: [(&str, &str, u16); 9] = [
    // As the audit row of then says it.
    ("api_keys", "revoked_by", 254),
    ("catalogue_versions", "applied_by", 254),
    ("support_sessions", "decided_by", 254),
    ("api_keys", "note", 2_000),
    ("api_keys", "revoked_reason", 2_000),
    ("support_sessions", "ticket", 100),
    ("support_sessions", "reason", 50),
    ("support_sessions", "note", 500),
    ("support_sessions", "disabled_key_name", 200),
];

/// Texts that must stay different from one another, so each gets its row's id: names, and what the
/// log of calls refers to.
const UNIQUE: [(&str, &str, u16); 6] = [
    ("accounts", "name", 200),
    ("workspaces", "name", 200),
    ("api_keys", "name", 200),
    ("api_keys", "name_folded", 400),
    ("service_credentials", "name", 200),
    ("log_texts", "value", 1_024),
];

/// An address that is nobody's, and only this person's.
pub fn nobody(id: Uuid) -> String {
    format!("erased-{}@erased.invalid", id.simple())
}

/// Replaces the addresses; how many texts that were.
pub fn replace(conn: &mut PgConnection, emails: &Sought) -> Result<usize, DbError> {
    let own = |column: &str| {
        if column.ends_with("_folded") {
            "lower('erased-' || t.id)".to_owned()
        } else {
            "'erased-' || t.id".to_owned()
        }
    };
    let places = PLACES.map(|place| (place, format!("'{NAME}'")));
    let unique = UNIQUE.map(|place| (place, own(place.1)));
    let mut texts = 0;
    for ((table, column, length), word) in places.into_iter().chain(unique) {
        let sql = format!(
            "update {table} t
                set {column} = left(regexp_replace(t.{column}, $1, {word}, 'gi'), {length})
              where t.{column} ilike any ($2) and t.{column} ~* $1"
        );
        texts += diesel::sql_query(sql)
            .bind::<Text, _>(&emails.pattern)
            .bind::<Array<Text>, _>(&emails.likes)
            .execute(conn)?;
    }
    Ok(texts)
}
