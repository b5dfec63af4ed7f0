//! The declared schema against the migrated one: no drift.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use latchkey::db::DbError;

use super::read;
use super::root;
use crate::support::db::TestDb;

type Columns = BTreeMap<String, BTreeSet<String>>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    declared: String,
}

/// Columns as `diesel::table!` would declare them. Partitions of the log are its own.
const MIGRATED: &str = "
select c.table_name::text as table_name,
       c.column_name || ' -> ' ||
       case when c.is_nullable = 'YES' then 'Nullable<' else '' end ||
       case c.udt_name
           when 'int2' then 'Int2' when 'int4' then 'Int4' when 'int8' then 'Int8'
           when 'text' then 'Text' when 'bool' then 'Bool' when 'uuid' then 'Uuid'
           when 'timestamptz' then 'Timestamptz' when 'date' then 'Date' when 'bytea' then 'Bytea'
           when 'jsonb' then 'Jsonb' when 'inet' then 'Inet' when '_text' then 'Array<Nullable<Text>>'
           when '_int8' then 'Array<Int8>'
           else c.udt_name::text end ||
       case when c.is_nullable = 'YES' then '>' else '' end as declared
  from information_schema.columns c
  join pg_class p on p.relname = c.table_name and p.relnamespace = 'public'::regnamespace
 where c.table_schema = 'public' and c.table_name <> '__diesel_schema_migrations'
   and p.relkind in ('r', 'p') and not p.relispartition";

#[test]
fn the_declared_schema_is_the_migrated_one() {
    let db = TestDb::new();
    let rows: Vec<Column> = db
        .db()
        .run_blocking(|conn| {
            diesel::sql_query(MIGRATED)
                .load(conn)
                .map_err(DbError::from)
        })
        .unwrap();
    let mut migrated = Columns::new();
    for row in rows {
        migrated
            .entry(row.table_name)
            .or_default()
            .insert(row.declared);
    }
    let mut declared = Columns::new();
    for file in ["src/db/schema.rs", "src/db/log_schema.rs"] {
        declared.extend(declared_in(&read(&root().join(file))));
    }
    assert_eq!(declared, migrated);
}

/// The columns of each `table! { name (key) { … } }`.
fn declared_in(source: &str) -> Columns {
    let mut columns = Columns::new();
    let mut table = None;
    for line in source.lines().map(str::trim) {
        if line.ends_with(") {") {
            table = line.split(' ').next().map(str::to_owned);
        } else if line == "}" {
            table = None;
        } else if let (Some(table), Some(column)) = (&table, line.strip_suffix(',')) {
            columns
                .entry(table.clone())
                .or_default()
                .insert(column.to_owned());
        }
    }
    columns
}
