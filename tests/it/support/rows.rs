//! What a database holds, all of it.

use diesel::PgConnection;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;

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
