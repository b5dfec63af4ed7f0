//! A whole secret in the search: cut at once, kept nowhere, and told about.

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::support::rows::every_row;

fn masked(key: &NewKey) -> String {
    let dots = "%E2%80%A2".repeat(4);
    format!("lk_{}_{dots}{}", key.id, key.last_four())
}

#[tokio::test]
async fn a_pasted_secret_is_cut_to_what_pages_show_of_it_and_kept_nowhere() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = house
        .owner
        .get(&format!("{KEYS}?q=Bearer+{}&view=all", key.secret))
        .await;
    assert_eq!(page.status, 303);
    assert_eq!(
        page.location(),
        format!("{KEYS}?view=all&q={}", masked(&key))
    );
    let tail = &key.secret[20..];
    assert!(!page.text.contains(tail));
    let page = house.owner.get(page.location()).await;
    assert_eq!(
        page.one(".flash p"),
        "That was a full secret. Treat it as exposed: rotate this key. Open the key"
    );
    assert_eq!(page.attribute(".flash a", "href"), key.url());
    assert_eq!(page.texts("tbody th[scope=row] a"), ["Blog ingest"]);
    assert!(!page.text.contains(tail));
    assert!(!every_row(&mut house.conn()).contains(tail));
}

#[tokio::test]
async fn a_key_of_elsewhere_gets_no_link_and_an_ended_one_no_alarm() {
    let house = House::new().await;
    let stranger = house.app.owner("globex").await;
    let theirs = create(&stranger, "Theirs").await;
    let page = house
        .owner
        .get(&format!("{KEYS}?q={}", theirs.secret))
        .await;
    let page = house.owner.get(page.location()).await;
    assert!(page.one(".flash").contains("It is none of this workspace."));
    assert!(!page.has(".flash a"));
    let key = create(&house.owner, "Blog ingest").await;
    house.execute("update api_keys set revoked_at = now()");
    let page = house.owner.get(&format!("{KEYS}?q={}", key.secret)).await;
    let page = house.owner.get(page.location()).await;
    assert!(page.one(".flash").contains("Its key has ended"));
}

#[tokio::test]
async fn whoever_is_signed_out_is_not_sent_on_with_the_secret() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let visitor = house.app.visitor();
    let page = visitor.get(&format!("{KEYS}?q={}", key.secret)).await;
    assert_eq!(page.status, 303);
    assert_eq!(
        page.location(),
        format!("/sign-in?next={}", KEYS.replace('/', "%2F"))
    );
}
