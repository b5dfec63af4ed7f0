//! The key list and its states.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::create;
use crate::support::html::Page;

fn names(page: &Page) -> Vec<String> {
    page.texts("tbody th[scope=row] a")
}

#[tokio::test]
async fn a_row_shows_what_a_key_is_and_does() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog <ingest>").await;
    let (account, workspace, id) = (house.acme.account.0, house.acme.workspace.0, key.id);
    house.execute(&format!(
        "update api_keys set last_used_at = '2026-11-21T09:37:00Z', last_used_ip = '203.0.113.9';
         insert into usage_daily values ({account}, {workspace}, '{id}', '2026-11-21', 1200, 3, 0);
         insert into workspace_usage_daily values ({account}, {workspace}, '2026-11-21', 1200, 3, 0);"
    ));
    let page = house.owner.get(KEYS).await;
    assert_eq!(names(&page), ["Blog <ingest>"]);
    let masked = format!("lk_{}_••••{}", key.id, key.last_four());
    assert_eq!(page.one("tbody th[scope=row] code"), masked);
    assert_eq!(page.one("tbody th[scope=row] .tag"), "production");
    assert_eq!(page.one("td[data-label=Status]"), "Active");
    assert_eq!(page.one("td[data-label=Scope]"), "Full access");
    let used = "4 minutes ago 21 Nov 2026, 09:37 203.0.113.9";
    assert_eq!(page.one("td[data-label='Last used']"), used);
    assert_eq!(page.one("td[data-label='Requests 30 days']"), "1,200");
    assert!(page.has("td[data-label='Requests 30 days'] svg path"));
    assert_eq!(page.one("td[data-label=Expires]"), "19 Feb 2027");
    assert!(
        page.one("td[data-label='Created by']")
            .starts_with("Ada Byron")
    );
    assert_eq!(page.attribute("tbody th a", "href"), key.url());
    assert!(page.has("td[data-row-menu=on]"));
    assert!(page.one(".chart-sentence").starts_with("1,200 requests"));
}

#[tokio::test]
async fn a_status_says_how_a_key_stands() {
    let house = House::new().await;
    house.fill(6);
    house.execute(
        "update api_keys set expires_at = null;
         update api_keys set disabled_at = now() where name = 'key 0002';
         update api_keys set expires_at = '2026-11-21T09:41:00Z' where name = 'key 0003';
         update api_keys set revoked_at = now() where name = 'key 0004';
         update api_keys set expires_at = '2026-11-26T09:41:00Z' where name = 'key 0005';
         update key_secrets set retires_at = '2026-11-22' from api_keys k
         where k.id = key_id and k.name = 'key 0006';",
    );
    let page = house.owner.get(&format!("{KEYS}?view=all&sort=name")).await;
    let statuses = page.texts("td[data-label=Status]");
    assert_eq!(
        statuses,
        [
            "Active",
            "Disabled",
            "Expired",
            "Revoked",
            "Expires in 5 days",
            "Rotating · old secret ends 22 Nov, 00:00"
        ]
    );
    // What is over offers no way to end it.
    let menus: Vec<usize> = ["on", "off", "over"]
        .map(|stands| page.texts(&format!("td[data-row-menu={stands}]")).len())
        .into();
    assert_eq!(menus, [3, 1, 2]);
    assert_eq!(page.texts(".row-ended").len(), 2);
}

#[tokio::test]
async fn nothing_yet_and_nothing_found_are_told_apart() {
    let house = House::new().await;
    let page = house.owner.get(KEYS).await;
    assert_eq!(page.one(".empty h2"), "No keys yet");
    assert!(page.one(".empty pre").contains("http://127.0.0.1:8082/"));
    assert!(!page.has("table"));

    create(&house.owner, "Blog ingest").await;
    let page = house
        .owner
        .get(&format!("{KEYS}?q=widget&status=disabled"))
        .await;
    assert_eq!(page.one(".empty h2"), "No keys match 2 filters");
    assert_eq!(page.attribute(".empty a", "href"), KEYS);
    let page = house.owner.get(&format!("{KEYS}?view=ended")).await;
    assert_eq!(page.one(".empty h2"), "No key has ended");
}

#[tokio::test]
async fn views_have_counts_and_lead_to_their_keys() {
    let house = House::new().await;
    house.fill(4);
    house.execute(
        "update api_keys set revoked_at = now() where name = 'key 0001';
         update api_keys set disabled_at = now() where name = 'key 0002';",
    );
    let page = house.owner.get(KEYS).await;
    let views = page.texts(".views a");
    assert_eq!(views[0], "Current 3");
    assert_eq!(views[2..], ["Disabled 1", "Ended 1", "All 4"]);
    let ended = house.owner.get(&format!("{KEYS}?view=ended")).await;
    assert_eq!(names(&ended), ["key 0001"]);
    assert_eq!(ended.one(".views a[aria-current]"), "Ended 1");
    assert!(page.has(".attention a"));
}

#[tokio::test]
async fn a_key_is_found_by_name_id_and_last_four() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    create(&house.owner, "Widget").await;
    let masked = format!("lk_{}_%E2%80%A2%E2%80%A2{}", key.id, key.last_four());
    for q in ["OG+ING", key.id.as_str(), key.last_four(), &masked] {
        let page = house.owner.get(&format!("{KEYS}?q={q}")).await;
        assert_eq!(names(&page), ["Blog ingest"], "{q}");
        assert!(page.has(".active-filters .chip"));
    }
}

#[tokio::test]
async fn what_an_address_asks_in_vain_is_named() {
    let house = House::new().await;
    house.fill(1);
    let page = house
        .owner
        .get(&format!("{KEYS}?colour=red&after=nonsense"))
        .await;
    assert_eq!(page.status, 200);
    let notices = page.texts(".notice").join(" ");
    assert!(
        notices.contains("colour") && notices.contains("no longer there"),
        "{notices}"
    );
    assert_eq!(names(&page).len(), 1);
}

#[tokio::test]
async fn a_reader_sees_no_addresses_and_nothing_to_revoke() {
    let house = House::new().await;
    house.fill(1);
    house.execute("update api_keys set last_used_at = now(), last_used_ip = '203.0.113.9'");
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    create(&developer, "Own").await;
    let page = developer.get(&format!("{KEYS}?sort=name")).await;
    assert_eq!(names(&page), ["key 0001", "Own"]);
    assert_eq!(page.texts("td[data-row-menu=on]").len(), 1, "one's own");
    assert!(!page.text.contains("203.0.113.9"));
    let page = viewer.get(KEYS).await;
    assert_eq!(names(&page).len(), 2);
    assert!(!page.has("td[data-row-menu=on]") && !page.has("a.menu-danger"));
    assert!(house.owner.get(KEYS).await.text.contains("203.0.113.9"));
}
