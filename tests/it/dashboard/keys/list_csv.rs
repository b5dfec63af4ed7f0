//! The list as a file.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::create;
use crate::support::callers::Caller;
use crate::support::html::Page;

const COLUMNS: [&str; 13] = [
    "key_id",
    "name",
    "last_four",
    "status",
    "scope",
    "category",
    "created_by",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_used_address",
    "requests_30_days",
    "owner",
];

fn csv() -> String {
    format!("{KEYS}.csv")
}

/// The file's records after the header.
async fn rows(caller: &Caller, query: &str) -> Vec<Vec<String>> {
    let page = caller.get(&format!("{}?{query}", csv())).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let mut reader = csv::Reader::from_reader(page.text.as_bytes());
    assert_eq!(reader.headers().unwrap(), &COLUMNS[..]);
    reader.deserialize().map(Result::unwrap).collect()
}

fn audited(house: &House) -> i64 {
    house.number("select count(*) from audit_log where action = 'keys.exported'")
}

#[tokio::test]
async fn the_file_holds_exactly_what_the_filter_finds() {
    let house = House::new().await;
    house.fill(1_203);
    house.execute(
        "update api_keys set revoked_at = now() where name = 'key 0001';
         update api_keys set category = 'blue' where name < 'key 1102';",
    );
    assert_eq!(rows(&house.owner, "view=all").await.len(), 1_203);
    assert_eq!(rows(&house.owner, "").await.len(), 1_202);
    let found = rows(&house.owner, "category=blue&sort=-last-used&limit=25").await;
    assert_eq!(found.len(), 1_100);
    let distinct: std::collections::HashSet<&Vec<String>> = found.iter().collect();
    assert_eq!(distinct.len(), 1_100);
    let ended = rows(&house.owner, "view=ended").await;
    assert_eq!(ended[0][1], "key 0001");
    let told = [
        "Revoked",
        "Full access",
        "blue",
        "owner@acme.example",
        "2026-11-01T00:00:00Z",
    ];
    assert_eq!(ended[0][3..8], told);
}

#[tokio::test]
async fn the_download_is_named_kept_nowhere_and_audited_with_its_filter() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let list = house.owner.get(&format!("{KEYS}?q=blog&expires=30d")).await;
    assert!(
        !list.has(".list-foot a"),
        "nothing found, nothing to export"
    );
    let list = house.owner.get(&format!("{KEYS}?q=blog")).await;
    let url = list.attribute(".list-foot a", "href");
    assert_eq!(url, format!("{}?q=blog", csv()));
    let page = house.owner.get(&url).await;
    assert_eq!(
        page.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        page.header("content-disposition"),
        "attachment; filename=\"keys-default-2026-11-21.csv\""
    );
    assert_eq!(page.header("cache-control"), "no-store, private");
    assert!(
        page.text
            .contains(&format!("{},Blog ingest,{},", key.id, key.last_four()))
    );
    assert!(!page.text.contains(&key.secret[20..40]));
    let told = "select count(*) from audit_log where action = 'keys.exported'
        and after = '{\"filter\": \"q=blog\", \"keys\": 1}' and target_label = 'Default'";
    assert_eq!(house.number(told), 1);
}

#[tokio::test]
async fn no_cell_is_a_formula() {
    let house = House::new().await;
    for name in ["=1+1", "+1", "-1", "@SUM(A1)", "a,\"b\""] {
        create(&house.owner, name).await;
    }
    let rows = rows(&house.owner, "").await;
    let mut names: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["'+1", "'-1", "'=1+1", "'@SUM(A1)", "a,\"b\""]);
}

#[tokio::test]
async fn developers_export_their_own_keys_and_viewers_none() {
    let house = House::new().await;
    create(&house.owner, "Foreign").await;
    house.execute("update api_keys set last_used_at = now(), last_used_ip = '203.0.113.9'");
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    create(&developer, "Own").await;
    let found = rows(&developer, "view=all").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0][1], "Own");
    let foreign = format!("by={}", house.acme.owner);
    assert!(rows(&developer, &foreign).await.is_empty());
    let list = developer.get(KEYS).await;
    assert_eq!(list.one(".list-foot a"), "Export your own keys as CSV");
    let all = rows(&house.owner, "").await;
    assert!(all.iter().any(|row| row[10] == "203.0.113.9"), "{all:?}");

    let before = audited(&house);
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let page: Page = viewer.get(&csv()).await;
    assert_eq!(page.status, 403);
    assert!(!viewer.get(KEYS).await.has(".list-foot a"));
    let stranger = house.app.owner("globex").await;
    assert_eq!(
        stranger.get("/w/other/developers/keys.csv").await.status,
        404
    );
    assert_eq!(audited(&house), before);
}

#[tokio::test]
async fn a_secret_in_the_filter_is_cut_there_too() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = house
        .owner
        .get(&format!("{}?q={}", csv(), key.secret))
        .await;
    assert_eq!(page.status, 303);
    assert!(!page.location().contains(&key.secret[20..]));
    assert_eq!(audited(&house), 0);
}
