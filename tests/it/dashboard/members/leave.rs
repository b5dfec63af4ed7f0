//! Leaving an account by oneself, and being removed from one workspace.

use latchkey::domain::role::WorkspaceRole;

use super::House;
use super::remove::KEYS;
use super::remove::audited;
use super::remove::grace;
use super::remove::send;
use super::role::at;
use super::role::change;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::rows::number;
use crate::support::rows::text;

const LEAVE: &str = "/account/leave";

#[tokio::test]
async fn whoever_leaves_is_asked_about_their_keys_and_signed_out() {
    let house = House::new().await;
    let (_, dev) = grace(&house).await;
    let (henry, _) = house
        .person("henry@acme.example", WorkspaceRole::Developer)
        .await;
    let second = house.app.visitor();
    second.sign_in("acme", "grace@acme.example").await;
    assert!(dev.get("/me/profile").await.has("a[href='/account/leave']"));
    let asked = dev.get(LEAVE).await;
    assert_eq!(asked.one("h1"), "Leave acme Ltd");
    assert_eq!(asked.one("#keys-title"), "3 keys are yours");
    // Addresses of others are not a member's to know.
    assert_eq!(asked.texts("#to option"), ["Choose", "Ada Byron", "henry"]);
    let to = henry.to_string();
    let last = last_noted(&house.app.db);
    let gone = send(&dev, &asked, &[("keys", "hand-over"), ("to", &to)]).await;
    assert_eq!(
        (gone.status, gone.location()),
        (303, "/sign-in/acme?left=1")
    );
    assert_eq!(
        noted_after(&house.app.db, last),
        "key.handed-over member.removed session.ended"
    );
    assert!(gone.header("clear-site-data").contains("cache"));
    let notice = dev.get(gone.location()).await;
    assert!(
        notice
            .one("main")
            .contains("You no longer belong to this company")
    );
    for caller in [&dev, &second] {
        let out = caller.get(KEYS).await;
        assert!(out.location().starts_with("/sign-in"), "{}", out.location());
    }
    assert_eq!(audited(&house).matches("key.handed-over").count(), 3);
    assert!(audited(&house).ends_with(" left"));
}

#[tokio::test]
async fn the_last_owner_cannot_leave() {
    let house = House::new().await;
    let page = house.owner.get(LEAVE).await;
    assert!(
        page.one("#barred")
            .contains("is the only owner of acme Ltd")
    );
    assert!(!page.has("main form"));
    let csrf = page.attribute("input[name=csrf]", "value");
    let fields = [("csrf", &*csrf), ("was", "owner")];
    let sent = house.owner.post(LEAVE, &fields).await;
    assert_eq!(sent.status, 422);
    assert!(sent.one("#errors").contains("is the only owner"));
    let anna = house.member("anna@acme.example", WorkspaceRole::Viewer);
    assert_eq!(change(&house.owner, &at(anna), "owner").await.status, 303);
    let asked = house.owner.get(LEAVE).await;
    assert_eq!(send(&house.owner, &asked, &[]).await.status, 303);
}

#[tokio::test]
async fn one_workspace_closes_and_the_keys_elsewhere_stay_as_they_are() {
    let house = House::new().await;
    let (grace, dev) = grace(&house).await;
    let (account, default) = (house.made.account, house.made.workspace);
    let staging = house.app.workspace(account, "staging");
    house.app.db.execute(&format!(
        "insert into workspace_memberships (account_id, workspace_id, user_id, role, created_at)
         values ({}, {}, '{grace}', 'developer', now());
         update api_keys set workspace_id = {} where name = 'g 2'",
        account.0, staging.0, staging.0
    ));
    let here = format!("/w/default/members/{grace}");
    let person = house.owner.get(&here).await;
    let asked = house
        .owner
        .get(&person.attribute("a.button-danger-quiet", "href"))
        .await;
    assert_eq!(asked.one("h1"), "Remove grace from Default");
    assert_eq!(asked.texts("#their-keys .cell-name"), ["g 1", "inh 1"]);
    let done = send(&house.owner, &asked, &[("keys", "keep")]).await;
    assert_eq!((done.status, done.location()), (303, "/w/default/members"));
    let said = house.owner.get(done.location()).await.one(".flash");
    assert!(
        said.starts_with(
            "grace is removed from Default and their 2 keys are kept without an owner, 1 of them \
             refused."
        ),
        "{said}"
    );
    // She is still of the company, at once without the workspace.
    assert_eq!(dev.get(KEYS).await.status, 404);
    assert_eq!(dev.get("/w/staging/developers/keys").await.status, 200);
    let own = format!(
        "select name as line from api_keys where owner_id = '{grace}'
                       and revoked_at is null"
    );
    assert_eq!(text(&house.app.db, &own), "g 2");
    let gone = house.owner.get(&format!("{here}/remove")).await;
    assert_eq!((gone.status, gone.location()), (303, here.as_str()));
    let noted = format!(
        "select count(*) from audit_log where action = 'member.removed' and workspace_id = {}",
        default.0
    );
    assert_eq!(number(&house.app.db, &noted), 1);
    // A role of the account is not taken here.
    let owner = format!("/w/default/members/{}/remove", house.made.owner);
    assert_eq!(house.owner.get(&owner).await.status, 409);
}

#[tokio::test]
async fn leaving_and_removing_ask_who_one_is_after_two_hours() {
    let house = House::new().await;
    let vera = house.member("vera@acme.example", WorkspaceRole::Viewer);
    let pages = [
        LEAVE.to_owned(),
        format!("{}/remove", at(vera)),
        format!("/w/default/members/{vera}/remove"),
    ];
    let csrf = house
        .owner
        .get(LEAVE)
        .await
        .attribute("input[name=csrf]", "value");
    for _ in 0..3 {
        house.app.clock.advance(std::time::Duration::from_mins(41));
        house.owner.get("/w/default/").await;
    }
    for page in pages {
        let asked = house.owner.get(&page).await;
        assert!(
            asked.location().starts_with("/confirm-identity"),
            "{page}: {}",
            asked.status
        );
        let fields = [("csrf", &*csrf), ("was", "member")];
        let sent = house.owner.post(&page, &fields).await;
        assert!(sent.location().starts_with("/confirm-identity"), "{page}");
    }
}
