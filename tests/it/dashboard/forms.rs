//! What people and programs put into forms: each refused with its status, nothing lost.

use crate::support::app::TestApp;
use crate::support::callers::encoded;

#[tokio::test]
async fn empty_fields_are_named() {
    let app = TestApp::spawn();
    let visitor = app.visitor();
    let page = visitor.submit("/sign-in", &[("domain", " ")]).await;
    assert_eq!(
        (page.status, page.one("#domain-error").as_str()),
        (422, "Error: Fill this in.")
    );
    assert_eq!(page.attribute(".error-list a", "href"), "#domain");
    assert!(page.one("title").starts_with("Error: "));
    let page = visitor.submit("/sign-in/acme", &[]).await;
    assert_eq!(page.status, 422);
    assert_eq!(
        page.texts(".error-list li"),
        ["Fill this in.", "Fill this in."]
    );
}

#[tokio::test]
async fn ten_thousand_characters_are_refused_at_their_field_and_kept() {
    let app = TestApp::spawn();
    let visitor = app.visitor();
    let long = "ü".repeat(10_000);
    let page = visitor.submit("/sign-in", &[("domain", &long)]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#domain", "value"), long);
    let fields = [
        ("email", long.as_str()),
        ("password", &long),
        ("next", "/x"),
    ];
    let page = visitor.submit("/sign-in/acme", &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#email", "value"), long);
    assert_eq!(page.attribute("input[name=next]", "value"), "/x");
    assert!(page.one("#password-error").contains("at most 1000"));
    assert_eq!(
        page.text.matches(&long).count(),
        1,
        "the password is not shown again"
    );
}

#[tokio::test]
async fn nul_and_broken_utf8_are_refused_at_their_field() {
    let app = TestApp::spawn();
    let visitor = app.visitor();
    let page = visitor.get("/sign-in/acme").await;
    let csrf = page.attribute("input[name=csrf]", "value");
    for (value, shown) in [
        ("a%00%40b.example", "a\0@b.example"),
        ("a%ff%40b.example", "a\u{fffd}@b.example"),
    ] {
        let body = format!("csrf={csrf}&email={value}&password=secret");
        let page = visitor.post_body("/sign-in/acme", body).await;
        assert_eq!(page.status, 422, "{value}");
        assert!(page.has("#email-error"), "{value}");
        let kept = page.attribute("#email", "value").replace('\u{fffd}', "\0");
        assert_eq!(kept, shown.replace('\u{fffd}', "\0"));
    }
}

#[tokio::test]
async fn bodies_that_are_no_form_get_a_page() {
    let app = TestApp::spawn();
    let visitor = app.visitor();
    let post = async |content_type: &str, body: Vec<u8>| {
        let request = visitor
            .request("POST", "/sign-in")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", content_type)
            .body(body);
        crate::support::callers::send(request).await
    };
    let form = "application/x-www-form-urlencoded";
    let too_long = encoded(&[("domain", &"x".repeat(300_000))]);
    for (content_type, body, status) in [
        ("application/json", b"{}".to_vec(), 400),
        ("", b"domain=acme".to_vec(), 400),
        (form, too_long.into_bytes(), 413),
        (form, b"a=&".repeat(2_000), 413),
        (form, Vec::new(), 403),
        (form, vec![0xff; 100], 403),
    ] {
        let page = post(content_type, body).await;
        assert_eq!(page.status, status, "{content_type}");
        assert!(page.has(".reference code"), "{content_type}");
    }
}
