//! The links of the audit log, which the database makes and `latchkey audit verify` walks.

use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Bytea;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::db::schema::accounts;
use crate::db::schema::audit_links;
use crate::db::schema::audit_log;
use crate::domain::audit::Action;
use crate::domain::audit::chain::Hash;
use crate::domain::audit::chain::Head;
use crate::domain::audit::chain::Link;
use crate::domain::audit::erasure;
use crate::domain::audit::erasure::Traces;

/// Links that are read at once.
pub const PAGE: i64 = 10_000;

/// The text that a link hashes, made here anew: what the database calls by that name could have
/// been changed together with a row. Then what the row shows of erasures.
const LINKS: &str = "
    select link.seq, link.hash,
           case when e.id is null then null
               when num_nonnulls(e.actor_salt, e.actor_digest, e.target_salt, e.target_digest,
                   e.facts_salt, e.facts_digest) = 0
               then jsonb_build_array('v1', e.id, e.public_id, e.account_id, e.workspace_id,
                   (extract(epoch from e.at) * 1000000)::bigint, e.actor_kind, e.actor_id,
                   e.actor_label, e.action, e.target_kind, e.target_id, e.target_label, e.before,
                   e.after, e.reason, e.ip::text, e.request_id)::text
               else jsonb_build_array('v2', e.id, e.public_id, e.account_id, e.workspace_id,
                   (extract(epoch from e.at) * 1000000)::bigint, e.actor_kind, e.actor_id,
                   encode(case when e.actor_salt is null then e.actor_digest
                       else sha256(uuid_send(e.actor_salt) || convert_to(jsonb_build_array(
                           'actor', e.actor_label, e.ip::text)::text, 'UTF8')) end, 'hex'),
                   e.action, e.target_kind, e.target_id,
                   encode(case when e.target_salt is null then e.target_digest
                       else sha256(uuid_send(e.target_salt) || convert_to(jsonb_build_array(
                           'target', e.target_label)::text, 'UTF8')) end, 'hex'),
                   encode(case when e.facts_salt is null then e.facts_digest
                       else sha256(uuid_send(e.facts_salt) || convert_to(jsonb_build_array(
                           'facts', e.before, e.after, e.reason)::text, 'UTF8')) end, 'hex'),
                   e.request_id)::text
           end as entry,
           coalesce(e.actor_digest is not null and (e.actor_salt is not null
                   or e.actor_label <> $4 or e.ip is not null)
               or e.target_digest is not null and (e.target_salt is not null
                   or e.target_label <> $4)
               or e.facts_digest is not null and (e.facts_salt is not null
                   or num_nonnulls(e.before, e.after, e.reason) > 0), false) as misread,
           array_remove(array[
               case when e.actor_digest is not null then coalesce((select x.erasure::text
                   from audit_erasures x where x.entry = e.id and x.part = 'actor'), '') end,
               case when e.target_digest is not null then coalesce((select x.erasure::text
                   from audit_erasures x where x.entry = e.id and x.part = 'target'), '') end,
               case when e.facts_digest is not null then coalesce((select x.erasure::text
                   from audit_erasures x where x.entry = e.id and x.part = 'facts'), '') end,
               case when e.actor_digest is not null and e.actor_kind in ('person', 'support')
                   then e.actor_id end,
               case when e.target_digest is not null and e.target_kind = 'person'
                   then e.target_id end], null) as needs,
           case when e.action = $5 then e.target_id end as erased,
           coalesce(e.after ->> $6, '') as digest
      from audit_links link left join audit_log e on e.id = link.entry
     where link.chain = $1 and link.seq > $2
     order by link.seq limit $3";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    entry: Option<String>,
    #[diesel(sql_type = Bool)]
    misread: bool,
    #[diesel(sql_type = Array<Text>)]
    needs: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    erased: Option<String>,
    #[diesel(sql_type = Text)]
    digest: String,
}

/// The next `PAGE` links of a chain at most, in their order.
pub fn links(conn: &mut PgConnection, chain: i32, after: i64) -> Result<Vec<Link>, DbError> {
    let rows: Vec<Row> = diesel::sql_query(LINKS)
        .bind::<Integer, _>(chain)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(PAGE)
        .bind::<Text, _>(erasure::WORD)
        .bind::<Text, _>(Action::PersonErased.code())
        .bind::<Text, _>(erasure::DIGEST_FACT)
        .load(conn)?;
    Ok(rows.into_iter().map(link).collect())
}

fn link(row: Row) -> Link {
    let digest = row.digest;
    Link {
        seq: row.seq,
        hash: row.hash,
        entry: row.entry,
        traces: Traces {
            misread: row.misread,
            needs: row.needs,
            tells: row.erased.map(|erased| (erased, digest)),
        },
    }
}

/// The chains after `after`, `PAGE` at most, with the account's name where it has one.
pub fn chains(conn: &mut PgConnection, after: i32) -> Result<Vec<(i32, Option<String>)>, DbError> {
    Ok(audit_links::table
        .left_join(accounts::table.on(accounts::id.eq(audit_links::chain)))
        .filter(audit_links::chain.gt(after))
        .select((audit_links::chain, accounts::name.nullable()))
        .distinct()
        .order(audit_links::chain)
        .limit(PAGE)
        .load(conn)?)
}

/// Rows that no link holds: added behind the database's back.
pub fn count_unlinked(conn: &mut PgConnection) -> Result<i64, DbError> {
    let linked = audit_links::table.filter(audit_links::entry.eq(audit_log::id));
    Ok(audit_log::table
        .filter(diesel::dsl::not(diesel::dsl::exists(linked)))
        .count()
        .get_result(conn)?)
}

/// How far chains go.
#[derive(Debug, Default)]
pub struct Heads {
    pub of: Vec<(i32, Head)>,
    /// The highest number of a row in them.
    pub entry: i64,
}

/// How far each chain goes that has a row with a number above `after`.
pub fn heads_since(conn: &mut PgConnection, after: i64) -> Result<Heads, DbError> {
    let rows: Vec<(i32, i64, i64, Vec<u8>)> = audit_links::table
        .filter(audit_links::entry.gt(after))
        .order((audit_links::chain, audit_links::seq.desc()))
        .distinct_on(audit_links::chain)
        .select((
            audit_links::chain,
            audit_links::seq,
            audit_links::entry,
            audit_links::hash,
        ))
        .load(conn)?;
    let entry = rows.iter().map(|row| row.2).max().unwrap_or(after);
    let head = |(chain, seq, _, hash): (i32, i64, i64, Vec<u8>)| {
        let hash = Hash::try_from(hash).ok()?;
        Some((chain, Head { seq, hash }))
    };
    Ok(Heads {
        of: rows.into_iter().filter_map(head).collect(),
        entry,
    })
}

/// Those of `seen` that are links of their chains no more.
pub fn lost(conn: &mut PgConnection, seen: &[(i32, Head)]) -> Result<Vec<i32>, DbError> {
    #[derive(QueryableByName)]
    struct Lost {
        #[diesel(sql_type = Integer)]
        chain: i32,
    }
    let chains: Vec<i32> = seen.iter().map(|(chain, _)| *chain).collect();
    let seqs: Vec<i64> = seen.iter().map(|(_, head)| head.seq).collect();
    let hashes: Vec<&[u8]> = seen.iter().map(|(_, head)| &head.hash[..]).collect();
    let rows: Vec<Lost> = diesel::sql_query(
        "select seen.chain from unnest($1, $2, $3) as seen (chain, seq, hash)
          where not exists (select from audit_links link where link.chain = seen.chain
              and link.seq = seen.seq and link.hash = seen.hash)",
    )
    .bind::<Array<Integer>, _>(chains)
    .bind::<Array<BigInt>, _>(seqs)
    .bind::<Array<Bytea>, _>(hashes)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.chain).collect())
}
