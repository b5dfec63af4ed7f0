//! Row-level security, the second line: what a page would see whose queries forgot their account.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use latchkey::db::Db;
use latchkey::db::tenant;
use latchkey::domain::account::AccountId;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::support::rows::text;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(db: &Db, sql: String) -> i64 {
    db.run(move |conn| Ok(diesel::sql_query(sql).get_result::<Count>(conn)?.count))
        .await
        .unwrap()
}

/// Two accounts with a key each, and the tables that hold something of an account.
async fn two_accounts() -> (House, AccountId, Vec<String>) {
    let house = House::new().await;
    create(&house.owner, "Blog ingest").await;
    let globex = house.app.account("globex");
    let owner = house.app.visitor();
    owner.sign_in("globex", "owner@globex.example").await;
    create(&owner, "Their key").await;
    let guarded = text(
        &house.app.db,
        "select string_agg(tablename, ' ') as line from pg_policies where tablename <> 'accounts'",
    );
    let tables = guarded.split(' ').map(str::to_owned).collect();
    (house, globex.account, tables)
}

#[tokio::test]
async fn a_query_that_forgets_its_account_sees_the_rows_of_no_other() {
    let (house, globex, tables) = two_accounts().await;
    let db = house.app.db.db();
    let mut seen = 0;
    for table in &tables {
        for account in [house.acme.account, globex] {
            let all = format!("select count(*) as count from {table}");
            let own = format!("{all} where account_id = {}", account.0);
            let unguarded = count(&db, own).await;
            assert_eq!(count(&db.of(account), all).await, unguarded, "{table}");
            seen += unguarded;
        }
    }
    assert!(seen > 10, "{seen}");
    let accounts = "select count(*) as count from accounts".to_owned();
    assert_eq!(count(&db.of(globex), accounts).await, 1);
}

#[tokio::test]
async fn a_change_that_forgets_its_account_leaves_the_rows_of_others() {
    let (house, globex, _) = two_accounts().await;
    let ours = house.app.db.db().of(house.acme.account);
    let changed = ours
        .run(|conn| Ok(diesel::sql_query("update api_keys set note = 'changed'").execute(conn)?))
        .await
        .unwrap();
    assert_eq!(changed, 1);
    let given_away = format!("update api_keys set account_id = {}", globex.0);
    let moved = ours
        .run(move |conn| Ok(diesel::sql_query(given_away).execute(conn)?))
        .await;
    assert!(moved.is_err());
    let put_there = format!(
        "insert into workspaces (account_id, public_id, slug, name, created_at)
         values ({}, 'ws_x', 'x', 'x', now())",
        globex.0
    );
    let put = ours
        .run(move |conn| Ok(diesel::sql_query(put_there).execute(conn)?))
        .await;
    assert!(put.is_err());
    let theirs = "select count(*) from api_keys where note = 'changed'";
    assert_eq!(house.number(theirs), 1);
}

#[tokio::test]
async fn without_an_account_there_is_nothing_to_see() {
    let (house, _, tables) = two_accounts().await;
    let mut conn = house.conn();
    conn.batch_execute("set role latchkey_tenant").unwrap();
    for table in &tables {
        let sql = format!("select count(*) as count from {table}");
        let seen: Count = diesel::sql_query(sql).get_result(&mut conn).unwrap();
        assert_eq!(seen.count, 0, "{table}");
    }
}

#[tokio::test]
async fn what_is_asked_behind_a_door_is_held_to_its_account() {
    let (house, globex, _) = two_accounts().await;
    let db = house.app.db.db();
    let all = || "select count(*) as count from api_keys".to_owned();
    assert_eq!(count(&db, all()).await, 2);
    let behind = tenant::scope(Some(globex), count(&db, all()));
    assert_eq!(behind.await, 1);
    assert_eq!(tenant::scope(None, count(&db, all())).await, 2);
}

#[tokio::test]
async fn every_table_of_accounts_is_guarded() {
    let house = House::new().await;
    let bare = "select coalesce(string_agg(c.relname, ' ' order by c.relname), '') as line
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and not c.relrowsecurity";
    // Read before the account is known; read by nodes.
    assert_eq!(text(&house.app.db, bare), "key_changes sessions");
}
