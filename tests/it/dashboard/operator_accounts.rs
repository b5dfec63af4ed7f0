//! `/operator/accounts`: finding an account, and what the operator chooses for it.

use latchkey::db::accounts;
use latchkey::db::accounts::AccountSearch;
use latchkey::domain::role::StaffRole;

use super::operator::staff;
use crate::support::app::TestApp;
use crate::support::rows::every_row;

const ACCOUNTS: &str = "/operator/accounts";

/// The address of the one account with this domain.
fn at(app: &TestApp, domain: &str) -> String {
    let search = AccountSearch {
        text: domain.to_owned(),
        ..AccountSearch::default()
    };
    let found = accounts::list(&mut app.db.connection(), &search, 2).unwrap();
    assert_eq!(found.len(), 1);
    format!("{ACCOUNTS}/{}", found[0].0.public_id)
}

#[tokio::test]
async fn accounts_are_listed_by_domain_and_found_by_domain_or_name() {
    let app = TestApp::spawn();
    app.account("acme");
    app.account("b-100");
    app.db
        .execute("update accounts set name = '100% Globex' where domain = 'b-100'");
    app.db.execute(
        "insert into accounts (public_id, domain, customer_id, name, plan, created_at)
         select 'acc' || n, 'z' || lpad(n::text, 3, '0'), n, 'Many', 'standard', now()
           from generate_series(1, 60) n",
    );
    let operator = staff(&app, StaffRole::Operator).await;
    let page = operator.get(ACCOUNTS).await;
    assert_eq!(page.texts("tbody tr").len(), 50);
    assert_eq!(page.texts(".cell-second")[..2], ["acme", "b-100"]);
    let next = page.attribute("a[rel=next]", "href");
    let rest = operator.get(&next).await;
    assert_eq!(rest.texts("tbody tr").len(), 12);
    assert!(!rest.has("a[rel=next]"));
    for (typed, found) in [
        ("globex", 1),
        ("100%25", 1),
        ("ACM", 1),
        ("_", 0),
        ("z0", 50),
    ] {
        let page = operator.get(&format!("{ACCOUNTS}?q={typed}")).await;
        assert_eq!(page.texts("tbody tr").len(), found, "{typed}");
    }
    let support = staff(&app, StaffRole::Support).await;
    assert_eq!(support.get(ACCOUNTS).await.status, 404);
    assert_eq!(support.get(&at(&app, "acme")).await.status, 404);
}

#[tokio::test]
async fn the_operator_sets_plan_profile_and_headers() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let operator = staff(&app, StaffRole::Operator).await;
    let url = at(&app, "acme");
    assert_eq!(owner.get(&url).await.status, 404);
    let page = operator.get(&url).await;
    assert_eq!(page.texts("input[name=accept][checked] + label").len(), 3);
    assert!(page.has("#profile-documented[checked]"));
    let fields = [
        ("plan", "standard"),
        ("profile", "standard"),
        ("accept", "bearer"),
    ];
    let saved = operator.submit(&url, &fields).await;
    assert_eq!((saved.status, saved.location()), (303, &*url));
    let page = operator.get(&url).await;
    let said = page.one(".flash");
    assert!(said.contains("has new settings"), "{said}");
    assert!(page.has("#profile-standard[checked]"));
    assert_eq!(
        page.texts("input[name=accept][checked] + label"),
        ["Authorization: Bearer"]
    );
    assert!(every_row(&mut app.db.connection()).contains("account.updated"));
    operator.submit(&url, &fields).await;
    assert!(
        operator
            .get(&url)
            .await
            .one(".flash")
            .contains("Nothing changed")
    );

    let wrong = operator
        .submit(&url, &[("plan", "gold"), ("profile", "standard")])
        .await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.texts("#errors a").len(), 2);
    assert!(wrong.has("#profile-standard[checked]"));
    assert!(!wrong.has("input[name=accept][checked]"));
}

#[tokio::test]
async fn suspending_asks_first_and_can_be_undone() {
    let app = TestApp::spawn();
    app.account("acme");
    let operator = staff(&app, StaffRole::Operator).await;
    let url = at(&app, "acme");
    let asked = operator.get(&format!("{url}/suspend")).await;
    assert!(asked.one(".confirm").contains("refused with 401"));
    let gone = operator.submit(&format!("{url}/suspend"), &[]).await;
    assert_eq!(gone.location(), url);
    let page = operator.get(&url).await;
    assert!(page.one(".flash").contains("is suspended"));
    assert!(page.has("#suspended"));
    let back = operator.get(&format!("{url}/suspend")).await;
    assert_eq!(back.location(), url);
    let csrf = page.attribute("input[name=csrf]", "value");
    operator
        .post(&format!("{url}/unsuspend"), &[("csrf", &csrf)])
        .await;
    let page = operator.get(&url).await;
    assert!(!page.has("#suspended"));
    let rows = every_row(&mut app.db.connection());
    assert!(rows.contains("account.suspended") && rows.contains("account.resumed"));
}
