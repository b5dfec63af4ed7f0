//! What does not belong to one's account looks as if it did not exist.

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::create;
use crate::support::html::Page;

fn assert_same(one: &Page, other: &Page) {
    assert_eq!((one.status, other.status), (404, 404));
    assert_eq!(one.without_reference(), other.without_reference());
}

#[tokio::test]
async fn a_foreign_key_looks_like_none() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let stranger = house.app.owner("other").await;
    for action in ["", "/revoke", "/first-request"] {
        let foreign = stranger.get(&format!("{}{action}", key.url())).await;
        let unknown = stranger.get(&format!("{KEYS}/000000000000{action}")).await;
        assert_same(&foreign, &unknown);
        let nonsense = stranger.get(&format!("{KEYS}/x{action}")).await;
        assert_same(&foreign, &nonsense);
    }
    let csrf = stranger
        .get("/w/default/")
        .await
        .attribute("input[name=csrf]", "value");
    let fields = [("csrf", csrf.as_str()), ("confirm", key.last_four())];
    let foreign = stranger
        .post(&format!("{}/revoke", key.url()), &fields)
        .await;
    let unknown = stranger
        .post(&format!("{KEYS}/000000000000/revoke"), &fields)
        .await;
    assert_same(&foreign, &unknown);
    let status = house.owner.get(KEYS).await.one("td[data-label=Status]");
    assert_eq!(status, "Active");
}

#[tokio::test]
async fn a_foreign_workspace_looks_like_none() {
    let house = House::new().await;
    house.app.workspace(house.acme.account, "staging");
    let stranger = house.app.owner("other").await;
    for page in ["", "/new", "/000000000000"] {
        let foreign = stranger
            .get(&format!("/w/staging/developers/keys{page}"))
            .await;
        let unknown = stranger
            .get(&format!("/w/nowhere/developers/keys{page}"))
            .await;
        assert_same(&foreign, &unknown);
    }
}

#[tokio::test]
async fn nobody_signed_in_is_led_to_sign_in() {
    let house = House::new().await;
    let page = house.app.visitor().get(KEYS).await;
    assert_eq!(page.status, 303);
    assert!(page.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn where_developers_is_off_its_pages_say_so() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    house.execute("update workspaces set developers = false");
    for path in [KEYS.to_owned(), key.url(), format!("{}/revoke", key.url())] {
        let page = house.owner.get(&path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.one("main").contains("Developers is off"), "{path}");
    }
}
