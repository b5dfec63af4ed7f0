//! Would a call be allowed? What the page answers, to whom, and that it costs nothing.

use latchkey::db::limits;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::lease::Subject;
use latchkey::domain::lease::Usage;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::submit;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows;

async fn explain(caller: &Caller, key: &NewKey, query: &str) -> Page {
    caller.get(&format!("{}/explain?{query}", key.url())).await
}

fn verdict(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    page.attribute("[data-verdict]", "data-verdict")
}

fn result(page: &Page, step: &str) -> String {
    page.attribute(&format!("[data-step={step}]"), "data-result")
}

#[tokio::test]
async fn each_step_answers_and_an_allowed_call_passes_all() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = house.owner.get(&key.url()).await;
    assert_eq!(
        page.attribute("#explain", "action"),
        format!("{}/explain", key.url())
    );
    let page = explain(&house.owner, &key, "method=GET&path=%2Fv1%2Fdocuments%2F7").await;
    assert_eq!(verdict(&page), "VALID");
    assert_eq!(page.one("#answer h2"), "Allowed");
    let steps = page.texts(".steps h3");
    let names: Vec<&str> = steps
        .iter()
        .map(|step| step.trim_end_matches(" Passes"))
        .collect();
    assert_eq!(
        names,
        [
            "Form of the key",
            "Key",
            "Account and workspace",
            "Not revoked",
            "Not expired",
            "Not disabled",
            "Header",
            "Customer ID",
            "Form of the path",
            "Address",
            "Origin",
            "Scope",
            "Limits of the key",
            "Plan of the company",
            "Charge",
        ]
    );
    assert!(page.one("[data-step=grant] p").contains("documents:read"));
    assert_eq!(page.values("#path"), ["/v1/documents/7"]);
}

#[tokio::test]
async fn the_first_step_that_refuses_is_marked_and_the_others_answer_too() {
    let house = House::new().await;
    let changes = [("scope", "query"), ("allowed_ips", "203.0.113.0/24")];
    let key = NewKey::of(&submit(&house.owner, &changes).await);
    house.execute("update api_keys set disabled_at = now()");
    let page = explain(
        &house.owner,
        &key,
        "method=DELETE&path=/v1/documents/7&ip=8.8.8.8",
    )
    .await;
    assert_eq!(verdict(&page), "DISABLED");
    assert_eq!(result(&page, "revoked"), "passes");
    assert_eq!(result(&page, "disabled"), "refuses");
    assert_eq!(result(&page, "address"), "refuses-too");
    assert_eq!(result(&page, "grant"), "refuses-too");
    assert_eq!(result(&page, "charge"), "skipped");
    assert!(page.one("#answer .notice").contains("401 DISABLED"));
    assert!(
        page.one("[data-step=disabled] .step-remedy")
            .contains("Enable it")
    );
    assert!(page.one("[data-step=grant]").contains("documents:delete"));

    house.execute("update api_keys set revoked_at = now(), expires_at = now()");
    let page = explain(&house.owner, &key, "path=/v1/documents/7").await;
    assert_eq!(verdict(&page), "REVOKED");
    assert_eq!(result(&page, "disabled"), "refuses-too");
}

#[tokio::test]
async fn a_reached_limit_says_what_is_used_and_when_room_frees() {
    let house = House::new().await;
    let key = NewKey::of(&submit(&house.owner, &[("quota_daily", "2000")]).await);
    let use_up = |amount| {
        let usage = Usage {
            account: house.acme.account,
            subject: Subject::Key(key.id),
            amount,
            // The database counts by its own clock.
            at: SystemClock::shared().now(),
        };
        limits::add(&mut house.conn(), &[usage], None).unwrap();
    };
    use_up(1999);
    let asked = "path=/v1/documents/7";
    let page = explain(&house.owner, &key, asked).await;
    assert_eq!(verdict(&page), "VALID");
    assert!(
        page.one("[data-step=limits]")
            .contains("1,999 of 2,000, 1 left")
    );
    use_up(1);
    let page = explain(&house.owner, &key, asked).await;
    assert_eq!(verdict(&page), "QUOTA_DAILY");
    let limits = page.one("[data-step=limits]");
    assert!(limits.contains("Daily limit reached."), "{limits}");
    assert!(limits.contains("Room frees in "), "{limits}");
}

#[tokio::test]
async fn asking_writes_nothing() {
    let house = House::new().await;
    let key = NewKey::of(&submit(&house.owner, &[("quota_total", "1")]).await);
    let asked = "path=/v1/documents/7";
    let counts = "(select count(*) from request_log) + (select count(*) from audit_log)
                  + (select count(*) from limit_counters)";
    let before = rows::number(&house.app.db, counts);
    for _ in 0..3 {
        assert_eq!(verdict(&explain(&house.owner, &key, asked).await), "VALID");
    }
    assert_eq!(rows::number(&house.app.db, counts), before);
}

#[tokio::test]
async fn who_reads_the_workspace_may_ask_and_nobody_else() {
    let house = House::new().await;
    house.execute("update plans set per_minute = 600");
    let key = create(&house.owner, "Blog ingest").await;
    let asked = "path=/v1/documents/7";
    let page = explain(&house.owner, &key, asked).await;
    assert!(page.one("[data-step=plan]").contains("0 of 600"));
    for (email, role) in [
        ("admin@acme.example", WorkspaceRole::Admin),
        ("dev@acme.example", WorkspaceRole::Developer),
        ("viewer@acme.example", WorkspaceRole::Viewer),
    ] {
        let page = explain(&house.member(email, role).await, &key, asked).await;
        assert_eq!(verdict(&page), "VALID");
        // What the company has bought is not for everybody.
        assert_eq!(page.texts("[data-step=plan] .step-rooms"), [""; 0]);
    }
    let stranger = house.app.owner("other").await;
    let foreign = explain(&stranger, &key, asked).await;
    let none = stranger
        .get("/w/default/developers/keys/000000000000/explain")
        .await;
    assert_eq!((foreign.status, none.status), (404, 404));
    assert_eq!(foreign.without_reference(), none.without_reference());
    let nobody = house
        .app
        .visitor()
        .get(&format!("{}/explain", key.url()))
        .await;
    assert_eq!(nobody.status, 303);
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_at_its_field() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = explain(&house.owner, &key, "").await;
    assert_eq!((page.status, page.has("[data-verdict]")), (200, false));
    let page = explain(&house.owner, &key, "path=&ip=here").await;
    assert_eq!(page.status, 422);
    assert!(page.one("#path-error").contains("like /v1/documents"));
    assert!(page.one("#ip-error").contains("203.0.113.9"));
    assert_eq!(page.values("#ip"), ["here"]);
    let page = explain(&house.owner, &key, "path=/a//b").await;
    assert_eq!(verdict(&page), "AMBIGUOUS_PATH");
}

#[tokio::test]
async fn a_pasted_secret_is_taken_out_of_the_address() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = explain(&house.owner, &key, &format!("path=/v1/{}", key.secret)).await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location(), format!("{}/explain", key.url()));
    let page = house.owner.get(page.location()).await;
    assert!(page.one(".flash").contains("Treat it as exposed"));
}
