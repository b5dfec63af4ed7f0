//! What a workspace's first page tells, and to whom.

use latchkey::domain::role::WorkspaceRole;

use crate::support::app::TestApp;

#[tokio::test]
async fn an_empty_workspace_says_what_is_true() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get("/w/default/").await;
    assert_eq!(page.one("h1"), "Default");
    assert!(
        page.texts(".attention li")
            .contains(&"0 current keys".to_owned())
    );
    assert!(page.has("figure.usage"));
    assert!(
        page.texts(".events li")
            .iter()
            .any(|line| line.contains("Default"))
    );
    assert!(
        page.texts("pre")
            .iter()
            .any(|line| line.contains("http://127.0.0.1:8082/"))
    );
}

#[tokio::test]
async fn who_did_what_is_for_admins() {
    let app = TestApp::spawn();
    let account = app.account("acme");
    for (role, email, sees) in [
        (WorkspaceRole::Admin, "admin@acme.example", true),
        (WorkspaceRole::Developer, "developer@acme.example", false),
        (WorkspaceRole::Viewer, "viewer@acme.example", false),
    ] {
        app.member(account.account, account.workspace, email, role);
        let member = app.visitor();
        member.sign_in("acme", email).await;
        let page = member.get("/w/default/").await;
        assert_eq!(page.has(".events"), sees, "{email}");
        assert_eq!(
            page.has("a[href$='/keys/new']"),
            role.may_create_keys(),
            "{email}"
        );
    }
}

#[tokio::test]
async fn a_member_opens_the_workspaces_they_were_let_into() {
    let app = TestApp::spawn();
    let account = app.account("acme");
    let staging = app.workspace(account.account, "staging");
    app.member(
        account.account,
        staging,
        "dev@acme.example",
        WorkspaceRole::Developer,
    );
    let member = app.visitor();
    member.sign_in("acme", "dev@acme.example").await;
    assert_eq!(member.get("/").await.location(), "/w/staging/");
    assert_eq!(member.get("/w/staging/").await.status, 200);
    assert_eq!(member.get("/w/default/").await.status, 404);
    let page = member.get("/workspaces").await;
    assert_eq!(page.texts("tbody th"), ["staging"]);
    let page = member.get("/workspaces?q=nothing").await;
    assert!(
        page.texts("main p")
            .iter()
            .any(|text| text.contains("“nothing”"))
    );
}

#[tokio::test]
async fn a_page_costs_few_queries_however_many_workspaces() {
    let app = TestApp::spawn();
    let account = app.account("acme");
    for number in 0..20 {
        app.workspace(account.account, &format!("w{number}"));
    }
    let owner = app.visitor();
    owner.sign_in("acme", "owner@acme.example").await;
    let page = owner.get("/workspaces").await;
    assert_eq!(page.texts("tbody th").len(), 21);
}
