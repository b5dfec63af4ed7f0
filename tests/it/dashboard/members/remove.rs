//! Removing somebody from the account: what is asked of their keys, and what becomes of them.

use latchkey::domain::person::UserId;
use latchkey::domain::role::WorkspaceRole;

use super::ACCOUNT;
use super::House;
use super::role::at;
use super::role::change;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::number;
use crate::support::rows::text;

pub const KEYS: &str = "/w/default/developers/keys";

/// Sends the form of a page that asks, as it stands but for `answer`.
pub async fn send(caller: &Caller, asked: &Page, answer: &[(&str, &str)]) -> Page {
    let was = asked.attribute("main form input[name=was]", "value");
    let mut fields = vec![("was", was.as_str())];
    fields.extend(answer);
    caller.fill_in(asked, &fields).await
}

pub async fn remove(caller: &Caller, person: UserId, answer: &[(&str, &str)]) -> Page {
    let asked = caller.get(&format!("{}/remove", at(person))).await;
    if asked.status != 200 {
        return asked;
    }
    send(caller, &asked, answer).await
}

/// What the audit log says of keys: action, target, before, after, reason.
pub fn audited(house: &House) -> String {
    text(
        &house.app.db,
        "select coalesce(string_agg(concat_ws(' ', action, target_label, before, after, reason),
             '; ' order by target_label, action), '') as line
         from audit_log where target_kind = 'key'",
    )
}

/// Grace, a developer with two keys of full access and one that inherits, and one that is over.
pub async fn grace(house: &House) -> (UserId, Caller) {
    let (grace, dev) = house
        .person("grace@acme.example", WorkspaceRole::Developer)
        .await;
    house.keys(("g", 2), grace, "full");
    house.keys(("inh", 1), grace, "inherit");
    house.keys(("over", 1), grace, "full");
    house
        .app
        .db
        .execute("update api_keys set revoked_at = now() where name = 'over 1'");
    (grace, dev)
}

#[tokio::test]
async fn keys_are_asked_about_and_kept_as_service_keys() {
    let house = House::new().await;
    let (grace, dev) = grace(&house).await;
    let person = house.owner.get(&at(grace)).await;
    let asked = house
        .owner
        .get(&person.attribute("a.button-danger-quiet", "href"))
        .await;
    assert_eq!(asked.one("h1"), "Remove grace from acme Ltd");
    assert_eq!(asked.one("#keys-title"), "3 keys are grace’s");
    let names = asked.texts("#their-keys .cell-name");
    assert_eq!(names, ["g 1", "g 2", "inh 1"]);
    assert_eq!(
        asked.texts("#their-keys .cell-second"),
        ["Inherits its owner’s rights"]
    );
    assert!(!asked.has("input[name=keys][checked]"));
    assert!(
        asked
            .one("#keys-keep-hint")
            .contains("1 that inherits is refused from then on")
    );
    let unanswered = send(&house.owner, &asked, &[]).await;
    assert_eq!(unanswered.status, 422);
    assert_eq!(
        unanswered.one("#errors a[href='#keys']"),
        "Choose what becomes of the keys."
    );
    assert_eq!(dev.get(KEYS).await.status, 200, "nothing was changed");

    let done = send(&house.owner, &unanswered, &[("keys", "keep")]).await;
    assert_eq!((done.status, done.location()), (303, ACCOUNT));
    let list = house.owner.get(ACCOUNT).await;
    let said = list.one(".flash");
    assert!(
        said.starts_with(
            "grace is removed from acme Ltd and their 3 keys are kept without an owner, 1 of them \
             refused. Every node has gone by it since"
        ),
        "{said}"
    );
    assert_eq!(list.texts("#members .cell-name"), ["Ada Byron"]);
    // Her session is over at its next request, whatever it asks.
    let out = dev.get(KEYS).await;
    assert!(out.location().starts_with("/sign-in"), "{}", out.location());
    assert_eq!(house.owner.get(&at(grace)).await.status, 404);
    assert_eq!(remove(&house.owner, grace, &[]).await.status, 404);
    let kept = "select count(*) from api_keys where service and owner_id is null";
    assert_eq!(number(&house.app.db, kept), 3);
    let line = |name: &str| {
        format!(r#"key.made-service {name} {{"owner": "{grace}"}} {{"owner": null}} removed"#)
    };
    assert_eq!(
        audited(&house),
        ["g 1", "g 2", "inh 1"].map(line).join("; ")
    );
    let removed = "select before::text || after::text || reason as line from audit_log
                   where action = 'member.removed'";
    assert_eq!(
        text(&house.app.db, removed),
        r#"{"role": "member"}{"keys": 3, "role": null, "keys_to": null, "keys_are": "service"}removed"#
    );
    let ended = "select count(*) from audit_log where action = 'session.ended'";
    assert_eq!(number(&house.app.db, ended), 1);
}

#[tokio::test]
async fn a_service_key_says_so_and_is_for_admins() {
    let house = House::new().await;
    let (grace, _) = grace(&house).await;
    let (_, henry) = house
        .person("henry@acme.example", WorkspaceRole::Developer)
        .await;
    assert_eq!(
        remove(&house.owner, grace, &[("keys", "keep")])
            .await
            .status,
        303
    );
    let list = house.owner.get(KEYS).await;
    let creators = list.texts("td[data-label='Created by']");
    assert!(
        creators
            .iter()
            .all(|one| one.contains("grace") && one.contains("Service key")),
        "{creators:?}"
    );
    let inherits = format!("{KEYS}/{:0>12}", "inh1");
    let page = house.owner.get(&inherits).await;
    assert!(
        page.one("[data-fact=owner]")
            .starts_with("Nobody: a service key")
    );
    assert!(
        page.one("main")
            .contains("It is a service key, which has no owner, so every call with this key is")
    );
    assert!(page.one("main").contains("by grace"), "as history");
    let explained = house
        .owner
        .get(&format!("{inherits}/explain?method=GET&path=%2Fv1%2Fx"))
        .await;
    assert!(explained.one("main").contains("which has none: nothing"));
    let plain = format!("{KEYS}/{:0>12}", "g1");
    let edit = house.owner.get(&format!("{plain}/edit")).await;
    assert_eq!(edit.status, 200);
    assert!(
        !edit.has("#scope-inherit"),
        "there is nobody to be the same as"
    );
    let refused = henry.get(&format!("{plain}/disable")).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .one("main")
            .contains("takes an admin of Default: it is a service key")
    );
    assert_eq!(
        henry.get(&plain).await.status,
        200,
        "anybody here may see it"
    );
}

#[tokio::test]
async fn keys_are_disabled_and_no_node_accepts_them() {
    let house = House::new().await;
    let (grace, _) = grace(&house).await;
    let done = remove(&house.owner, grace, &[("keys", "disable")]).await;
    assert_eq!(done.status, 303);
    let said = house.owner.get(ACCOUNT).await.one(".flash");
    assert!(
        said.starts_with(
            "grace is removed from acme Ltd and their 3 keys are disabled. No node has accepted \
             any of them since"
        ),
        "{said}"
    );
    let off = "select count(*) from api_keys where disabled_at is not null";
    assert_eq!(number(&house.app.db, off), 3);
    assert_eq!(audited(&house).matches("key.disabled").count(), 3);
    let page = house.owner.get(&format!("{KEYS}/{:0>12}", "g1")).await;
    assert!(
        page.one("[data-fact=owner]")
            .contains("grace No longer a member of Default")
    );
}

#[tokio::test]
async fn who_has_no_keys_is_removed_without_a_question() {
    let house = House::new().await;
    let vera = house.member("vera@acme.example", WorkspaceRole::Viewer);
    let asked = house.owner.get(&format!("{}/remove", at(vera))).await;
    assert!(!asked.has("#keys") && !asked.has("#to"));
    assert_eq!(send(&house.owner, &asked, &[]).await.status, 303);
    let said = house.owner.get(ACCOUNT).await.one(".flash");
    assert!(
        said.starts_with("vera is removed from acme Ltd. Every"),
        "{said}"
    );
}

#[tokio::test]
async fn owners_are_removed_by_owners_and_nobody_removes_themselves_there() {
    let house = House::new().await;
    let (anna, admin) = house
        .person("anna@acme.example", WorkspaceRole::Viewer)
        .await;
    assert_eq!(change(&house.owner, &at(anna), "admin").await.status, 303);
    let owner = house.made.owner;
    let page = admin.get(&format!("{}/remove", at(owner))).await;
    assert_eq!(page.status, 403);
    assert!(!admin.get(&at(owner)).await.has("#remove-title"));
    let csrf = admin
        .get(ACCOUNT)
        .await
        .attribute("input[name=csrf]", "value");
    let fields = [("csrf", &*csrf), ("was", "owner"), ("keys", "disable")];
    let sent = admin.post(&format!("{}/remove", at(owner)), &fields).await;
    assert_eq!(sent.status, 403);
    let oneself = remove(&house.owner, owner, &[]).await;
    assert_eq!(
        (oneself.status, oneself.location()),
        (303, "/account/leave")
    );
    let fields = [("csrf", &*csrf), ("was", "admin")];
    let sent = admin.post(&format!("{}/remove", at(anna)), &fields).await;
    assert_eq!((sent.status, sent.location()), (303, "/account/leave"));
    assert_eq!(number(&house.app.db, "select count(*) from memberships"), 2);
}

#[tokio::test]
async fn a_removal_from_an_old_page_is_shown_anew() {
    let house = House::new().await;
    let (grace, _) = grace(&house).await;
    let asked = house.owner.get(&format!("{}/remove", at(grace))).await;
    assert_eq!(change(&house.owner, &at(grace), "admin").await.status, 303);
    let late = send(&house.owner, &asked, &[("keys", "disable")]).await;
    assert_eq!(late.status, 409);
    assert!(
        late.one("#race")
            .contains("Somebody changed the role of grace meanwhile")
    );
    assert!(
        late.has("#keys-disable[checked]"),
        "what was chosen is kept"
    );
    let done = send(&house.owner, &late, &[("keys", "disable")]).await;
    assert_eq!(done.status, 303);
}
