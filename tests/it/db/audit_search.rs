//! What a search of the audit log finds, against a plain one that looks at every row.

use chrono::TimeDelta;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Uuid as SqlUuid;
use latchkey::db::audit_log::search;
use latchkey::db::audit_log::search::AuditOf;
use latchkey::db::audit_log::search::AuditQuery;
use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use uuid::Uuid;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

/// More than one search looks at, many of them written in one moment, as a bulk change does.
const ROWS: u32 = 12_000;
const QUESTIONS: usize = 60;
/// Searches of one question, each going on where the one before stopped.
const PAGES_MAX: usize = 300;

fn filled() -> Fixture {
    let mut fixture = Fixture::new();
    let (account, one, other) = (
        fixture.account.0,
        fixture.workspace.0,
        fixture.other_workspace.0,
    );
    fixture
        .conn
        .batch_execute(&format!(
            "insert into audit_log (account_id, workspace_id, at, actor_kind, actor_id, actor_label,
                 action, target_kind, target_id, target_label)
             select case when n % 5 > 0 then {account} end,
                 case when n % 5 > 0 then case when n % 3 = 0 then {one} else {other} end end,
                 timestamptz '2026-11-21T09:41:07Z' - (n / 700) * interval '2 hours', 'person', 'id',
                 case when n % 997 = 0 then 'rare' else 'ada' end,
                 (array['key.updated', 'key.revoked', 'keys.exported', 'session.started'])
                     [1 + (case when n % 1501 = 0 then 2 else n % 2 * 3 end)],
                 'key', 'target' || n % 40, 'a key'
               from generate_series(1, {ROWS}) n"
        ))
        .unwrap();
    fixture
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

fn plainly(fixture: &mut Fixture, query: &AuditQuery) -> Vec<Uuid> {
    let mut conditions = vec![match query.of {
        AuditOf::Everything => "true".to_owned(),
        AuditOf::Operator => "account_id is null".to_owned(),
        AuditOf::Account(account) => format!("account_id = {}", account.0),
        AuditOf::Workspace(_, workspace) => format!("workspace_id = {}", workspace.0),
    }];
    conditions.extend(
        query
            .actor
            .as_ref()
            .map(|actor| format!("actor_label = '{actor}'")),
    );
    conditions.extend(
        query
            .target
            .as_ref()
            .map(|target| format!("target_id = '{target}'")),
    );
    if !query.actions.is_empty() {
        conditions.push(format!("action in ('{}')", query.actions.join("','")));
    }
    conditions.push(format!("at >= '{}' and at < '{}'", query.from, query.to));
    let sql = format!(
        "select public_id as id from audit_log where {} order by at desc, audit_log.id desc",
        conditions.join(" and ")
    );
    let rows: Vec<Id> = diesel::sql_query(sql).load(&mut fixture.conn).unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

fn page_by_page(fixture: &mut Fixture, mut query: AuditQuery) -> Vec<Uuid> {
    let mut found = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = search::search(&mut fixture.conn, &query).unwrap();
        assert!(page.rows.len() <= usize::from(query.limit));
        found.extend(page.rows.iter().map(|row| row.id));
        query.before = page.older;
        if page.older.is_none() {
            return found;
        }
    }
    panic!("it goes on for ever: {query:?}");
}

#[test]
fn a_search_finds_what_a_plain_one_finds_page_by_page() {
    let mut fixture = filled();
    let mut random = SmallRng::seed_from_u64(7);
    let (account, workspace) = (fixture.account, fixture.workspace);
    let mut some = 0;
    for _ in 0..QUESTIONS {
        let mut one_in = |many: u32| random.random_range(0..many) == 0;
        let of = match (one_in(2), one_in(2)) {
            (true, true) => AuditOf::Everything,
            (true, false) => AuditOf::Operator,
            (false, true) => AuditOf::Account(account),
            (false, false) => AuditOf::Workspace(account, workspace),
        };
        let actor = one_in(2).then(|| if one_in(2) { "rare" } else { "ada" }.to_owned());
        let actions = match (one_in(3), one_in(2)) {
            (true, true) => vec!["keys.exported"],
            (true, false) => vec!["key.updated", "keys.exported"],
            _ => Vec::new(),
        };
        let target = one_in(3).then(|| "target7".to_owned());
        let back = TimeDelta::hours(if one_in(2) { 9 } else { 24 * 90 });
        let query = AuditQuery {
            of,
            actor,
            actions,
            target,
            from: now() - back,
            to: now(),
            before: None,
            limit: 200,
        };
        let expected = plainly(&mut fixture, &query);
        some += usize::from(!expected.is_empty());
        assert_eq!(
            page_by_page(&mut fixture, query.clone()),
            expected,
            "{query:?}"
        );
    }
    assert!(some > QUESTIONS / 3, "{some}");
}
