//! Every migration can be taken back, last first, and applied again.

use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use latchkey::db::migrations;

use crate::support::db::TestDb;

/// What a schema consists of, a line each. What extensions bring is theirs.
const SCHEMA: &str = "
select concat_ws(' ', kind, name, words) as line from (
    select 'column', table_name || '.' || column_name,
           concat_ws(' ', udt_name, is_nullable, column_default, is_identity)
      from information_schema.columns where table_schema = 'public'
    union all
    select 'index', indexname::text, indexdef from pg_indexes where schemaname = 'public'
    union all
    select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
      from pg_trigger where not tgisinternal
    union all
    select 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
      from pg_proc p
     where pronamespace = 'public'::regnamespace and prokind = 'f'
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
) as part (kind, name, words)
where name not like '\\_\\_diesel%'
order by 1";

fn schema(db: &TestDb) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let rows: Vec<Row> = diesel::sql_query(SCHEMA)
        .load(&mut db.connection())
        .unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

#[test]
fn all_of_them_taken_back_leave_nothing_and_applied_again_make_the_same() {
    let db = TestDb::new();
    let clean = schema(&db);
    assert!(clean.len() > 200, "{clean:#?}");
    let reverted = migrations::revert_all(&db.url()).unwrap();
    assert_eq!(schema(&db), Vec::<String>::new());
    assert_eq!(migrations::apply(&db.url()).unwrap(), reverted);
    assert_eq!(schema(&db), clean);
}
