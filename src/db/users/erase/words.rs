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

/// Names that must stay different from one another, so each gets its row's id.
const NAMES: [(&str, &str, u16); 5] = [
    ("accounts", "name", 200),
    ("workspaces", "name", 200),
    ("api_keys", "name", 200),
    ("api_keys", "name_folded", 400),
    ("service_credentials", "name", 200),
];

/// Paths, programs and names of keys in the log of calls, which must stay different too.
const LOGGED: &str = "
    update log_texts t set value = left(regexp_replace(t.value, $1, 'erased-' || t.id, 'gi'), 1024)
     where t.value ilike any ($2) and t.value ~* $1";

/// An address that is nobody's, and only this person's.
pub fn nobody(id: Uuid) -> String {
    format!("erased-{}@erased.invalid", id.simple())
}

/// Replaces the addresses; how many texts that were.
pub fn replace(conn: &mut PgConnection, emails: &Sought) -> Result<usize, DbError> {
    let own = |column: &str| {
        if column.ends_with("_folded") {
            "lower('erased-' || t.id)"
        } else {
            "'erased-' || t.id"
        }
    };
    let places = PLACES.into_iter().map(|place| (place, "$3"));
    let names = NAMES.into_iter().map(|place| (place, own(place.1)));
    let mut texts = 0;
    for ((table, column, length), word) in places.chain(names) {
        // All bind the word, whether they need it or not.
        let sql = format!(
            "update {table} t
                set {column} = left(regexp_replace(t.{column}, $1, {word}, 'gi'), {length})
              where t.{column} ilike any ($2) and t.{column} ~* $1 and $3 <> ''"
        );
        texts += diesel::sql_query(sql)
            .bind::<Text, _>(&emails.pattern)
            .bind::<Array<Text>, _>(&emails.likes)
            .bind::<Text, _>(NAME)
            .execute(conn)?;
    }
    texts += diesel::sql_query(LOGGED)
        .bind::<Text, _>(&emails.pattern)
        .bind::<Array<Text>, _>(&emails.likes)
        .execute(conn)?;
    Ok(texts)
}
