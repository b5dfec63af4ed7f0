//! Changing a role in a workspace.

use latchkey::domain::person::UserId;
use latchkey::domain::role::WorkspaceRole;

use super::House;
use super::role::at;
use super::role::change;
use super::role::changes;
use super::role::send;

fn here(person: UserId) -> String {
    format!("/w/default/members/{person}")
}

#[tokio::test]
async fn admins_of_a_workspace_give_roles_in_it_and_nowhere_else() {
    let house = House::new().await;
    let staging = house.app.workspace(house.made.account, "staging");
    let (_, lead) = house
        .person("lead@acme.example", WorkspaceRole::Admin)
        .await;
    let (grace, dev) = house
        .person("grace@acme.example", WorkspaceRole::Viewer)
        .await;
    let email = "other@acme.example";
    let other = house
        .app
        .member(house.made.account, staging, email, WorkspaceRole::Viewer);
    let new = "/w/default/developers/keys/new";
    assert_eq!(dev.get(new).await.status, 403);
    assert_eq!(change(&lead, &here(grace), "developer").await.status, 303);
    assert_eq!(dev.get(new).await.status, 200);
    // Somebody of the account who is not in it is found by the whole address only.
    let nobody = lead
        .get("/w/default/members/add?email=nobody%40acme.example")
        .await;
    assert_eq!(nobody.status, 422);
    assert!(
        nobody
            .one("#email-error")
            .contains("Nobody of acme Ltd has this address")
    );
    let found = lead
        .get("/w/default/members/add?email=OTHER%40acme.example")
        .await;
    assert_eq!((found.status, found.location()), (303, &*here(other)));
    let asked = lead.get(&format!("{}/role?role=viewer", here(other))).await;
    assert!(asked.texts("tr.row-marked").len() > 1, "{}", asked.text);
    assert_eq!(send(&lead, &asked).await.status, 303);
    let names = lead
        .get("/w/default/members")
        .await
        .texts("#members .cell-name");
    assert!(
        names.contains(&"Ada Byron".to_owned()) && names.len() == 4,
        "{names:?}"
    );
    assert_eq!(changes(&house).len(), 2);

    let elsewhere = format!("/w/staging/members/{grace}/role?role=viewer");
    assert_eq!(lead.get(&elsewhere).await.status, 404);
    assert_eq!(lead.get(&at(grace)).await.status, 403);
    assert_eq!(dev.get(&here(other)).await.status, 403);
    // What the account brings is not taken here.
    let owner = house.made.owner;
    assert!(lead.get(&here(owner)).await.has("#everywhere"));
    assert_eq!(change(&lead, &here(owner), "viewer").await.status, 409);
}
