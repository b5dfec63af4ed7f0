use latchkey::db::usage;

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
