//! Changing a role, in the account and in a workspace.

use diesel::prelude::*;
use diesel::sql_types::Text;
use latchkey::db::DbError;
use latchkey::db::members;
use latchkey::db::members::LAST_OWNER;
use latchkey::db::members::RoleChange;
use latchkey::domain::actor::Actor;
use latchkey::domain::actor::ActorKind;
use latchkey::domain::clock::Clock;
use latchkey::domain::person::UserId;
use latchkey::domain::role::AccountRole;
use latchkey::domain::role::WorkspaceRole;

use super::ACCOUNT;
use super::House;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::number;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Who changed whom from what to what, oldest first.
pub fn changes(house: &House) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(
        "select actor_label || ' ' || target_label || ' ' || before::text || ' ' || after::text
             as line
         from audit_log where action = 'member.role-changed' order by id",
    )
    .load(&mut house.app.db.connection())
    .unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

pub fn at(person: UserId) -> String {
    format!("{ACCOUNT}/{person}")
}

/// Through the page that asks.
pub async fn change(caller: &Caller, person: &str, role: &str) -> Page {
    let asked = caller.get(&format!("{person}/role?role={role}")).await;
    if asked.status != 200 {
        return asked;
    }
    send(caller, &asked).await
}

pub async fn send(caller: &Caller, asked: &Page) -> Page {
    let hidden = |name: &str| asked.attribute(&format!("main form input[name={name}]"), "value");
    let (was, role) = (hidden("was"), hidden("role"));
    caller
        .fill_in(asked, &[("was", &was), ("role", &role)])
        .await
}

async fn admin(house: &House) -> (UserId, Caller) {
    let (id, caller) = house
        .person("anna@acme.example", WorkspaceRole::Viewer)
        .await;
    assert_eq!(change(&house.owner, &at(id), "admin").await.status, 303);
    (id, caller)
}

#[tokio::test]
async fn what_a_role_gives_and_takes_is_shown_before_it_changes() {
    let house = House::new().await;
    let (grace, dev) = house
        .person("grace@acme.example", WorkspaceRole::Developer)
        .await;
    let page = house.owner.get(&at(grace)).await;
    assert!(page.has("#role-member[checked]"));
    assert_eq!(
        page.texts("input[name=role] + label"),
        ["Owner", "Admin", "Member"]
    );
    let asked = house
        .owner
        .get(&format!("{}/role?role=admin", at(grace)))
        .await;
    assert_eq!(asked.one("h1"), "Make grace an admin of acme Ltd");
    let marked = asked.texts("tr.row-marked");
    assert!(
        marked.contains(&"Being an admin of every workspace No Yes".to_owned())
            || marked.contains(&"Being an admin of every workspaceNoYes".to_owned()),
        "{marked:?}"
    );
    assert!(changes(&house).is_empty(), "asking changes nothing");
    let done = send(&house.owner, &asked).await;
    assert_eq!((done.status, done.location()), (303, &*at(grace)));
    let said = house.owner.get(&at(grace)).await.one(".flash");
    assert!(
        said.starts_with("grace is now an admin of acme Ltd. Every node has gone by it since"),
        "{said}"
    );
    assert_eq!(
        changes(&house),
        [r#"owner@acme.example grace@acme.example {"role": "member"} {"role": "admin"}"#]
    );
    // Her session, which began before, goes by it at once.
    assert_eq!(dev.get(ACCOUNT).await.status, 200);
    // A second press of the same button changes nothing.
    let again = send(&house.owner, &asked).await;
    assert_eq!(again.status, 303);
    assert_eq!(changes(&house).len(), 1);
}

#[tokio::test]
async fn who_loses_a_role_loses_its_pages_at_the_next_request() {
    let house = House::new().await;
    let (anna, caller) = admin(&house).await;
    let form = caller.get("/w/default/settings/key-policy").await;
    assert_eq!(form.status, 200);
    assert_eq!(change(&house.owner, &at(anna), "member").await.status, 303);
    assert_eq!(caller.get(ACCOUNT).await.status, 403);
    assert_eq!(
        caller.get("/w/default/settings/key-policy").await.status,
        403
    );
    // Also with a form that was opened before.
    let sent = [
        ("version", "0"),
        ("scopes", "every"),
        ("creators", "admins"),
        ("longest_life", "9"),
    ];
    assert_eq!(caller.fill_in(&form, &sent).await.status, 403);
    assert_eq!(
        number(&house.app.db, "select count(*) from key_policies"),
        0
    );
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let house = House::new().await;
    let owner = house.made.owner;
    let refused = change(&house.owner, &at(owner), "admin").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused
            .one("#errors")
            .contains("is the only owner of acme Ltd")
    );
    let (anna, _) = admin(&house).await;
    assert_eq!(change(&house.owner, &at(anna), "owner").await.status, 303);
    let done = change(&house.owner, &at(owner), "member").await;
    assert_eq!((done.status, done.location()), (303, "/"));
    assert_eq!(house.owner.get(ACCOUNT).await.status, 403);
}

#[tokio::test]
async fn two_owners_who_lower_each_other_at_once_leave_one() {
    let house = House::new().await;
    let (one, account) = (house.made.owner, house.made.account);
    for round in 0..10 {
        let email = format!("o{round}@acme.example");
        let other = house.member(&email, WorkspaceRole::Viewer);
        house.app.db.execute(&format!(
            "update memberships set role = 'member';
             update memberships set role = 'owner' where user_id in ('{one}', '{other}')"
        ));
        let now = house.app.clock.now();
        let lower = |by: UserId, whom: UserId| {
            let mut conn = house.app.db.connection();
            move || {
                let actor = Actor {
                    kind: ActorKind::Person(by),
                    ..Actor::system("test")
                };
                let change = RoleChange {
                    before: AccountRole::Owner,
                    after: AccountRole::Member,
                };
                members::change_role(&mut conn, &actor, now, (account, whom), change)
            }
        };
        let threads = [lower(one, other), lower(other, one)].map(std::thread::spawn);
        let outcomes = threads.map(|thread| thread.join().unwrap());
        let lowered = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Ok(Some(_))))
            .count();
        assert_eq!(lowered, 1, "{outcomes:?}");
        assert_eq!(
            number(
                &house.app.db,
                "select count(*) from memberships where role = 'owner'"
            ),
            1
        );
    }
    // Nor does one who may lower owners lower the last one.
    let change = RoleChange {
        before: AccountRole::Owner,
        after: AccountRole::Admin,
    };
    house.app.db.execute(&format!(
        "update memberships set role = case when user_id = '{one}' then 'owner' else 'member' end"
    ));
    let (mut conn, now) = (house.app.db.connection(), house.app.clock.now());
    let outcome = members::change_role(
        &mut conn,
        &Actor::system("test"),
        now,
        (account, one),
        change,
    );
    assert!(outcome.is_err_and(|error: DbError| error.is_conflict_on(LAST_OWNER)));
}

#[tokio::test]
async fn nobody_gives_a_role_above_their_own() {
    let house = House::new().await;
    let (anna, caller) = admin(&house).await;
    let owner = house.made.owner;
    assert!(caller.get(&at(owner)).await.has("#not-yours"));
    let page = caller.get(&at(anna)).await;
    assert_eq!(page.texts("input[name=role] + label"), ["Admin", "Member"]);
    for (whom, role) in [(anna, "owner"), (owner, "admin"), (owner, "member")] {
        let asked = format!("{}/role?role={role}", at(whom));
        let page = caller.get(&asked).await;
        assert_eq!(page.status, 403, "{role}");
        // Nor by sending the form without its page, whatever it says of before.
        let csrf = caller
            .get(ACCOUNT)
            .await
            .attribute("input[name=csrf]", "value");
        for was in ["owner", "admin", "member"] {
            let fields = [
                ("csrf", &*csrf),
                ("was", was),
                ("role", role),
                ("account_id", "2"),
            ];
            let sent = caller.post(&format!("{}/role", at(whom)), &fields).await;
            assert!(
                [403, 409].contains(&sent.status) || was == role,
                "{was} to {role}: {}",
                sent.status
            );
        }
    }
    assert_eq!(
        number(
            &house.app.db,
            "select count(*) from memberships where role = 'owner'"
        ),
        1
    );
    assert_eq!(changes(&house).len(), 1, "only what the owner did");
}

#[tokio::test]
async fn a_change_on_an_old_page_is_refused_and_shown_anew() {
    let house = House::new().await;
    let (grace, _) = house
        .person("grace@acme.example", WorkspaceRole::Developer)
        .await;
    let asked = house
        .owner
        .get(&format!("{}/role?role=owner", at(grace)))
        .await;
    assert_eq!(change(&house.owner, &at(grace), "admin").await.status, 303);
    let late = send(&house.owner, &asked).await;
    assert_eq!(late.status, 409);
    assert!(
        late.one("#race")
            .contains("Somebody made grace an admin of acme Ltd meanwhile")
    );
    assert_eq!(send(&house.owner, &late).await.status, 303);
    assert_eq!(changes(&house).len(), 2);
}
