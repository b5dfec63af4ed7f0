//! Old secrets that end soon although somebody still calls with them.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Inet;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use ipnet::IpNet;

use crate::db::DbError;
use crate::domain::api_key::ApiKeyId;
use crate::domain::overlap;
use crate::domain::role::AccountRole;

/// An old secret near its end, the last call with it, and somebody who is to be told: whose key it
/// is, or each owner of the account where it is nobody's, or of somebody who has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillUsed {
    pub person_name: String,
    pub email: String,
    pub account_name: String,
    /// Its slug.
    pub workspace: String,
    pub workspace_name: String,
    pub key: ApiKeyId,
    pub key_name: String,
    pub last_four: String,
    pub ends_at: DateTime<Utc>,
    pub last_used_at: DateTime<Utc>,
    /// `None` where the log does not tell, or not yet.
    pub ip: Option<IpAddr>,
    /// As the caller names itself.
    pub agent: Option<String>,
}

/// Takes at most `most` secrets that nobody was warned of, the first to end first. What is taken is
/// not taken again unless its end changes, whatever becomes of the letter.
///
/// Near is the last quarter of the overlap, and a day at most; still used is what was called with
/// since the rotation and within the time after which a secret is quiet.
pub fn take_still_used(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    most: u16,
) -> Result<Vec<StillUsed>, DbError> {
    let rows: Vec<Row> = diesel::sql_query(SQL)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + NEAR_MAX)
        .bind::<Timestamptz, _>(now - overlap::QUIET)
        .bind::<BigInt, _>(i64::from(most))
        .bind::<Text, _>(AccountRole::Owner.as_str())
        .bind::<BigInt, _>(OWNERS_MAX)
        .load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

const NEAR_MAX: TimeDelta = TimeDelta::days(1);

/// More owners of an account are not told of its service keys.
const OWNERS_MAX: i64 = 20;

/// The last call is looked for in the second in which it was.
const SQL: &str = "
    with near as (
        select s.account_id, s.key_id, s.generation
          from key_secrets s
          join api_keys k on k.account_id = s.account_id and k.id = s.key_id
         cross join lateral (
              select c.created_at from key_secrets c
               where c.account_id = s.account_id and c.key_id = s.key_id and c.retires_at is null
               order by c.generation desc limit 1) current
         where s.retires_at > $1 and s.retires_at <= $2
           and (s.retires_at - $1) * 4 <= s.retires_at - current.created_at
           and s.last_used_at >= current.created_at and s.last_used_at > $3
           and s.warned_of is distinct from s.retires_at
           and k.revoked_at is null and k.disabled_at is null
           and (k.expires_at is null or k.expires_at > $1)
         order by s.retires_at limit $4
         for update of s skip locked
    ), warned as (
        update key_secrets s set warned_of = s.retires_at from near
         where s.account_id = near.account_id and s.key_id = near.key_id
           and s.generation = near.generation
        returning s.*
    )
    select person.name as person_name, person.email, a.name as account_name, w.slug as workspace,
        w.name as workspace_name, k.id as key, k.name as key_name, s.last_four,
        s.retires_at as ends_at, s.last_used_at, call.ip, call.agent
      from warned s
      join api_keys k on k.account_id = s.account_id and k.id = s.key_id
      join workspaces w on w.account_id = k.account_id and w.id = k.workspace_id
      join accounts a on a.id = k.account_id
      cross join lateral (
          select exists (select from memberships m join users u on u.id = m.user_id
              where m.account_id = k.account_id and m.user_id = k.owner_id
                and u.disabled_at is null) as is_there) owner
      join lateral (
          select u.name, u.email from memberships m join users u on u.id = m.user_id
           where m.account_id = k.account_id and u.disabled_at is null
             and case when owner.is_there then m.user_id = k.owner_id else m.role = $5 end
           order by m.created_at, u.id limit $6) person on true
      left join lateral (
          select r.ip, t.value as agent from request_log r left join log_texts t on t.id = r.agent_id
           where r.key_id = s.key_id and r.account_id = s.account_id
             and r.generation = s.generation
             and r.at > s.last_used_at - interval '1 second' and r.at <= s.last_used_at
           order by r.at desc limit 1) call on true
     order by s.retires_at, k.id";

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    #[diesel(sql_type = Text)]
    person_name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    account_name: String,
    #[diesel(sql_type = Text)]
    workspace: String,
    #[diesel(sql_type = Text)]
    workspace_name: String,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    key_name: String,
    #[diesel(sql_type = Text)]
    last_four: String,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    last_used_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Inet>)]
    ip: Option<IpNet>,
    #[diesel(sql_type = Nullable<Text>)]
    agent: Option<String>,
}

impl Row {
    fn read(self) -> Result<StillUsed, DbError> {
        let key = self.key.parse().map_err(|_| DbError::Corrupt {
            table: "api_keys",
            column: "id",
            value: self.key.clone(),
        })?;
        Ok(StillUsed {
            person_name: self.person_name,
            email: self.email,
            account_name: self.account_name,
            workspace: self.workspace,
            workspace_name: self.workspace_name,
            key,
            key_name: self.key_name,
            last_four: self.last_four,
            ends_at: self.ends_at,
            last_used_at: self.last_used_at,
            ip: self.ip.map(|ip| ip.addr()),
            agent: self.agent.filter(|agent| !agent.is_empty()),
        })
    }
}
