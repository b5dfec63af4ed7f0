//! A7: support staff change nothing, by any address and by any statement.

use diesel::Connection;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use latchkey::dashboard::addresses;
use latchkey::db::tenant;
use latchkey::domain::role::StaffRole;

use crate::dashboard::support::Desk;
use crate::support::rows::every_row;
use crate::support::rows::text;

/// What support may post: about their own looks and their own session.
fn is_their_own(path: &str) -> bool {
    [
        "/support/",
        "/me/",
        "/sign-",
        "/confirm",
        "/setup",
        "/set-p",
        "/forgot",
        "/invitation",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix))
}

#[tokio::test]
async fn every_write_of_the_url_table_is_refused_to_support() {
    for role in [StaffRole::Support, StaffRole::SupportLead] {
        let desk = Desk::with(role).await;
        desk.open().await;
        let page = desk.support.get(&desk.url()).await;
        let csrf = page.attribute("input[name=csrf]", "value");
        let before = everything(&desk);
        let mut tried = 0;
        for row in addresses() {
            if row.method != "POST" || is_their_own(row.path) {
                continue;
            }
            let path = filled(row.path, &desk);
            let answer = desk.support.post(&path, &[("csrf", &csrf)]).await;
            assert!(
                matches!(answer.status, 403 | 404),
                "{path}: {}",
                answer.status
            );
            if row.path.starts_with("/operator") {
                assert_eq!(answer.status, 403, "{path}");
            }
            tried += 1;
        }
        assert!(tried > 30, "{tried}");
        assert_eq!(everything(&desk), before);
    }
}

/// Without what each request leaves of itself.
fn everything(desk: &Desk) -> String {
    desk.house
        .execute("update sessions set last_seen_at = '2026-11-21', state = '{}' where false");
    let rows = every_row(&mut desk.house.conn());
    let lines = rows.lines().filter(|line| !line.contains("_csrf"));
    let mut lines: Vec<&str> = lines.collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn filled(path: &str, desk: &Desk) -> String {
    path.replace("{w}", "default")
        .replace("{k}", desk.key.id.as_str())
        .replace("{r}", &desk.request)
        .replace("{account}", &desk.account)
        .replace("{action:disable|revoke}", "disable")
        .replace("{workspace}", "default")
        .replace("{s}", "sup_000000000000")
        .replace("{provider}", "google")
        .replace(['{', '}'], "")
}

#[tokio::test]
async fn what_support_reads_is_read_by_a_role_that_can_write_nothing() {
    let desk = Desk::new().await;
    let tables = text(
        &desk.house.app.db,
        "select string_agg(relname, ' ') as line from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    );
    let mut conn = desk.house.conn();
    conn.batch_execute("set role latchkey_support").unwrap();
    let account = desk.house.acme.account.0;
    conn.batch_execute(&format!("set latchkey.account_id = {account}"))
        .unwrap();
    let mut tried = 0;
    for table in tables.split(' ') {
        for sql in [
            format!("insert into {table} default values"),
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("drop table {table}"),
        ] {
            let refused = conn.transaction(|conn| diesel::sql_query(&sql).execute(conn));
            let refused = refused.expect_err(&sql).to_string();
            let fits = refused.contains("permission denied") || refused.contains("must be owner");
            assert!(fits, "{sql}: {refused}");
            tried += 1;
        }
        let column = format!(
            "select attname::text as line from pg_attribute
             where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped
                 and attidentity = '' and attgenerated = '' limit 1"
        );
        let column = text(&desk.house.app.db, &column);
        let sql = format!("update {table} set \"{column}\" = null");
        let refused = conn.transaction(|conn| diesel::sql_query(&sql).execute(conn));
        let refused = refused.expect_err(&sql).to_string();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    assert!(tried > 100, "{tried}");
    // Nor what opens anything.
    for sql in [
        "select digest from key_secrets",
        "select password_hash from users",
        "select * from sessions",
        "select * from one_time_links",
        "select * from second_factors",
        "select * from recovery_codes",
        "select * from service_credentials",
    ] {
        let refused = conn.transaction(|conn| diesel::sql_query(sql).execute(conn));
        let refused = refused.expect_err(sql).to_string();
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn a_page_of_the_look_sees_one_account_and_its_transaction_is_read_only() {
    let desk = Desk::new().await;
    let globex = desk.house.app.account("globex");
    let db = desk.house.app.db.db();
    let seen = |account| {
        let db = db.clone();
        tenant::looking(account, async move {
            db.run(|conn| {
                Ok(diesel::sql_query("select from api_keys").execute(conn)?
                    + 10 * diesel::sql_query("select from accounts").execute(conn)?)
            })
            .await
            .unwrap()
        })
    };
    assert_eq!(seen(desk.house.acme.account).await, 11);
    assert_eq!(seen(globex.account).await, 10);
    let written = tenant::looking(desk.house.acme.account, async {
        db.run(|conn| {
            let sql = "create temporary table x (y integer)";
            Ok(diesel::sql_query(sql).execute(conn)?)
        })
        .await
    });
    let refused = written.await.expect_err("a table was made").to_string();
    assert!(refused.contains("read-only"), "{refused}");
}

#[tokio::test]
async fn every_table_that_an_account_guards_is_guarded_for_support_too() {
    let desk = Desk::new().await;
    let bare = "select coalesce(string_agg(c.relname, ' ' order by c.relname), '') as line
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and not c.relispartition
            and has_any_column_privilege('latchkey_support', c.oid, 'select')
            and not exists (select from pg_policies p where p.tablename = c.relname
                and 'latchkey_support' = any (p.roles) and p.cmd = 'SELECT')";
    assert_eq!(text(&desk.house.app.db, bare), "");
}
