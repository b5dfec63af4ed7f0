use latchkey::db::key_use;
use latchkey::db::key_use::KeyRequests;
use latchkey::db::key_use::KeyUse;
use latchkey::db::usage;
use latchkey::domain::api_key::ApiKeyId;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

#[test]
fn a_chart_reads_30_days_of_a_key_and_of_a_workspace() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let (account, workspace) = (fixture.account, fixture.workspace);
    fixture.execute(&format!(
        "insert into usage_daily values ({0}, {1}, '{id}', '2026-11-20', 9, 2, 4);
         insert into workspace_usage_daily values ({0}, {1}, '2026-10-23', 5, 1, 0);
         insert into workspace_usage_daily values ({0}, {1}, '2026-10-22', 99, 1, 0)",
        account.0, workspace.0,
    ));
    let key = usage::of_key(&mut fixture.conn, account, id, now()).unwrap();
    assert_eq!(key.len(), 1);
    assert_eq!((key[0].requests, key[0].succeeded()), (9, 7));

    let all = usage::of_workspace(&mut fixture.conn, account, workspace, now()).unwrap();
    assert_eq!((all.len(), all[0].requests, all[0].failed), (1, 5, 1));
}

fn month(fixture: &Fixture, key: ApiKeyId) -> i64 {
    fixture.number(&format!(
        "select requests_30d from api_keys where id = '{key}'"
    ))
}

#[test]
fn a_keys_month_grows_with_its_requests_refused_ones_too() {
    let mut fixture = Fixture::new();
    let (used, refused) = (fixture.key("used"), fixture.key("refused"));
    let account = fixture.account;
    let one = KeyUse {
        account,
        key: used,
        generation: 1,
        requests: 3,
        first_at: now(),
        last_at: now(),
        last_ip: None,
    };
    let requests = KeyRequests::from([((account, used), 5), ((account, refused), 7)]);
    for _ in 0..2 {
        key_use::note(&mut fixture.conn, &[one], &requests).unwrap();
    }
    assert_eq!(month(&fixture, used), 10);
    assert_eq!(month(&fixture, refused), 14);
    let keys_used = "select count(last_used_at) from api_keys where requests_30d > 0";
    assert_eq!(fixture.number(keys_used), 1, "who only knocks is no user");
}

#[test]
fn days_that_leave_the_month_are_taken_off_and_missing_ones_added() {
    let mut fixture = Fixture::new();
    let (busy, over) = (fixture.key("busy"), fixture.key("over"));
    let (account, workspace) = (fixture.account.0, fixture.workspace.0);
    fixture.execute(&format!(
        "insert into usage_daily values ({account}, {workspace}, '{busy}', '2026-11-21', 9, 2, 4),
             ({account}, {workspace}, '{busy}', '2026-10-22', 100, 2, 4),
             ({account}, {workspace}, '{over}', '2026-10-22', 100, 2, 4);
         update api_keys set requests_30d = 100"
    ));
    assert_eq!(usage::recount(&mut fixture.conn, now()).unwrap(), 2);
    assert_eq!((month(&fixture, busy), month(&fixture, over)), (9, 0));
    assert_eq!(usage::recount(&mut fixture.conn, now()).unwrap(), 0);
}
