//! What an account asks of its members at sign-in.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::second_factor::SET_UP;
use crate::dashboard::second_factor::set_up;
use crate::support::app::TestApp;
use crate::support::rows::number;

#[tokio::test]
async fn an_account_may_ask_every_member_for_one_before_anything_else_opens() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner
        .submit(
            "/account/settings/sign-in",
            &[("second_factor", "required")],
        )
        .await;
    assert_eq!(page.status, 303);
    let noted = "select count(*) from audit_log where action = 'sign-in-rules.changed'";
    assert_eq!(number(&app.db, noted), 1);
    for path in [
        "/w/default/",
        "/",
        "/me/profile",
        "/w/default/developers/keys",
    ] {
        let page = owner.get(path).await;
        assert_eq!((page.status, page.location()), (303, SET_UP), "{path}");
    }
    let page = owner.get(SET_UP).await;
    assert!(page.one("#required").contains("asks every member"));
    set_up(&app, &owner).await;
    assert_eq!(owner.get("/w/default/").await.status, 200);
}

#[tokio::test]
async fn the_rules_of_an_account_are_for_its_owners_and_bind_no_other_account() {
    let app = TestApp::spawn();
    let acme = app.account("acme");
    let email = "dev@acme.example";
    app.member(acme.account, acme.workspace, email, WorkspaceRole::Admin);
    let member = app.visitor();
    member.sign_in("acme", email).await;
    assert_eq!(member.get("/account/settings/sign-in").await.status, 403);
    let umbrella = app.owner("umbrella").await;
    umbrella
        .submit(
            "/account/settings/sign-in",
            &[("second_factor", "required")],
        )
        .await;
    assert_eq!(umbrella.get("/w/default/").await.status, 303);
    assert_eq!(member.get("/w/default/").await.status, 200);
}
