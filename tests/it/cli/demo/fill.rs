use std::os::unix::fs::PermissionsExt;

use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use diesel::sql_types::Text;
use latchkey::cli::demo::cast::KEYS;
use latchkey::cli::demo::fill::Filled;
use latchkey::cli::demo::fill::Site;
use latchkey::cli::demo::fill::fill;
use latchkey::cli::demo::history;
use latchkey::crypto::digest::Pepper;
use latchkey::db::catalogue;
use latchkey::domain::actor::Actor;
use latchkey::domain::catalogue::Document;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::domain::plan::Plan;
use latchkey::domain::random::OsRandom;
use tempfile::TempDir;

use crate::support::db::TestDb;

/// Enough for every key to have called.
const CALLS: u64 = 12_000;

struct Demo {
    db: TestDb,
    data_dir: TempDir,
}

impl Demo {
    fn new() -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let db = TestDb::new();
        Self { db, data_dir }
    }

    fn fill(&self) -> anyhow::Result<Filled> {
        let site = Site {
            db: &self.db.db(),
            data_dir: self.data_dir.path(),
            prefix: &KeyPrefix::default(),
            pepper: &Pepper::new(&[7; 32]).unwrap(),
        };
        fill(&site, &SystemClock::shared(), &OsRandom::shared(), CALLS)
    }

    fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let mut conn = self.db.connection();
        let row: Row = diesel::sql_query(sql).get_result(&mut conn).unwrap();
        row.number
    }

    fn text(&self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            text: String,
        }
        let mut conn = self.db.connection();
        let row: Row = diesel::sql_query(sql).get_result(&mut conn).unwrap();
        row.text
    }
}

#[test]
fn a_new_demo_looks_back_on_two_hundred_thousand_calls() {
    // What is drawn by chance moves the sum by less than one part in a hundred.
    const { assert!(history::CALLS >= 202_000) };
}

#[test]
fn it_has_a_key_in_every_state_and_fills_once() {
    let demo = Demo::new();
    let filled = demo.fill().unwrap();
    let rows = demo.number("select count(*) as number from request_log");
    assert_eq!(filled.calls, Some(usize::try_from(rows).unwrap()));
    assert!((11_500..12_500).contains(&rows), "{rows}");
    every_state_exists(&demo);
    rollups_equal_the_rows(&demo);
    failures_equal_the_rows(&demo);
    last_uses_equal_the_rows(&demo);
    changes_are_told(&demo);

    let before = fingerprint(&demo);
    let again = demo.fill().unwrap();
    assert_eq!(again.calls, None);
    assert_eq!(again.kept.key("quickstart"), filled.kept.key("quickstart"));
    assert_eq!(fingerprint(&demo), before);
}

fn every_state_exists(demo: &Demo) {
    let keys = i64::try_from(KEYS.len()).unwrap();
    assert_eq!(demo.number("select count(*) as number from api_keys"), keys);
    for (state, condition) in [
        ("revoked", "revoked_at is not null"),
        ("expired", "revoked_at is null and expires_at <= now()"),
        ("disabled", "revoked_at is null and disabled_at is not null"),
        (
            "soon over",
            "expires_at between now() and now() + interval '5 days'",
        ),
        ("never over", "expires_at is null"),
        ("never used", "first_used_at is null and revoked_at is null"),
        ("long idle", "last_used_at < now() - interval '90 days'"),
        ("used today", "last_used_at > now() - interval '24 hours'"),
        ("of a long name", "length(name) = 200"),
        ("of a name beyond ASCII", "name ~ '翻訳'"),
        ("of a category of its own", "category = 'partner-northwind'"),
        (
            "rotating",
            "id in (select key_id from key_secrets where retires_at > now())",
        ),
        (
            "of staging",
            "workspace_id in (select id from workspaces where slug = 'staging')",
        ),
    ] {
        let sql = format!("select count(*) as number from api_keys where {condition}");
        assert!(demo.number(&sql) > 0, "no key is {state}");
    }
    let creators = "select count(distinct created_by) as number from api_keys";
    assert_eq!(demo.number(creators), 2);
}

fn rollups_equal_the_rows(demo: &Demo) {
    let failed = "sum((code <> 0 or status >= 400)::int)";
    for (rollup, columns, from_rows) in [
        (
            "usage_hourly",
            "account_id, workspace_id, key_id, hour",
            "account_id, workspace_id, key_id, date_trunc('hour', at, 'UTC')",
        ),
        (
            "usage_daily",
            "account_id, workspace_id, key_id, day",
            "account_id, workspace_id, key_id, (at at time zone 'UTC')::date",
        ),
        (
            "workspace_usage_daily",
            "account_id, workspace_id, day",
            "account_id, workspace_id, (at at time zone 'UTC')::date",
        ),
    ] {
        let kept = format!("select {columns}, requests, failed, credits from {rollup}");
        let counted = format!(
            "select {from_rows}, count(*), {failed}, sum(credits) from request_log
             group by {from_rows}"
        );
        let differing = format!(
            "select count(*) as number from
             (({kept} except {counted}) union all ({counted} except {kept})) as differing"
        );
        assert_eq!(demo.number(&differing), 0, "{rollup}");
        assert!(demo.number(&format!("select count(*) as number from {rollup}")) > 30);
    }
}

fn failures_equal_the_rows(demo: &Demo) {
    let counted = "select account_id, workspace_id, date_trunc('hour', at, 'UTC'), key_id,
            (case when code <> 0 then code else status end)::smallint, count(*)
       from request_log where code <> 0 or status >= 400 group by 1, 2, 3, 4, 5";
    let kept = "select account_id, workspace_id, hour, key_id, outcome, requests
                  from outcomes_hourly";
    let differing = format!(
        "select count(*) as number from
         (({kept} except {counted}) union all ({counted} except {kept})) as differing"
    );
    assert_eq!(demo.number(&differing), 0);
    let kinds = "select count(distinct outcome) as number from outcomes_hourly";
    assert!(demo.number(kinds) > 3, "something to tell above the log");
}

fn last_uses_equal_the_rows(demo: &Demo) {
    let differing = "select count(*) as number from api_keys k join (
            select key_id, min(at) as first_at, max(at) as last_at from request_log
             where code = 0 group by key_id) r on r.key_id = k.id
         where k.first_used_at <> r.first_at or k.last_used_at <> r.last_at";
    assert_eq!(demo.number(differing), 0);
    let denials = "select count(distinct code) as number from request_log where code <> 0";
    assert_eq!(demo.number(denials), 3, "disabled, revoked, expired");
}

fn changes_are_told(demo: &Demo) {
    for (action, at_least) in [
        ("account.created", 1),
        ("key.created", KEYS.len()),
        ("key.revoked", 2),
        ("key.disabled", 1),
        ("key.rotated", 1),
    ] {
        let sql = format!("select count(*) as number from audit_log where action = '{action}'");
        assert!(
            demo.number(&sql) >= i64::try_from(at_least).unwrap(),
            "{action}"
        );
    }
    let now = "select count(*) as number from audit_log
        where action <> 'catalogue.applied' and at > now() - interval '5 hours'";
    assert_eq!(demo.number(now), 0, "history is told at its own times");
}

/// Changes with any row of the tables that a second start could touch.
fn fingerprint(demo: &Demo) -> String {
    demo.text(
        "select concat_ws(' ',
             (select count(*) from request_log),
             (select md5(string_agg(k::text, '' order by k.id)) from api_keys k),
             (select md5(string_agg(s::text, '' order by s.digest)) from key_secrets s),
             (select md5(string_agg(u::text, '' order by u.id)) from users u),
             (select max(id) from audit_log)) as text",
    )
}

/// So that the operator's page shows it, and another catalogue can be made from that.
#[test]
fn the_plan_stands_in_the_catalogue_and_is_the_companys() {
    let demo = Demo::new();
    demo.fill().unwrap();
    let mut conn = demo.db.connection();
    let document = catalogue::latest(&mut conn).unwrap().unwrap().document;
    let plan = document_plan(&document, "demo-team");
    assert_eq!(plan.name, "Team");
    assert!(plan.meters.contains(&("imports".to_owned(), 25_000)));
    let of_the_company = "select count(*) as number from accounts where plan = 'demo-team'";
    assert_eq!(demo.number(of_the_company), 1);

    let edited = format!("# Ours.\n{document}");
    let actor = Actor::system("command line");
    let applied =
        catalogue::apply(&mut conn, &actor, SystemClock::shared().now(), &edited).unwrap();
    assert!(applied.is_ok(), "{applied:?}");
}

fn document_plan(document: &str, slug: &str) -> Plan {
    let document = Document::parse(document).unwrap();
    document.catalogue.plan(slug).unwrap().clone()
}

#[test]
fn passwords_and_keys_lie_in_a_file_that_others_cannot_read() {
    let demo = Demo::new();
    demo.fill().unwrap();
    let file = demo.data_dir.path().join("demo.json");
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_database_that_somebody_uses_is_left_alone() {
    let demo = Demo::new();
    demo.db.execute(
        "insert into accounts (public_id, domain, customer_id, name, plan, created_at)
         values ('acc_1', 'other', 'other', 'Other', 'standard', now())",
    );
    let Err(refusal) = demo.fill() else {
        panic!("it was filled")
    };
    assert!(refusal.to_string().contains("no demo made"), "{refusal}");
    assert_eq!(demo.number("select count(*) as number from api_keys"), 0);
    assert!(!demo.data_dir.path().join("demo.json").exists());
}
