//! `/operator/accounts/new`: a customer made by page, and how its owner gets in.

use latchkey::domain::role::StaffRole;

use super::operator::staff;
use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::every_row;
use crate::support::rows::number;
use crate::support::smtp::SmtpSink;

const NEW: &str = "/operator/accounts/new";
const GLOBEX: [(&str, &str); 6] = [
    ("name", "Globex International"),
    ("domain", "globex"),
    ("customer", "C-1001"),
    ("plan", "standard"),
    ("owner_name", "Grace Hopper"),
    ("owner_email", "grace@globex.example"),
];

/// The form with some of its fields as `other` says.
async fn send(operator: &Caller, other: &[(&str, &str)]) -> Page {
    let fields: Vec<_> = GLOBEX
        .into_iter()
        .map(|(name, value)| {
            let changed = other.iter().find(|(other, _)| *other == name);
            changed.copied().unwrap_or((name, value))
        })
        .collect();
    operator.submit(NEW, &fields).await
}

#[tokio::test]
async fn a_new_account_is_made_and_its_owner_sets_a_password_by_a_link_shown_once() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    let list = operator.get("/operator/accounts").await;
    assert_eq!(list.attribute(".page-actions a", "href"), NEW);
    let made = send(&operator, &[]).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store, private");
    assert!(made.one(".notice").contains("Globex International is made"));
    let link = made.attribute("#link", "value");
    let path = link.strip_prefix(&format!("http://{}", app.address));
    let grace = app.visitor();
    let password = [("password", "nine violet lanterns hum")];
    let set = grace.submit(path.unwrap(), &password).await;
    assert_eq!(set.location(), "/sign-in/globex?set=1");
    let page = grace.get(set.location()).await;
    let fields = [("email", "grace@globex.example"), password[0]];
    assert_eq!(grace.fill_in(&page, &fields).await.status, 303);
    assert_eq!(grace.get("/account/members").await.status, 200);

    let account = operator
        .get(&made.attribute("main .button-primary", "href"))
        .await;
    assert!(account.one(".page-head").contains("customer ID C-1001"));
    let rows = every_row(&mut app.db.connection());
    assert!(rows.contains("account.created") && rows.contains("operator@keys.example"));
    let token = link.split_once("token=").unwrap().1;
    assert!(!rows.contains(token), "the link's token is in the database");
}

#[tokio::test]
async fn a_known_owner_keeps_their_password_and_gets_no_link() {
    let app = TestApp::spawn();
    app.account("acme");
    let operator = staff(&app, StaffRole::Operator).await;
    let made = send(&operator, &[("owner_email", "OWNER@acme.example")]).await;
    assert_eq!(made.status, 303);
    let page = operator.get(made.location()).await;
    let said = page.one(".flash");
    assert!(
        said.contains("is known already and signs in as before"),
        "{said}"
    );
    let links = number(&app.db, "select count(*) from one_time_links");
    assert_eq!(links, 0);
    let owner = app.visitor();
    owner.sign_in("globex", "owner@acme.example").await;
}

#[tokio::test]
async fn where_letters_go_out_the_link_goes_by_letter_only() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    let operator = staff(&app, StaffRole::Operator).await;
    let made = send(&operator, &[]).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = operator.get(made.location()).await;
    assert!(
        page.one(".flash")
            .contains("A letter to grace@globex.example")
    );
    assert!(!page.text.contains("token="));
    let letter = sink.letter().await;
    assert_eq!(letter.to, ["grace@globex.example"]);
    assert!(letter.path().starts_with("/set-password?token="));
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_the_rest_is_kept() {
    let app = TestApp::spawn();
    app.account("acme");
    let operator = staff(&app, StaffRole::Operator).await;
    for (field, value, said) in [
        ("domain", "acme", "Another account has this domain."),
        ("domain", "staff", "reserved"),
        ("domain", "No Domain", "lower-case letters"),
        ("customer", "acme", "Another account has this customer ID."),
        ("customer", "two words", "without spaces"),
        ("plan", "platinum", "Choose a plan of the list."),
        ("name", "", "Fill this in."),
        ("owner_name", "\u{202e}x", "cannot be printed"),
        ("owner_email", "grace", "Enter an e-mail address"),
    ] {
        let page = send(&operator, &[(field, value)]).await;
        assert_eq!(page.status, 422, "{field} {value}");
        let told = page.one(&format!("#{field}-error"));
        assert!(told.contains(said), "{field} {value}: {told}");
        assert!(page.has(&format!("#errors a[href='#{field}']")));
        for (other, kept) in GLOBEX {
            if other != field && other != "plan" {
                assert_eq!(page.attribute(&format!("#{other}"), "value"), kept);
            }
        }
    }
    assert_eq!(number(&app.db, "select count(*) from accounts"), 1);
    let support = staff(&app, StaffRole::Support).await;
    assert_eq!(support.get(NEW).await.status, 404);
}
