//! What a request log can be narrowed to: keys and categories.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Int4;
use diesel::sql_types::Text;

use crate::db::DbError;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;

/// Keys that are offered, those used last; and as many categories.
const CHOICES_MAX: i64 = 30;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogChoices {
    /// Ids and names, also of those that are chosen.
    pub keys: Vec<(String, String)>,
    pub categories: Vec<String>,
    /// Whether any key was ever used.
    pub used: bool,
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg))]
struct Row {
    #[diesel(sql_type = Array<Text>)]
    ids: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    names: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    categories: Vec<String>,
    #[diesel(sql_type = Bool)]
    used: bool,
}

const SQL: &str = "
    with here as not materialized (
        select * from api_keys where account_id = $1 and workspace_id = any($2)),
    offered as (
        (select id, name from here order by last_used_at desc nulls last, id limit $4)
        union select id, name from here where id = any($3)),
    categories as (
        select category from here where category <> ''
        group by category order by count(*) desc, category limit $4)
    select (select coalesce(array_agg(id order by name, id), '{}') from offered) as ids,
        (select coalesce(array_agg(name order by name, id), '{}') from offered) as names,
        (select coalesce(array_agg(category order by category), '{}') from categories)
            as categories,
        exists (select from here where first_used_at is not null) as used";

pub fn log_choices(
    conn: &mut PgConnection,
    account: AccountId,
    workspaces: &[WorkspaceId],
    chosen: &[ApiKeyId],
) -> Result<LogChoices, DbError> {
    let workspaces: Vec<i32> = workspaces.iter().map(|workspace| workspace.0).collect();
    let chosen: Vec<&str> = chosen.iter().map(ApiKeyId::as_str).collect();
    let row: Row = diesel::sql_query(SQL)
        .bind::<Int4, _>(account.0)
        .bind::<Array<Int4>, _>(workspaces)
        .bind::<Array<Text>, _>(chosen)
        .bind::<BigInt, _>(CHOICES_MAX)
        .get_result(conn)?;
    Ok(LogChoices {
        keys: row.ids.into_iter().zip(row.names).collect(),
        categories: row.categories,
        used: row.used,
    })
}
