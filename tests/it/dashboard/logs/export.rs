//! The log as a file.

use std::time::Duration;

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::logs::LOGS;

async fn busy() -> House {
    let house = House::new().await;
    let key = create(&house.owner, "=1+1").await;
    let calls: Vec<(i64, String)> = (0..1_203)
        .map(|n| (1 + n / 7, format!("GET /v1/{}", n % 5)))
        .collect();
    let calls: Vec<_> = calls
        .iter()
        .map(|(ago, endpoint)| (*ago, endpoint.as_str(), 200, "203.0.113.9"))
        .collect();
    house.log(key.id, &calls);
    house.log(key.id, &[(864_000, "GET /v1/old", 401, "203.0.113.9")]);
    house
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().len(), 18);
    reader.deserialize().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_file_holds_exactly_what_the_filter_finds() {
    let house = busy().await;
    let page = house.owner.get(&format!("{LOGS}.csv")).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-disposition"),
        "attachment; filename=\"logs-default-2026-11-14-2026-11-21.csv\""
    );
    assert_eq!(page.header("cache-control"), "no-store, private");
    let all = rows(&page.text);
    assert_eq!(all.len(), 1_203);
    let ids: std::collections::HashSet<&String> = all.iter().map(|row| &row[1]).collect();
    assert_eq!(ids.len(), 1_203);
    assert_eq!(all[0][4], "'=1+1", "no formula");
    let told = [
        "GET",
        "200",
        "VALID",
        "",
        "1.500",
        "203.0.113.9",
        "2",
        "curl/8",
        "gateway",
    ];
    let cells = [7, 9, 10, 11, 12, 13, 14, 15, 16].map(|column| all[0][column].as_str());
    assert_eq!(cells, told);

    let narrow = "path=/v1/3&range=30d";
    let page = house.owner.get(&format!("{LOGS}.csv?{narrow}")).await;
    let found = rows(&page.text);
    let listed = house.owner.get(&format!("{LOGS}?{narrow}")).await;
    assert_eq!(found.len(), 240);
    let first: Vec<&str> = found[..50].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(listed.texts("td[data-column=request]"), first);
    let link = listed.attribute(".list-foot a", "href");
    assert_eq!(house.owner.get(&link).await.text, page.text);
    let audited = "select count(*) from audit_log where action = 'logs.exported'
        and target_label = 'Default' and after->>'filter' like '%path=%' and after->>'format' = 'csv'";
    assert_eq!(house.number(audited), 2);
}

#[tokio::test]
async fn each_line_is_an_object_where_that_was_asked_for() {
    let house = busy().await;
    let page = house
        .owner
        .get(&format!("{LOGS}.jsonl?range=30d&code=EXPIRED"))
        .await;
    assert_eq!(
        page.header("content-type"),
        "application/x-ndjson; charset=utf-8"
    );
    let row: serde_json::Value = serde_json::from_str(page.text.trim()).unwrap();
    assert_eq!(row["path"], "/v1/old");
    assert_eq!(row["decision"], "EXPIRED");
    assert_eq!(row["duration_ms"], 1.5);
    assert_eq!(row["key_name"], "=1+1");
    assert_eq!(row["missing"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_file_is_for_those_who_proved_who_they_are_and_of_their_own_keys_for_developers() {
    let house = busy().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let own = create(&developer, "Own").await;
    house.log(own.id, &[(30, "GET /own", 200, "203.0.113.9")]);
    let page = developer.get(&format!("{LOGS}.csv")).await;
    let found = rows(&page.text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0][8], "/own");
    assert!(
        developer
            .get(LOGS)
            .await
            .one(".list-foot")
            .contains("your own keys")
    );

    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    assert_eq!(viewer.get(&format!("{LOGS}.csv")).await.status, 403);
    assert!(!viewer.get(LOGS).await.has(".list-foot"));

    let misread = house.owner.get(&format!("{LOGS}.csv?ip=here")).await;
    assert_eq!(misread.status, 409);
    for _ in 0..3 {
        house.app.clock.advance(Duration::from_mins(40));
        house.owner.get(LOGS).await;
    }
    for kind in ["csv", "jsonl"] {
        let page = house.owner.get(&format!("{LOGS}.{kind}")).await;
        assert_eq!(page.status, 303);
        assert!(page.location().starts_with("/confirm-identity"));
    }
}
