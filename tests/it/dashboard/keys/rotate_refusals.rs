//! What is not rotated, and why, said where it is asked.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::names_who_may;
use crate::dashboard::keys::rotate::rotate;
use crate::dashboard::keys::rotate::send_form;
use crate::dashboard::keys::rotate::stored;
use crate::dashboard::keys::submit;

#[tokio::test]
async fn no_old_secret_outlives_its_key() {
    let house = House::new().await;
    let fields = [("name", "Short"), ("expires", "1d")];
    let key = NewKey::of(&submit(&house.owner, &fields).await);
    let url = format!("{}/rotate", key.url());
    let page = house.owner.get(&url).await;
    let hint = page.one("#overlap-7d ~ .field-hint");
    assert_eq!(hint, "22 Nov 2026, 09:41, when the key itself expires");
    assert!(page.one("#overlap-hint").contains("expires 22 Nov 2026"));
    for (date, fault) in [
        ("2026-11-23", "when the key itself expires"),
        ("2026-11-20", "not over yet"),
        ("soon", "Enter a date"),
    ] {
        let changes = [("overlap", "on"), ("overlap_on", date)];
        let page = rotate(&house.owner, &key, &changes).await;
        assert_eq!(page.status, 422, "{date}");
        assert!(page.one("#overlap-error").contains(fault), "{date}");
        assert_eq!(page.attribute("#overlap_on", "value"), date);
        assert!(page.has("#overlap-on[checked]"));
    }
    let page = rotate(&house.owner, &key, &[("overlap", "2w")]).await;
    assert!(page.has(".error-summary a[href='#overlap']"));
    let page = rotate(&house.owner, &key, &[("overlap", "7d")]).await;
    assert_eq!(page.status, 201);
    let stored = stored(&house, &key);
    assert_eq!(stored.times.retires_at, stored.times.expires_at);
}

#[tokio::test]
async fn a_key_changed_meanwhile_is_not_rotated() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let form = house.owner.get(&format!("{}/rotate", key.url())).await;
    house.execute("update api_keys set version = version + 1");
    let page = send_form(&house.owner, &form, &[]).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.one("h1"), "Blog ingest was changed meanwhile");
    assert_eq!(stored(&house, &key).secrets.len(), 1);
}

#[tokio::test]
async fn what_is_off_or_over_is_explained() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let url = format!("{}/rotate", key.url());
    let form = house.owner.get(&url).await;
    for (sql, title, advice) in [
        ("disabled_at = now()", "is disabled", "Enable the key first"),
        (
            "expires_at = '2026-11-21T09:40Z'",
            "has expired",
            "similar key",
        ),
        ("revoked_at = now()", "is already revoked", ""),
    ] {
        house.execute(&format!("update api_keys set {sql}"));
        let posted = send_form(&house.owner, &form, &[]).await;
        for page in [house.owner.get(&url).await, posted] {
            assert_eq!(page.status, 409, "{title}");
            assert_eq!(page.one("h1"), format!("Blog ingest {title}"));
            assert!(page.one("main").contains(advice), "{title}");
        }
        let page = house.owner.get(&key.url()).await;
        assert!(!page.has("a[href$='/rotate']"), "{title}");
    }
    assert_eq!(stored(&house, &key).secrets.len(), 1);
}

#[tokio::test]
async fn developers_rotate_their_own_keys_and_viewers_none() {
    let house = House::new().await;
    let developer = house
        .member("dev@acme.example", WorkspaceRole::Developer)
        .await;
    let viewer = house
        .member("vera@acme.example", WorkspaceRole::Viewer)
        .await;
    let others = create(&house.owner, "Owner's").await;
    let own = create(&developer, "Own").await;
    for (who, key) in [(&developer, &others), (&viewer, &others), (&viewer, &own)] {
        let url = format!("{}/rotate", key.url());
        assert_eq!(who.get(&url).await.status, 403);
        let csrf = who.get(KEYS).await.attribute("input[name=csrf]", "value");
        let page = who.post(&url, &[("csrf", &csrf), ("overlap", "now")]).await;
        assert_eq!(page.status, 403);
        assert!(names_who_may(&page));
        assert!(!who.get(&key.url()).await.has("a[href$='/rotate']"));
    }
    assert_eq!(rotate(&developer, &own, &[]).await.status, 201);
}
