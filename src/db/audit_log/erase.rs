//! Taking somebody out of the audit log, so that its chains stay as they are.
//!
//! A row is emptied part by part: who did it, to what, the facts. What was emptied is noted in
//! `audit_erasures`, and the event of the erasure holds a digest over that.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Uuid as SqlUuid;
use uuid::Uuid;

use crate::db::DbError;
use crate::db::sought::Sought;
use crate::domain::audit::Action;
use crate::domain::audit::erasure;
use crate::domain::person::UserId;

/// Rows that one statement empties.
const BATCH: i64 = 10_000;

/// Erasures that are read at once.
const PAGE: i64 = 1_000;

/// Facts of somebody that say nothing about who they were. All others go.
const HARMLESS: [&str; 4] = ["role", "by", "left", "workspaces"];

/// Whom an erasure is about.
#[derive(Debug, Clone, Copy)]
pub struct Whom<'a> {
    /// What the erasure is known by: the person, if there is one.
    pub erasure: Uuid,
    pub person: Option<UserId>,
    /// Their address, in each way it is written: a person's row is found by it as a whole.
    pub addresses: &'a [String],
    /// The same, wherever else it stands.
    pub emails: &'a Sought,
    /// What they were called: looked for in rows that are about them, since others may be called so.
    pub names: Option<&'a Sought>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emptied {
    pub parts: i64,
    /// Rows from before there were salts: these cannot be emptied and still name them.
    pub left: i64,
    /// Over what was emptied; empty text for nothing.
    pub digest: String,
}

/// Notes what is to be emptied; tells how many parts and how many rows cannot be.
const NOTE: &str = "
    with matched as materialized (
        select e.id, e.actor_salt, e.target_salt, e.facts_salt,
            num_nonnulls(e.actor_salt, e.actor_digest, e.target_salt, e.target_digest,
                e.facts_salt, e.facts_digest) = 0 as old,
            coalesce(e.actor_id = $1, false)
                or case when e.actor_kind in ('person', 'support')
                    then e.actor_label = any ($8) or lower(e.actor_label) = any ($8)
                    else e.actor_label ~* $3 end as actor,
            coalesce(e.target_kind = 'person' and e.target_id = $1, false)
                or case when e.target_kind = 'person'
                    then e.target_label = any ($8) or lower(e.target_label) = any ($8)
                    else e.target_label ~* $3 end
                or coalesce(e.target_id = $1 and e.target_label ~* $4, false) as target,
            coalesce(f.texts ~* $3, false)
                or coalesce(e.target_id = $1 and f.texts ~* $4, false)
                or coalesce(e.target_kind = 'person' and e.target_id = $1, false)
                    and (coalesce(case jsonb_typeof(e.before) when 'object'
                            then e.before - $5 <> '{}'::jsonb else e.before is not null end, false)
                        or coalesce(case jsonb_typeof(e.after) when 'object'
                            then e.after - $5 <> '{}'::jsonb else e.after is not null end, false))
                as facts
          from audit_log e
         cross join lateral (select nullif(concat_ws(' ', e.before::text, e.after::text,
             e.reason), '') as texts) f
         where e.action <> $6
           and (e.actor_id = $1 or e.target_id = $1 or e.actor_label ilike any ($2)
               or e.target_label ilike any ($2) or f.texts ilike any ($2))
    ), noted as (
        insert into audit_erasures (entry, part, erasure)
        select m.id, p.part, $7 from matched m cross join lateral (values
            ('actor', m.actor and m.actor_salt is not null),
            ('target', m.target and m.target_salt is not null),
            ('facts', m.facts and m.facts_salt is not null)) p (part, wanted)
         where p.wanted
        returning 1
    )
    select (select count(*) from noted) as parts,
           (select count(*) from matched where old and (actor or target or facts)) as left_over";

#[derive(QueryableByName)]
struct Noted {
    #[diesel(sql_type = BigInt)]
    parts: i64,
    #[diesel(sql_type = BigInt)]
    left_over: i64,
}

/// Call it within the transaction of the erasure, before its event is written, which must hold the
/// digest.
pub fn empty(conn: &mut PgConnection, whom: Whom<'_>) -> Result<Emptied, DbError> {
    let harmless = HARMLESS.map(str::to_owned).to_vec();
    let noted: Noted = diesel::sql_query(NOTE)
        .bind::<Nullable<Text>, _>(whom.person.map(|person| person.to_string()))
        .bind::<Array<Text>, _>(&whom.emails.likes)
        .bind::<Text, _>(&whom.emails.pattern)
        .bind::<Nullable<Text>, _>(whom.names.map(|names| names.pattern.as_str()))
        .bind::<Array<Text>, _>(harmless)
        .bind::<Text, _>(Action::PersonErased.code())
        .bind::<SqlUuid, _>(whom.erasure)
        .bind::<Array<Text>, _>(whom.addresses)
        .get_result(conn)?;
    let mut after = 0;
    while let Some(last) = empty_batch(conn, whom.erasure, after)? {
        after = last;
    }
    let before = whom.erasure.as_u128().wrapping_sub(1);
    let digests = digests(conn, Uuid::from_u128(before), 1)?;
    let digest = digests.into_iter().find(|(of, _)| *of == whom.erasure);
    Ok(Emptied {
        parts: noted.parts,
        left: noted.left_over,
        digest: digest.map(|(_, digest)| digest).unwrap_or_default(),
    })
}

const EMPTY: &str = "
    with batch as materialized (
        select entry, bool_or(part = 'actor') as actor, bool_or(part = 'target') as target,
            bool_or(part = 'facts') as facts
          from audit_erasures where erasure = $1 and entry > $2
         group by entry order by entry limit $3
    ), emptied as (
        update audit_log e set
            actor_digest = case when b.actor then audit_part(e.actor_digest, e.actor_salt,
                jsonb_build_array('actor', e.actor_label, e.ip::text)) else e.actor_digest end,
            actor_salt = case when b.actor then null else e.actor_salt end,
            actor_label = case when b.actor then $4 else e.actor_label end,
            ip = case when b.actor then null else e.ip end,
            target_digest = case when b.target then audit_part(e.target_digest, e.target_salt,
                jsonb_build_array('target', e.target_label)) else e.target_digest end,
            target_salt = case when b.target then null else e.target_salt end,
            target_label = case when b.target then $4 else e.target_label end,
            facts_digest = case when b.facts then audit_part(e.facts_digest, e.facts_salt,
                jsonb_build_array('facts', e.before, e.after, e.reason)) else e.facts_digest end,
            facts_salt = case when b.facts then null else e.facts_salt end,
            before = case when b.facts then null else e.before end,
            after = case when b.facts then null else e.after end,
            reason = case when b.facts then null else e.reason end
          from batch b where e.id = b.entry
        returning e.id
    )
    select max(id) as last from emptied";

/// The last row of the next `BATCH`.
fn empty_batch(conn: &mut PgConnection, erasure: Uuid, after: i64) -> Result<Option<i64>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<BigInt>)]
        last: Option<i64>,
    }
    let row: Row = diesel::sql_query(EMPTY)
        .bind::<SqlUuid, _>(erasure)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(BATCH)
        .bind::<Text, _>(erasure::WORD)
        .get_result(conn)?;
    Ok(row.last)
}

const DIGESTS: &str = "
    select erasure, encode(sha256(convert_to(string_agg(entry || ':' || part, ','
            order by entry, part collate \"C\"), 'UTF8')), 'hex') as digest
      from audit_erasures where erasure > $1
     group by erasure order by erasure limit $2";

/// Over what was emptied by the erasures after `after`, `limit` at most.
fn digests(
    conn: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<(Uuid, String)>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        erasure: Uuid,
        #[diesel(sql_type = Text)]
        digest: String,
    }
    let rows: Vec<Row> = diesel::sql_query(DIGESTS)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(limit)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.erasure, row.digest))
        .collect())
}

/// Over what was emptied by each erasure.
pub fn noted(conn: &mut PgConnection) -> Result<BTreeMap<String, String>, DbError> {
    let (mut noted, mut after) = (BTreeMap::new(), Uuid::nil());
    loop {
        let page = digests(conn, after, PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(noted);
        };
        after = *last;
        let page = page.into_iter();
        noted.extend(page.map(|(erasure, digest)| (erasure.to_string(), digest)));
    }
}
