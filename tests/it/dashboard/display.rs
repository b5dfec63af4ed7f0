//! `/me/display`: how pages look in one browser.

use crate::support::app::TestApp;

const DISPLAY: &str = "/me/display";

#[tokio::test]
async fn what_is_chosen_holds_for_every_page_of_this_browser() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get(DISPLAY).await;
    assert_eq!(
        page.values("main input[checked]"),
        ["auto", "comfortable", "on"]
    );
    assert!(page.has(".drop-links a[href='/me/display']"));
    let chosen = [
        ("theme", "dark"),
        ("density", "compact"),
        ("shortcuts", "off"),
    ];
    let saved = owner.submit(DISPLAY, &chosen).await;
    assert_eq!((saved.status, saved.location()), (303, DISPLAY));
    for (name, value) in chosen {
        let cookies = saved.headers.get_all("set-cookie").iter();
        let start = format!("lk_{name}={value};");
        let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap());
        let cookie = cookies.find(|cookie| cookie.starts_with(&start)).unwrap();
        assert!(
            cookie.contains("; HttpOnly; SameSite=Lax; Path=/"),
            "{cookie}"
        );
        assert!(cookie.contains("Max-Age=31536000"), "{cookie}");
    }
    let page = owner.get(DISPLAY).await;
    assert_eq!(page.one(".flash"), "Saved for this browser.");
    assert_eq!(
        page.values("main input[checked]"),
        ["dark", "compact", "off"]
    );
    let page = owner.get("/w/default/").await;
    assert_eq!(page.attribute("html", "data-theme"), "dark");
    assert_eq!(page.attribute("body", "data-density"), "compact");
    assert_eq!(page.attribute("body", "data-shortcuts"), "off");
    assert_eq!(
        owner
            .get("/no/such/page")
            .await
            .attribute("html", "data-theme"),
        "dark"
    );
    // Another browser of the same person is as it was.
    let other = app.visitor();
    other.sign_in("acme", "owner@acme.example").await;
    let page = other.get("/w/default/").await;
    assert_eq!(page.attribute("html", "data-theme"), "auto");

    let back = [
        ("theme", "auto"),
        ("density", "comfortable"),
        ("shortcuts", "on"),
    ];
    owner.submit(DISPLAY, &back).await;
    let page = owner.get("/w/default/").await;
    assert_eq!(page.attribute("html", "data-theme"), "auto");
    assert!(!page.has("body[data-density], body[data-shortcuts]"));
}

#[tokio::test]
async fn what_cannot_be_chosen_is_said_at_its_field_and_nothing_is_kept() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner
        .submit(DISPLAY, &[("theme", "pink"), ("density", "compact")])
        .await;
    assert_eq!(page.status, 422);
    assert_eq!(page.texts("#errors a").len(), 2);
    assert!(page.has("#density-compact[checked]"));
    assert!(!page.headers.contains_key("set-cookie"));
    // A cookie of somebody's making changes nothing.
    let request = app.visitor().request("GET", "/sign-in");
    let request = request.header("cookie", "lk_theme=\"><script>");
    let page = crate::support::callers::send(request).await;
    assert_eq!(page.attribute("html", "data-theme"), "auto");
}
