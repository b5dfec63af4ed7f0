//! The operator's pages: who may open them, and what they say.

use chrono::TimeDelta;
use latchkey::db::nodes;
use latchkey::db::nodes::NodeRow;
use latchkey::db::nodes::Vitals;
use latchkey::domain::clock::Clock;
use latchkey::domain::role::StaffRole;
use serde_json::json;
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::callers::Caller;

const NODES: &str = "/operator/nodes";

pub async fn staff(app: &TestApp, role: StaffRole) -> Caller {
    let email = format!("{}@keys.example", role.as_str());
    app.staff(&email, role);
    let caller = app.visitor();
    caller.sign_in("staff", &email).await;
    caller
}

/// A node with a fresh heartbeat.
fn node(app: &TestApp, name: &str, applied_seq: i64, vitals: &Vitals) {
    let node = NodeRow {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        started_at: app.clock.now() - TimeDelta::hours(3),
        applied_seq,
        lease_ms: 60_000,
    };
    let mut conn = app.db.connection();
    nodes::register(&mut conn, &node).unwrap();
    nodes::beat(&mut conn, node.id, applied_seq, vitals).unwrap();
}

#[tokio::test]
async fn operators_and_support_staff_see_the_nodes_and_nobody_else_does() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    assert_eq!(owner.get(NODES).await.status, 404);
    assert!(
        !owner
            .get("/w/default/")
            .await
            .has(".nav-heading + ul a[href='/operator/nodes']")
    );
    assert_eq!(app.visitor().get(NODES).await.status, 303);
    for role in [StaffRole::Operator, StaffRole::Support] {
        let caller = staff(&app, role).await;
        let home = match role {
            StaffRole::Operator => NODES,
            StaffRole::SupportLead | StaffRole::Support => "/support",
        };
        assert_eq!(caller.get("/").await.location(), home);
        let page = caller.get(NODES).await;
        assert_eq!((page.status, page.one("h1")), (200, "Nodes".to_owned()));
    }
}

#[tokio::test]
async fn staff_without_a_workspace_have_a_frame_of_their_own() {
    let app = TestApp::spawn();
    let page = staff(&app, StaffRole::Operator).await.get(NODES).await;
    assert_eq!(page.texts(".sidebar .nav-heading"), ["Support", "Operator"]);
    assert_eq!(page.texts(".sidebar a[aria-current=page]"), ["Nodes"]);
    assert!(!page.has("[role=search]"), "there are no keys to search");
    assert!(
        !page.has("header [aria-current=true]"),
        "nor workspaces to switch between"
    );
    assert!(page.has("form[action='/sign-out']"));
    assert_eq!(page.attribute(".topbar-brand", "href"), "/");
}

#[tokio::test]
async fn an_owner_who_is_an_operator_too_finds_both_in_one_navigation() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    app.db
        .execute("insert into staff_grants select id, 'operator', now() from users");
    let page = owner.get("/w/default/").await;
    assert_eq!(
        page.texts(".sidebar .nav-heading"),
        ["Developers", "Settings", "Company", "Support", "Operator"]
    );
    let links = ".sidebar a[href^='/operator/']";
    assert_eq!(page.texts(links), ["Installation"], "one of them leads on");
    let page = owner.get(&page.attribute(links, "href")).await;
    assert_eq!(page.texts(links).len(), 8, "and there are all of them");
    assert_eq!(page.attribute(".topbar-brand", "href"), "/w/default/");
    assert!(page.has("[role=search]"));
}

#[tokio::test]
async fn without_a_node_the_page_says_what_that_means() {
    let app = TestApp::spawn();
    let page = staff(&app, StaffRole::Support).await.get(NODES).await;
    assert_eq!(page.one(".empty h2"), "No node is running");
    assert!(!page.has("table"));
}

#[tokio::test]
async fn each_node_tells_lease_changes_backlog_and_keys() {
    let app = TestApp::spawn();
    app.account("acme");
    let caller = staff(&app, StaffRole::Operator).await;
    let newest = latchkey::db::mirror::last_seq(&mut app.db.connection()).unwrap();
    let vitals = Vitals {
        keys: 12_345,
        unreadable: 1,
        unreadable_keys: json!([{"key": "4fZk0QpL9aBc", "fault": "it has no secret"}]),
        spool_bytes: 12_449,
        spool_since: Some(app.clock.now() - TimeDelta::seconds(4)),
    };
    node(&app, "a", newest, &vitals);
    node(
        &app,
        "b",
        newest - 2,
        &Vitals {
            unreadable_keys: json!([]),
            ..Vitals::default()
        },
    );
    node(
        &app,
        "c",
        newest,
        &Vitals {
            unreadable_keys: json!([]),
            ..Vitals::default()
        },
    );
    app.db
        .execute("update nodes set heartbeat_at = now() - interval '4 minutes' where name = 'c'");
    node(
        &app,
        "d",
        0,
        &Vitals {
            unreadable_keys: json!([]),
            ..Vitals::default()
        },
    );
    app.db
        .execute("update nodes set loading = true where name = 'd'");

    let page = caller.get(NODES).await;
    assert!(page.one("main").contains("4 nodes, 1 of them fenced."));
    assert_eq!(page.texts(".table .cell-name"), ["a", "b", "c", "d"]);
    let state = page.texts("td[data-column=state]");
    assert!(
        state[0].starts_with("Deciding") && state[0].ends_with("s left"),
        "{}",
        state[0]
    );
    assert_eq!(state[2], "Fenced Answers 503");
    assert_eq!(state[3], "Loading Reads every key first");
    let applied = page.texts("td[data-column=applied]");
    assert_eq!(applied[0], newest.to_string());
    assert_eq!(applied[1], format!("{} 2 changes behind", newest - 2));
    let backlog = page.texts("td[data-column=backlog]");
    assert_eq!(backlog[..2], ["12.4 kB, up to 5 seconds old", "0 B"]);
    assert_eq!(page.texts("td[data-column=keys]")[0], "12,345 1 unreadable");
    assert_eq!(page.texts("td[data-column=heartbeat]")[2], "4 minutes ago");
    assert_eq!(
        page.texts("td[data-column=started]")[0],
        "21 Nov 2026, 06:41"
    );
    assert_eq!(page.one("th[data-column=unreadable-key]"), "4fZk0QpL9aBc");
    assert_eq!(page.one("td[data-column=fault]"), "it has no secret");
}
