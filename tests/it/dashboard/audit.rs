//! The audit log, as those see it who may.

use latchkey::db::users;
use latchkey::domain::actor::Actor;
use latchkey::domain::random::OsRandom;
use latchkey::domain::role::StaffRole;
use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::operator::staff;
use crate::support::queries;

const AUDIT: &str = "/w/default/audit";

#[tokio::test]
async fn what_somebody_did_to_a_key_is_there_with_who_when_and_what() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let list = house.owner.get(&format!("{AUDIT}?what=keys")).await;
    assert_eq!(list.one("h1"), "Audit log");
    assert_eq!(list.one("tbody [data-column=actor]"), "owner@acme.example");
    let action = list.one("tbody [data-column=action]");
    assert!(action.contains("created the key Blog ingest"), "{action}");
    assert_eq!(list.one("tbody .audit-code"), "key.created");
    assert_eq!(list.one("tbody [data-column=ip]"), "127.0.0.1");
    let link = list.attribute("tbody [data-column=action] a", "href");
    assert_eq!(link, key.url());
    let entry = list.attribute("tbody [data-column=time] a", "href");
    let page = house.owner.get(&entry).await;
    assert_eq!(
        page.one("h1"),
        "owner@acme.example created the key Blog ingest"
    );
    assert_eq!(page.one("[data-fact=action]"), "key.created");
    assert!(page.one("[data-fact=request]").starts_with("req_"));
    assert!(page.has(".audit-diff tbody tr"));
    assert!(!page.text.contains(&key.secret), "no secret in it");
    // The same entry among those of the company.
    let id = entry.rsplit('/').next().unwrap();
    let company = house.owner.get(&format!("/account/audit/{id}")).await;
    assert_eq!(company.status, 200);
    assert_eq!(company.one("[data-fact=place]"), "Default");
}

#[tokio::test]
async fn who_was_erased_is_named_nowhere_and_leads_nowhere() {
    let house = House::new().await;
    let email = "grace@acme.example";
    let grace = house.member(email, WorkspaceRole::Developer).await;
    create(&grace, "Blog ingest").await;
    house.execute(
        "delete from workspace_memberships where user_id in
             (select id from users where email like 'grace@%');
         delete from memberships where user_id in (select id from users where email like 'grace@%')",
    );
    let (actor, email) = (Actor::system("test"), email.parse().unwrap());
    let erase = |conn: &mut _| users::erase(conn, &actor, house.now(), &OsRandom, &email);
    erase(&mut house.conn()).unwrap();
    let list = house.owner.get(&format!("{AUDIT}?what=keys")).await;
    assert_eq!(list.one("tbody [data-column=actor]"), "erased person");
    assert!(!list.has("tbody [data-column=actor] a"));
    assert_eq!(list.one("tbody [data-column=ip]"), "None");
    let action = list.one("tbody [data-column=action]");
    assert!(action.contains("created the key Blog ingest"), "{action}");
    let entry = list.attribute("tbody [data-column=time] a", "href");
    let page = house.owner.get(&entry).await;
    assert_eq!(page.one("h1"), "erased person created the key Blog ingest");
    assert!(!page.has("[data-fact=actor] a"));
    assert!(
        page.one("[data-fact=ip]")
            .contains("Erased with the person")
    );
    let people = house.owner.get("/account/audit?what=people").await;
    assert!(!people.text.contains("grace@acme.example"));
    let targets = |selector| people.texts(&format!("tbody [data-column=action] {selector}"));
    assert!(targets("b").contains(&"erased person".to_owned()));
    assert!(!targets("a").contains(&"erased person".to_owned()));
}

#[tokio::test]
async fn a_key_leads_to_all_that_was_done_to_it() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    create(&house.owner, "Another").await;
    let page = house.owner.get(&key.url()).await;
    let all = page.attribute("#changes-title + a", "href");
    let list = house.owner.get(&all).await;
    assert_eq!(list.texts("tbody .audit-code"), ["key.created"]);
    let viewer = house
        .member("viewer@acme.example", WorkspaceRole::Viewer)
        .await;
    assert!(!viewer.get(&key.url()).await.has("#changes-title + a"));
    assert_eq!(viewer.get(AUDIT).await.status, 403);
}

#[tokio::test]
async fn filters_narrow_the_log_and_are_taken_off_again() {
    let house = House::new().await;
    create(&house.owner, "Blog ingest").await;
    let by_nobody = house
        .owner
        .get(&format!("{AUDIT}?actor=Nobody%40acme.example"))
        .await;
    assert_eq!(by_nobody.one(".empty h2"), "Nothing matches");
    assert_eq!(
        by_nobody
            .one(".active-filters .chip")
            .trim_end_matches("Remove"),
        "By nobody@acme.example"
    );
    assert_eq!(by_nobody.attribute(".active-filters .chip", "href"), AUDIT);
    let before = house
        .owner
        .get(&format!("{AUDIT}?to=2026-10-01&from=2026-09-01"))
        .await;
    assert_eq!(before.one(".empty h2"), "Nothing in this range");
    let wrong = house.owner.get(&format!("{AUDIT}?from=tomorrow")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.one("#from-error").contains("Enter a date"));
    assert_eq!(wrong.attribute("#from", "value"), "tomorrow");
    let pasted = house
        .owner
        .get(&format!("{AUDIT}?target=lk_{}", "a".repeat(3)))
        .await;
    assert_eq!(pasted.status, 200, "no secret, so a filter like another");
}

#[tokio::test]
async fn a_secret_in_a_filter_is_not_kept() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let answer = house
        .owner
        .get(&format!("{AUDIT}?target={}", key.secret))
        .await;
    assert_eq!((answer.status, answer.location()), (303, AUDIT));
    assert!(
        house
            .owner
            .get(AUDIT)
            .await
            .text
            .contains("Treat it as exposed")
    );
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_overlap_in_few_queries() {
    queries::watch();
    let house = House::new().await;
    house.execute(&format!(
        "insert into audit_log (account_id, workspace_id, at, actor_kind, actor_id, actor_label,
             action, target_kind, target_id, target_label)
         select {}, {}, '2026-11-20', 'person', 'id', 'ada@acme.example', 'key.updated', 'key',
             'k' || n, repeat('x', 200) from generate_series(1, 120) n",
        house.acme.account.0, house.acme.workspace.0
    ));
    let mut url = format!("{AUDIT}?actor=ada%40acme.example");
    let mut seen = Vec::new();
    for rows in [50, 50, 20] {
        let page = house.owner.get(&url).await;
        assert_eq!(page.texts("tbody tr").len(), rows);
        seen.extend(page.texts("tbody tr a[href*='/audit/']"));
        url = if page.has(".pager [rel=next]") {
            page.attribute(".pager [rel=next]", "href")
        } else {
            String::new()
        };
    }
    assert!(url.is_empty());
    assert_eq!(seen.len(), 120);
    let database = house.app.db.url();
    queries::take(&database);
    house.owner.get(AUDIT).await;
    let taken = queries::take(&database);
    assert!((1..=4).contains(&taken.len()), "{taken:#?}");
}

#[tokio::test]
async fn a_file_holds_what_the_filter_finds_and_is_noted() {
    let house = House::new().await;
    create(&house.owner, "=cmd").await;
    let file = house.owner.get(&format!("{AUDIT}.csv?what=keys")).await;
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(lines.len(), 2, "{}", file.text);
    assert!(lines[1].contains("'=cmd"), "no formula: {}", lines[1]);
    let json = house.owner.get("/account/audit.jsonl?what=exports").await;
    let rows: Vec<serde_json::Value> = json
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows[0]["action"], "audit.exported");
    assert_eq!(rows[0]["actor"], "owner@acme.example");
}

#[tokio::test]
async fn operators_see_the_installation_s_and_on_demand_what_accounts_did() {
    let house = House::new().await;
    create(&house.owner, "Blog ingest").await;
    let operator = staff(&house.app, StaffRole::Operator).await;
    let own = operator.get("/operator/audit?range=90d").await;
    assert_eq!(own.status, 200);
    assert!(!own.text.contains("Blog ingest"));
    let all = operator.get("/operator/audit?accounts=all&what=keys").await;
    assert!(
        all.one("tbody [data-column=place]").contains("Default"),
        "{}",
        all.text
    );
    let support = staff(&house.app, StaffRole::Support).await;
    assert_eq!(support.get("/operator/audit").await.status, 404);
}
