//! What a database holds, all of it.

use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;

use crate::support::db::TestDb;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table, as text.
pub fn every_row(conn: &mut PgConnection) -> String {
    let tables: Vec<Line> = diesel::sql_query(
        "select relname::text as line from pg_class
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace",
    )
    .load(conn)
    .unwrap();
    let mut text = String::new();
    for table in tables {
        let sql = format!("select t::text as line from {} t", table.line);
        let rows: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
        for row in rows {
            text.push_str(&row.line);
            text.push('\n');
        }
    }
    text
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The one number that `sql` asks for.
pub fn number(db: &TestDb, sql: &str) -> i64 {
    let sql = format!("select ({sql})::bigint as number");
    let found: Number = diesel::sql_query(sql)
        .get_result(&mut db.connection())
        .unwrap();
    found.number
}

/// The one text that `sql` asks for, as `line`.
pub fn text(db: &TestDb, sql: &str) -> String {
    let found: Line = diesel::sql_query(sql)
        .get_result(&mut db.connection())
        .unwrap();
    found.line
}

/// Where the audit log ends.
pub fn last_noted(db: &TestDb) -> i64 {
    number(db, "select coalesce(max(id), 0) from audit_log")
}

/// The codes that were written after `last`, each once and in their order.
pub fn noted_after(db: &TestDb, last: i64) -> String {
    let sql = format!(
        "select coalesce(string_agg(distinct action, ' ' order by action), '') as line
           from audit_log where id > {last}"
    );
    text(db, &sql)
}
