//! What the key's page and the list say of limits, scopes and places.

use latchkey::db::limits;
use latchkey::domain::clock::SystemClock;
use latchkey::domain::lease::Subject;
use latchkey::domain::lease::Usage;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::submit;

impl House {
    /// So many requests with the key, just now.
    fn use_up(&self, key: &NewKey, amount: i64) {
        let usage = Usage {
            account: self.acme.account,
            subject: Subject::Key(key.id),
            amount,
            // The database counts by its own clock.
            at: SystemClock::shared().now(),
        };
        limits::add(&mut self.conn(), &[usage], None).unwrap();
    }
}

#[tokio::test]
async fn the_page_says_what_is_used_left_and_how_exactly_that_is_known() {
    let house = House::new().await;
    let limited = [("quota_daily", "2000"), ("quota_total", "5000")];
    let key = NewKey::of(&submit(&house.owner, &limited).await);
    house.use_up(&key, 1640);
    let page = house.owner.get(&key.url()).await;
    let rows = page.texts(".limits li");
    assert_eq!(rows.len(), 2);
    assert!(
        rows[0].starts_with("In total 1,640 of 5,000 3,360 left"),
        "{}",
        rows[0]
    );
    assert!(
        rows[1].starts_with("In 24 hours 1,640 of 2,000 360 left"),
        "{}",
        rows[1]
    );
    assert!(rows[1].contains("Room frees in "), "{}", rows[1]);
    assert!(rows[1].contains("at most a minute late"), "{}", rows[1]);
    assert_eq!(
        page.attribute(".limits li:nth-child(2) .limit-used", "width"),
        "82%"
    );
    assert_eq!(page.one("h1 .badge"), "Active");

    house.use_up(&key, 360);
    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.one("h1 .badge"), "Daily limit reached");
    assert!(page.one(".limit-reached").contains("None left"));
    let list = house.owner.get(KEYS).await;
    assert_eq!(list.one("td[data-label=Status]"), "Daily limit reached");
}

#[tokio::test]
async fn the_page_says_what_it_may_touch_and_from_where() {
    let house = House::new().await;
    let changes = [
        ("resources", "7, eu-*"),
        ("allowed_ips", "203.0.113.9\n10.0.0.0/8"),
        ("allowed_origins", "https://app.example.com"),
    ];
    let key = NewKey::of(&submit(&house.owner, &changes).await);
    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.one("[data-fact=resources]"), "Only 7, eu-*");
    assert_eq!(page.one("[data-fact=ips]"), "Only 203.0.113.9, 10.0.0.0/8");
    assert!(
        page.one("[data-fact=origins]")
            .contains("can be forged outside a browser")
    );
    assert!(!page.has(".limits"));
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_a_scope_that_keys_have() {
    let house = House::new().await;
    create(&house.owner, "Blog ingest").await;
    assert!(
        !house.owner.get(KEYS).await.has("#scope"),
        "nothing to choose"
    );
    let inherit = [("name", "Mine"), ("scope", "inherit")];
    assert_eq!(submit(&house.owner, &inherit).await.status, 201);
    let page = house.owner.get(KEYS).await;
    assert_eq!(
        page.texts("#scope option"),
        ["Any", "Full access", "Same as its owner"]
    );
    let page = house.owner.get(&format!("{KEYS}?scope=inherit")).await;
    assert_eq!(page.texts(".cell-name"), ["Mine"]);
    assert_eq!(page.one("td[data-label=Scope]"), "Same as its owner");
    assert!(page.has("#scope option[value=inherit][selected]"));
    assert!(
        page.one(".active-filters")
            .contains("Scope: Same as its owner")
    );
    let both = house
        .owner
        .get(&format!("{KEYS}?scope=inherit&scope=full"))
        .await;
    assert_eq!(both.texts(".cell-name").len(), 2);
    let none = house.owner.get(&format!("{KEYS}?scope=gone")).await;
    assert!(!none.has(".cell-name") && none.status == 200);
    let odd = house.owner.get(&format!("{KEYS}?scope=%27%3B--")).await;
    assert!(odd.has(".notice"));
}
