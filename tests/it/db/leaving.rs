//! Memberships that end at the same time as something else.

use std::time::Duration;

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use latchkey::db::DbError;
use latchkey::db::api_keys;
use latchkey::db::members;
use latchkey::db::members::KeyFate;
use latchkey::db::members::Removal;
use latchkey::domain::actor::Actor;
use latchkey::domain::actor::ActorKind;
use latchkey::domain::person::UserId;
use latchkey::domain::role::AccountRole;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::support::rows::number;

fn person(fixture: &Fixture, role: &str) -> UserId {
    let id = UserId::new_v4();
    let sql = format!(
        "insert into users (id, email, email_folded, name, created_at)
         values ('{id}', '{id}@acme.example', '{id}@acme.example', 'Somebody', now());
         insert into memberships (account_id, user_id, role, created_at)
         values ({}, '{id}', '{role}', now())",
        fixture.account.0
    );
    fixture.connect().batch_execute(&sql).unwrap();
    id
}

fn actor(id: UserId) -> Actor {
    Actor {
        kind: ActorKind::Person(id),
        ..Actor::system("test")
    }
}

#[test]
fn two_owners_who_remove_each_other_or_leave_at_once_leave_one() {
    let fixture = Fixture::new();
    let account = fixture.account;
    for round in 0..10 {
        let mut conn = fixture.connect();
        conn.batch_execute("delete from memberships").unwrap();
        let (one, other) = (person(&fixture, "owner"), person(&fixture, "owner"));
        let end = |by: UserId, whom: UserId| {
            let mut conn = fixture.connect();
            std::thread::spawn(move || {
                let removal = Removal {
                    role: AccountRole::Owner,
                    fate: None,
                };
                members::remove(&mut conn, &actor(by), now(), (account, whom), removal)
            })
        };
        let threads = if round % 2 == 0 {
            [end(one, other), end(other, one)]
        } else {
            [end(one, one), end(other, other)]
        };
        let outcomes = threads.map(|thread| thread.join().unwrap());
        let ended = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(ended, 1, "{outcomes:?}");
        let owners = "select count(*) from memberships where role = 'owner'";
        assert_eq!(number(&fixture.db, owners), 1);
    }
}

#[test]
fn a_key_that_is_made_meanwhile_is_waited_for_and_settled_too() {
    let mut fixture = Fixture::new();
    let grace = person(&fixture, "admin");
    let account = fixture.account;
    let (mut new, _) = fixture.draft("Late");
    new.created_by = grace;
    let (mut making, url) = (fixture.connect(), fixture.url());
    let thread = making
        .transaction::<_, DbError, _>(|conn| {
            api_keys::insert(conn, &actor(grace), now(), &new)?;
            let waiting = std::thread::spawn(move || {
                let mut conn = PgConnection::establish(&url).unwrap();
                let removal = Removal {
                    role: AccountRole::Admin,
                    fate: Some(KeyFate::Disable),
                };
                let owner = Actor::system("test");
                members::remove(&mut conn, &owner, now(), (account, grace), removal)
            });
            wait_until_blocked(&fixture);
            Ok(waiting)
        })
        .unwrap();
    let removed = thread.join().unwrap().unwrap();
    assert_eq!((removed.keys.keys, removed.keys.disabled), (1, 1));
    let working = "select count(*) from api_keys where disabled_at is null";
    assert_eq!(number(&fixture.db, working), 0);
    // And who is no member makes none.
    let (mut new, _) = fixture.draft("Too late");
    new.created_by = grace;
    let refused = api_keys::insert(&mut fixture.conn, &actor(grace), now(), &new);
    assert!(matches!(refused, Err(DbError::NotFound)), "{refused:?}");
}

fn wait_until_blocked(fixture: &Fixture) {
    let waiting = "select count(*) from pg_locks where not granted";
    for _ in 0..600 {
        if number(&fixture.db, waiting) > 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the removal does not wait");
}

#[test]
fn thousands_of_keys_are_settled_in_one_statement() {
    let fixture = Fixture::new();
    let grace = person(&fixture, "admin");
    let (account, workspace) = (fixture.account, fixture.workspace);
    fixture
        .connect()
        .batch_execute(&format!(
            "insert into api_keys (account_id, id, workspace_id, name, name_folded, category,
                 preset, preset_version, created_by, created_at, operation)
             select {}, lpad(n::text, 12, '0'), {}, 'k ' || n, 'k ' || n, '', 'full', 1, '{grace}',
                 now(), gen_random_uuid() from generate_series(1, 3000) n",
            account.0, workspace.0
        ))
        .unwrap();
    let removal = Removal {
        role: AccountRole::Admin,
        fate: Some(KeyFate::HandOver(fixture.person)),
    };
    crate::support::queries::watch();
    let whose = (account, grace);
    let mut conn = fixture.connect();
    crate::support::queries::take(&fixture.url());
    let removed =
        members::remove(&mut conn, &Actor::system("test"), now(), whose, removal).unwrap();
    let asked = crate::support::queries::take(&fixture.url());
    assert!(asked.len() < 16, "{asked:#?}");
    assert_eq!(removed.keys.keys, 3_000);
    let handed = format!(
        "select count(*) from api_keys where owner_id = '{}'",
        fixture.person
    );
    assert_eq!(number(&fixture.db, &handed), 3_000);
    let noted = "select count(*) from audit_log where action = 'key.handed-over'";
    assert_eq!(number(&fixture.db, noted), 3_000);
}
