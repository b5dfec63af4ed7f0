//! A preset gets a newer version: keys keep theirs until somebody moves them.

use latchkey::domain::catalogue::BUILT_IN;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::edit::changes;
use crate::dashboard::keys::edit::edit;
use crate::dashboard::keys::submit;
use crate::support::callers::Caller;
use crate::support::callers::send;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;

const WIDGET: &str = "permissions = [\"widget:chat\", \"widget:history\", \"widget:archive\"]";
const WIDER: &str = "permissions = [\"widget:chat\", \"documents:delete\"]";

async fn widget_key(caller: &Caller) -> NewKey {
    NewKey::of(&submit(caller, &[("scope", "widget")]).await)
}

#[tokio::test]
async fn a_newer_version_is_offered_with_what_it_changes_and_taken_on_request_only() {
    let house = House::new().await;
    let key = widget_key(&house.owner).await;
    assert!(!house.owner.get(&key.url()).await.has(".preset-update"));
    house.offer_instead(WIDGET, WIDER);

    let page = house.owner.get(&key.url()).await;
    assert!(page.one(".preset-update").contains("keeps version 1"));
    assert!(page.has("[data-adds='documents:delete']"));
    assert!(page.has("[data-removes='widget:history']"));
    assert!(page.has("[data-removes='widget:archive']"));
    assert!(!page.has("[data-adds='widget:chat']"));
    assert_eq!(house.stored(&key).grant.version, 1);

    let path = format!("{}/preset", key.url());
    assert!(page.has(&format!("a[href='{path}'][data-dialog]")));
    let question = house.owner.get(&path).await;
    assert_eq!(question.one("h1"), "Update Blog ingest");
    assert_eq!(
        question.one("[data-adds='documents:delete']"),
        "Delete documents High risk"
    );
    let request = house.owner.request("GET", &path);
    let dialog = send(request.header("x-fragment", "dialog")).await;
    assert!(dialog.text.contains("data-dialog-content") && !dialog.has("nav"));

    let last = last_noted(&house.app.db);
    let answer = house
        .owner
        .fill_in(&question, &[("version", "1"), ("to", "2")])
        .await;
    assert_eq!((answer.status, answer.location()), (303, &*key.url()));
    assert_eq!(noted_after(&house.app.db, last), "key.updated");
    let page = house.owner.get(&key.url()).await;
    let flash = page.one(".flash");
    assert!(
        flash.contains("has version 2 of Widget only. Every node has gone by it"),
        "{flash}"
    );
    assert!(!page.has(".preset-update"));
    let written = changes(&house).remove(0);
    assert_eq!(written.before.unwrap()["grant"]["version"], 1);
    assert_eq!(written.after.unwrap()["grant"]["version"], 2);
    // Once more there is nothing to do.
    let again = house.owner.get(&path).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.one("h1"), "Blog ingest has nothing to update");
}

#[tokio::test]
async fn who_saw_another_update_is_shown_this_one_first() {
    let house = House::new().await;
    let key = widget_key(&house.owner).await;
    house.offer_instead(WIDGET, WIDER);
    let path = format!("{}/preset", key.url());
    let question = house.owner.get(&path).await;
    house.offer_instead(WIDGET, "permissions = [\"*\"]");
    let answer = house
        .owner
        .fill_in(&question, &[("version", "1"), ("to", "2")])
        .await;
    assert_eq!(answer.status, 409);
    assert!(answer.one(".notice").contains("Nothing is updated yet"));
    assert!(answer.has("[data-adds='*']"));
    assert_eq!(house.stored(&key).grant.version, 1);

    edit(&house.owner, &key, &[("note", "Edited meanwhile")]).await;
    let answer = house
        .owner
        .fill_in(&answer, &[("version", "1"), ("to", "3")])
        .await;
    assert_eq!(answer.status, 409);
    let version = answer.attribute("main form input[name=version]", "value");
    assert_eq!(version, "2");
    let answer = house
        .owner
        .fill_in(&answer, &[("version", "2"), ("to", "3")])
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(house.stored(&key).grant.version, 3);
}

#[tokio::test]
async fn an_update_takes_who_may_manage_the_key_and_could_give_as_much() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let viewer = house
        .member("viewer@acme.example", WorkspaceRole::Viewer)
        .await;
    let key = widget_key(&developer).await;
    house.offer(
        &BUILT_IN
            .replace(WIDGET, WIDER)
            .replace("developer = [\"*\"]", "developer = [\"widget:*\"]"),
    );
    let path = format!("{}/preset", key.url());
    assert_eq!(viewer.get(&path).await.status, 403);
    let page = viewer.get(&key.url()).await;
    assert!(page.has(".preset-update") && !page.has(&format!("a[href='{path}']")));
    let refused = developer.get(&path).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .one("main")
            .contains("more than your role here may do")
    );
    assert_eq!(house.owner.get(&path).await.status, 200);
}

#[tokio::test]
async fn a_key_without_a_newer_preset_has_nothing_to_update() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let path = format!("{}/preset", key.url());
    assert_eq!(house.owner.get(&path).await.status, 409);
    house
        .owner
        .submit(&format!("{}/revoke", key.url()), &[("reason", "")])
        .await;
    assert_eq!(
        house.owner.get(&path).await.one("h1"),
        "Blog ingest is already revoked"
    );
}
