//! Finding whose something is, in all accounts. What is found is where it is, and nothing of what
//! is in it: that opens with a reason.

use std::net::IpAddr;
use std::time::Duration;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::Bytea;
use diesel::sql_types::Int8;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::pattern::containing;
use crate::db::time_box::within;
use crate::domain::actor::Actor;
use crate::domain::api_key::ApiKeyId;
use crate::domain::audit::Action;
use crate::domain::request_id::RequestId;

/// A row of the log has the time of its request's id, but for clocks that differ.
const AROUND_REQUEST: TimeDelta = TimeDelta::seconds(1);

/// One thing to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Key(ApiKeyId),
    Request(RequestId),
    /// Folded.
    Email(String),
    /// A key whose last call came from there.
    Address(IpAddr),
    /// Domain, name, customer id or public id of an account.
    Account(String),
    /// Slug, name or public id of a workspace.
    Workspace(String),
}

/// Where it is. Empty texts are those that the thing does not have.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Hit {
    #[diesel(sql_type = Text)]
    pub account_id: String,
    #[diesel(sql_type = Text)]
    pub account: String,
    #[diesel(sql_type = Text)]
    pub domain: String,
    #[diesel(sql_type = Text)]
    pub slug: String,
    #[diesel(sql_type = Text)]
    pub workspace: String,
    /// Key id, request id, e-mail address.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// The name of a key or a person.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Whether the thing is just what was asked for, and not only like it.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub exact: bool,
}

/// At most `most`; `None` if it took longer than `time`.
pub fn find(
    conn: &mut PgConnection,
    wanted: &Wanted,
    most: i64,
    time: Duration,
) -> Result<Option<Vec<Hit>>, DbError> {
    within(conn, time, |conn| match wanted {
        Wanted::Key(id) => diesel::sql_query(KEY)
            .bind::<Text, _>(id.as_str())
            .load(conn),
        Wanted::Request(id) => {
            let at = id.at().unwrap_or_default();
            diesel::sql_query(REQUEST)
                .bind::<Text, _>(id.as_str())
                .bind::<Timestamptz, _>(at - AROUND_REQUEST)
                .bind::<Timestamptz, _>(at + AROUND_REQUEST)
                .load(conn)
        }
        Wanted::Email(folded) => diesel::sql_query(EMAIL)
            .bind::<Text, _>(folded)
            .bind::<Int8, _>(most)
            .load(conn),
        Wanted::Address(ip) => diesel::sql_query(ADDRESS)
            .bind::<diesel::sql_types::Inet, _>(IpNet::from(*ip))
            .bind::<Int8, _>(most)
            .load(conn),
        Wanted::Account(text) => diesel::sql_query(ACCOUNT)
            .bind::<Text, _>(text)
            .bind::<Text, _>(containing(text))
            .bind::<Int8, _>(most)
            .load(conn),
        Wanted::Workspace(text) => diesel::sql_query(WORKSPACE)
            .bind::<Text, _>(text)
            .bind::<Text, _>(containing(text))
            .bind::<Int8, _>(most)
            .load(conn),
    })
}

const KEY: &str = "
    select a.public_id as account_id, a.name as account, a.domain, w.slug, w.name as workspace,
        k.id, k.name, true as exact
    from accounts a
    join api_keys k on k.account_id = a.id and k.id = $1
    join workspaces w on w.account_id = k.account_id and w.id = k.workspace_id
    limit 1";

const REQUEST: &str = "
    select a.public_id as account_id, a.name as account, a.domain, w.slug, w.name as workspace,
        r.request_id as id, '' as name, true as exact
    from request_log r
    join accounts a on a.id = r.account_id
    join workspaces w on w.account_id = r.account_id and w.id = r.workspace_id
    where r.at between $2 and $3 and r.request_id = $1
    limit 1";

const EMAIL: &str = "
    select a.public_id as account_id, a.name as account, a.domain, '' as slug, '' as workspace,
        u.email as id, u.name, true as exact
    from users u
    join memberships m on m.user_id = u.id
    join accounts a on a.id = m.account_id
    where u.email_folded = $1
    order by a.domain limit $2";

const ADDRESS: &str = "
    select a.public_id as account_id, a.name as account, a.domain, w.slug, w.name as workspace,
        k.id, k.name, true as exact
    from api_keys k
    join accounts a on a.id = k.account_id
    join workspaces w on w.account_id = k.account_id and w.id = k.workspace_id
    where k.last_used_ip = $1
    order by k.last_used_at desc nulls last limit $2";

const ACCOUNT: &str = "
    select a.public_id as account_id, a.name as account, a.domain, '' as slug, '' as workspace,
        '' as id, '' as name,
        a.public_id = $1 or a.domain = lower($1) or a.customer_id = $1 or lower(a.name) = lower($1)
            as exact
    from accounts a
    where a.public_id = $1 or a.domain ilike $2 or a.name ilike $2 or a.customer_id ilike $2
    order by exact desc, a.domain limit $3";

const WORKSPACE: &str = "
    select a.public_id as account_id, a.name as account, a.domain, w.slug, w.name as workspace,
        '' as id, '' as name,
        w.public_id = $1 or w.slug = lower($1) or lower(w.name) = lower($1) as exact
    from workspaces w
    join accounts a on a.id = w.account_id
    where w.slug <> 'default' and (w.public_id = $1 or w.slug ilike $2 or w.name ilike $2)
    order by exact desc, w.slug, a.domain limit $3";

/// Calls without a known key from an address, and until when it is blocked, where that is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct AddressFacts {
    #[diesel(sql_type = Int8)]
    pub attempts: i64,
    #[diesel(sql_type = diesel::sql_types::Nullable<Timestamptz>)]
    pub blocked_until: Option<DateTime<Utc>>,
}

/// In the day before `now`.
pub fn address_facts(
    conn: &mut PgConnection,
    ip: IpAddr,
    now: DateTime<Utc>,
    time: Duration,
) -> Result<Option<AddressFacts>, DbError> {
    within(conn, time, |conn| {
        diesel::sql_query(
            "select
                (select coalesce(sum(attempts), 0)::bigint from failed_attempts
                 where minute > $2 - interval '1 day' and address >>= $1) as attempts,
                (select max(until) from ip_blocks
                 where network >>= $1 and until > $2 and lifted_at is null) as blocked_until",
        )
        .bind::<diesel::sql_types::Inet, _>(IpNet::from(ip))
        .bind::<Timestamptz, _>(now)
        .get_result(conn)
    })
}

/// Whether a key has a secret with this digest that still works by its own times.
pub fn has_secret(
    conn: &mut PgConnection,
    key: ApiKeyId,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        found: bool,
    }
    let found: Found = diesel::sql_query(
        "select exists (
            select from accounts a
            join key_secrets s on s.account_id = a.id and s.key_id = $1
            where s.digest = $2 and (s.retires_at is null or s.retires_at > $3)) as found",
    )
    .bind::<Text, _>(key.as_str())
    .bind::<Bytea, _>(digest)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)?;
    Ok(found.found)
}

/// That somebody searched: for what kind of thing, never for which. Staff are seen doing so too.
pub fn note(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    kind: &str,
    hits: usize,
) -> Result<(), DbError> {
    let target = Target {
        kind: "search",
        id: kind,
        label: kind,
    };
    let entry =
        AuditEntry::new(Action::SupportSearched, target).after(serde_json::json!({ "hits": hits }));
    audit_log::insert(conn, actor, now, &entry)
}
