//! A row as it is read, with the texts that it names and the key as it is now.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Inet;
use diesel::sql_types::Int2;
use diesel::sql_types::Int4;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use ipnet::IpNet;

use crate::domain::account::WorkspaceId;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::endpoint::Surface;
use crate::domain::person::UserId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    pub at: DateTime<Utc>,
    pub request_id: String,
    pub workspace: WorkspaceId,
    pub key_id: String,
    /// The key's name at that time.
    pub key_name: String,
    /// `None` for a key that was deleted.
    pub key: Option<KeyNow>,
    /// Which of the key's secrets was sent.
    pub generation: i16,
    pub surface: Option<Surface>,
    pub method: Option<Method>,
    pub path: String,
    pub agent: String,
    /// None while the upstream has not answered.
    pub status: Option<u16>,
    pub denial: Option<DenyReason>,
    /// What was missing or used up, by name; empty where there is none.
    pub detail: String,
    pub duration_us: Option<i32>,
    pub ip: Option<IpAddr>,
    pub credits: i32,
}

/// What may have changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNow {
    pub name: String,
    /// Empty for none.
    pub category: String,
    /// `None` for a service key.
    pub owner: Option<UserId>,
}

impl LogRow {
    /// Whether the key is `person`'s.
    pub fn is_of(&self, person: UserId) -> bool {
        let key = self.key.as_ref();
        key.is_some_and(|key| key.owner == Some(person))
    }
}

/// The rows of `found`, which has the columns of the table, with what they name.
pub fn with_names(found: &str) -> String {
    format!(
        "select r.at, r.request_id, r.workspace_id, r.key_id, r.generation, r.surface, r.method,
             r.status, r.code, r.duration_us, r.ip, r.credits, p.value as path, a.value as agent,
             n.value as key_name, d.value as detail, k.name, k.category, k.owner_id
         from ({found}) r
         left join log_texts p on p.id = r.path_id
         left join log_texts a on a.id = r.agent_id
         left join log_texts n on n.id = r.name_id
         left join request_details x on r.code <> 0 and x.account_id = r.account_id
             and x.at = r.at and x.request_id = r.request_id
         left join log_texts d on d.id = x.detail_id
         left join api_keys k on k.account_id = r.account_id and k.id = r.key_id"
    )
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg))]
pub struct Row {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    request_id: String,
    #[diesel(sql_type = Int4)]
    workspace_id: i32,
    #[diesel(sql_type = Text)]
    key_id: String,
    #[diesel(sql_type = Int2)]
    generation: i16,
    #[diesel(sql_type = Int2)]
    surface: i16,
    #[diesel(sql_type = Int2)]
    method: i16,
    #[diesel(sql_type = Nullable<Int2>)]
    status: Option<i16>,
    #[diesel(sql_type = Int2)]
    code: i16,
    #[diesel(sql_type = Nullable<Int4>)]
    duration_us: Option<i32>,
    #[diesel(sql_type = Nullable<Inet>)]
    ip: Option<IpNet>,
    #[diesel(sql_type = Int4)]
    credits: i32,
    #[diesel(sql_type = Nullable<Text>)]
    path: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    agent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    key_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<UserId>,
}

impl From<Row> for LogRow {
    fn from(row: Row) -> Self {
        let small = |number: i16| u8::try_from(number).ok();
        let key = || {
            Some(KeyNow {
                name: row.name?,
                category: row.category?,
                owner: row.owner_id,
            })
        };
        Self {
            at: row.at,
            request_id: row.request_id,
            workspace: WorkspaceId(row.workspace_id),
            key_id: row.key_id,
            key_name: row.key_name.unwrap_or_default(),
            key: key(),
            generation: row.generation,
            surface: small(row.surface).and_then(Surface::from_number),
            method: small(row.method).and_then(Method::from_number),
            path: row.path.unwrap_or_default(),
            agent: row.agent.unwrap_or_default(),
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            detail: row.detail.unwrap_or_default(),
            denial: small(row.code).and_then(DenyReason::from_number),
            duration_us: row.duration_us,
            ip: row.ip.map(|net| net.addr()),
            credits: row.credits,
        }
    }
}
