//! What the create form refuses: at the field, with everything that was typed kept.

use latchkey::domain::role::WorkspaceRole;

use crate::dashboard::keys::House;
use crate::dashboard::keys::KEYS;
use crate::dashboard::keys::NEW;
use crate::dashboard::keys::create;
use crate::dashboard::keys::submit;
use crate::support::html::Page;

/// That `field` says what is wrong, first on the page and beside itself.
fn assert_refused(page: &Page, field: &str) {
    assert_eq!(page.status, 422, "{field}");
    assert!(page.one("title").starts_with("Error: "), "{field}");
    let link = format!(".error-summary a[href='#{field}']");
    assert_eq!(page.texts(&link).len(), 1, "{field}");
    assert!(page.has(&format!("#{field}-error")), "{field}");
    assert!(page.has(&format!("#{field}")), "{field}");
    assert!(!page.has("#secret"), "{field}");
}

#[tokio::test]
async fn each_field_says_what_is_wrong_with_it() {
    let house = House::new().await;
    let long = "x".repeat(10_000);
    let note = "Burnt into the firmware";
    for (field, value) in [
        ("name", ""),
        ("name", &long),
        ("name", "a\0b"),
        ("workspace", "elsewhere"),
        ("category", &long),
        ("category", "a\0b"),
        ("scope", ""),
        ("scope", "console"),
        ("scope", "keep"),
        ("expires", ""),
        ("expires", "2w"),
        ("note", &long),
        ("note", "a\0b"),
        ("resources", "7, e*u"),
        ("quota_total", "0"),
        ("quota_daily", "-1"),
        ("quota_weekly", "1.5"),
        ("quota_monthly", "1000000000000000000000000000000"),
        ("allowed_ips", "10.0.0.1/8"),
        ("allowed_origins", "http://acme.example"),
    ] {
        let mut changes = vec![("name", "Kept name"), ("note", note)];
        changes.retain(|(known, _)| *known != field);
        changes.push((field, value));
        let page = submit(&house.owner, &changes).await;
        assert_refused(&page, field);
        if field != "name" {
            assert_eq!(page.attribute("#name", "value"), "Kept name");
        }
        if field != "note" {
            assert_eq!(page.one("#note"), note, "{field}");
        }
    }
    let list = house.owner.get(KEYS).await;
    assert!(!list.has("tbody th[scope=row]"), "nothing was made");
}

#[tokio::test]
async fn a_date_must_be_one_and_lie_ahead() {
    let house = House::new().await;
    for date in ["", "soon", "2026-11-20", "9999-12-31"] {
        let changes = [("expires", "on"), ("expires_on", date)];
        let page = submit(&house.owner, &changes).await;
        assert_refused(&page, "expires");
        assert_eq!(page.attribute("#expires_on", "value"), date);
        assert!(page.has("#expires-on[checked]"));
    }
    let changes = [("expires", "on"), ("expires_on", "2026-11-21")];
    assert_eq!(submit(&house.owner, &changes).await.status, 201);
}

#[tokio::test]
async fn what_is_no_text_is_refused_at_its_field() {
    let house = House::new().await;
    let page = house.owner.get(NEW).await;
    let csrf = page.attribute("main form input[name=csrf]", "value");
    let operation = page.attribute("main form input[name=operation]", "value");
    let body = format!(
        "csrf={csrf}&operation={operation}&name=%ff%fe&workspace=default&scope=full&expires=90d"
    );
    assert_refused(&house.owner.post_body(NEW, body).await, "name");
}

#[tokio::test]
async fn a_name_that_is_taken_says_by_which_key() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let page = submit(&house.owner, &[("name", "BLOG ingest")]).await;
    assert_refused(&page, "name");
    assert!(page.has(&format!("a[href='{}']", key.url())));

    // Whoever may not open that key learns no more than that the name is taken.
    let staging = house.app.workspace(house.acme.account, "staging");
    let email = "dev@acme.example";
    let role = WorkspaceRole::Developer;
    house.app.member(house.acme.account, staging, email, role);
    let developer = house.app.visitor();
    developer.sign_in("acme", email).await;
    let form = developer.get("/w/staging/developers/keys/new").await;
    let operation = form.attribute("input[name=operation]", "value");
    let fields = [
        ("name", "blog INGEST"),
        ("workspace", "staging"),
        ("scope", "full"),
        ("expires", "90d"),
        ("operation", operation.as_str()),
    ];
    let page = developer.fill_in(&form, &fields).await;
    assert_refused(&page, "name");
    assert!(!page.text.contains(key.id.as_str()));
    assert!(!page.text.contains("Blog ingest"));
}

#[tokio::test]
async fn a_form_with_a_wrong_token_makes_nothing_and_keeps_what_was_typed() {
    let house = House::new().await;
    let fields = [("csrf", "wrong"), ("name", "Blog ingest")];
    let page = house.owner.post(NEW, &fields).await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("Blog ingest"));
    assert!(!house.owner.get(KEYS).await.has("tbody th[scope=row]"));
}

#[tokio::test]
async fn a_secret_pasted_into_a_text_is_not_repeated_to_the_database() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    for field in ["name", "category", "note"] {
        let page = submit(&house.owner, &[(field, key.secret.as_str())]).await;
        assert_refused(&page, field);
        assert!(page.one(".error-summary").contains(key.id.as_str()));
    }
}
