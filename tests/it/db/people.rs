//! Accounts with their owners, and attempts to sign in that come at once.

use std::time::Duration;

use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use latchkey::db::accounts;
use latchkey::db::accounts::NewAccount;
use latchkey::db::memberships;
use latchkey::db::schema::audit_log;
use latchkey::db::schema::sign_in_failures;
use latchkey::db::schema::users;
use latchkey::db::schema::workspaces;
use latchkey::db::sign_in_failures::Attempt;
use latchkey::db::users::NewPerson;
use latchkey::domain::actor::Actor;
use latchkey::domain::clock::Clock;
use latchkey::domain::random::OsRandom;

use crate::support::clock::TestClock;
use crate::support::db::TestDb;

fn new(domain: &str, email: &str) -> NewAccount {
    NewAccount {
        domain: domain.parse().unwrap(),
        name: "Acme".to_owned(),
        customer_id: None,
        plan: None,
        owner: NewPerson {
            email: email.parse().unwrap(),
            name: "Ada".to_owned(),
            password_hash: None,
        },
    }
}

fn now() -> chrono::DateTime<Utc> {
    TestClock::at("2026-11-21T09:41:00Z").now()
}

fn create(
    conn: &mut PgConnection,
    new: &NewAccount,
) -> Result<accounts::Created, latchkey::db::DbError> {
    accounts::create(conn, &Actor::system("test"), now(), &OsRandom, new)
}

#[test]
fn an_account_comes_whole_and_says_so_in_the_audit_log() {
    let db = TestDb::new();
    let mut conn = db.connection();
    create(&mut conn, &new("acme", "ada@acme.example")).unwrap();
    let actions: Vec<String> = audit_log::table
        .filter(audit_log::action.ne("catalogue.applied"))
        .order(audit_log::id)
        .select(audit_log::action)
        .load(&mut conn)
        .unwrap();
    let expected = [
        "account.created",
        "workspace.created",
        "person.created",
        "member.added",
    ];
    assert_eq!(actions, expected);
}

#[test]
fn a_taken_domain_leaves_nothing_behind() {
    let db = TestDb::new();
    let mut conn = db.connection();
    create(&mut conn, &new("acme", "ada@acme.example")).unwrap();
    let refused = create(&mut conn, &new("acme", "bob@acme.example")).unwrap_err();
    assert!(refused.is_conflict_on(accounts::DOMAIN_KEY));
    let people: i64 = users::table.count().get_result(&mut conn).unwrap();
    let places: i64 = workspaces::table.count().get_result(&mut conn).unwrap();
    assert_eq!((people, places), (1, 1));
}

#[test]
fn one_person_may_own_two_accounts() {
    let db = TestDb::new();
    let mut conn = db.connection();
    let first = create(&mut conn, &new("acme", "ada@acme.example")).unwrap();
    let second = create(&mut conn, &new("umbrella", "ADA@acme.example")).unwrap();
    assert_eq!(first.owner, second.owner);
    let domains = memberships::domains_of(&mut conn, first.owner).unwrap();
    assert_eq!(domains, ["acme", "umbrella"]);
}

#[test]
fn an_attempt_waits_for_the_one_before_it_to_be_counted() {
    let db = TestDb::new();
    let attempt = || Attempt {
        email: "ada@acme.example".to_owned(),
        address: "192.0.2.1".to_owned(),
    };
    let begin = |conn: &mut PgConnection| {
        latchkey::db::sign_in_failures::begin(conn, now(), &attempt()).unwrap()
    };
    let mut first = db.connection();
    assert_eq!(begin(&mut first), Ok(()));
    std::thread::scope(|scope| {
        let (ready, wait) = std::sync::mpsc::channel();
        let (db, begin) = (&db, &begin);
        let second = scope.spawn(move || {
            let mut conn = db.connection();
            wait.recv().unwrap();
            begin(&mut conn)
        });
        first
            .transaction::<_, diesel::result::Error, _>(|conn| {
                assert_eq!(begin(conn), Ok(()));
                ready.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(200));
                Ok(())
            })
            .unwrap();
        assert_eq!(second.join().unwrap(), Ok(()));
    });
    let counts: Vec<i32> = sign_in_failures::table
        .select(sign_in_failures::failures)
        .load(&mut first)
        .unwrap();
    assert_eq!(counts, [3, 3]);
}
