//! `/operator/credentials` and `/operator/plans`.

use latchkey::domain::role::StaffRole;

use super::operator::staff;
use crate::support::app::TestApp;
use crate::support::rows::every_row;
use crate::support::rows::number;

const CREDENTIALS: &str = "/operator/credentials";
const NEW: &str = "/operator/credentials/new";

#[tokio::test]
async fn a_credential_is_shown_once_and_can_be_revoked() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    assert_eq!(
        operator.get(CREDENTIALS).await.one(".empty h2"),
        "No service credentials"
    );
    let form = operator.get(NEW).await;
    let operation = form.attribute("input[name=operation]", "value");
    let fields = [("name", "Billing"), ("operation", operation.as_str())];
    let made = operator.fill_in(&form, &fields).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store, private");
    assert_eq!(made.header("referrer-policy"), "no-referrer");
    let secret = made.one("#secret");
    assert!(secret.starts_with("lksvc_"), "{secret}");
    let rows = every_row(&mut app.db.connection());
    assert!(!rows.contains(&secret[19..]), "the secret is stored");
    assert!(rows.contains("service-credential.created"));

    let again = operator.fill_in(&form, &fields).await;
    assert_eq!(again.location(), CREDENTIALS);
    let list = operator.get(CREDENTIALS).await;
    assert!(list.one(".flash").contains("already exists"));
    assert_eq!(list.texts("th .cell-name"), ["Billing"]);
    assert!(!list.text.contains(&secret[19..]));
    let taken = operator.get(NEW).await;
    let operation = taken.attribute("input[name=operation]", "value");
    let fields = [("name", "billing"), ("operation", operation.as_str())];
    let taken = operator.fill_in(&taken, &fields).await;
    assert_eq!(taken.status, 422);
    assert!(taken.one("#name-error").contains("has this name"));

    let url = list.attribute("td[data-column=actions] a", "href");
    let gone = operator.submit(&url, &[]).await;
    assert_eq!(gone.location(), CREDENTIALS);
    let list = operator.get(CREDENTIALS).await;
    assert!(
        list.one(".flash")
            .contains("Billing is revoked. No node has")
    );
    assert!(list.one("td[data-column=state]").starts_with("Revoked"));
    assert!(!list.has("td[data-column=actions] a"));
    assert_eq!(operator.get(&url).await.location(), CREDENTIALS);
    let news = "select count(*) from key_changes where kind = 'service_credential'";
    assert_eq!(number(&app.db, news), 2, "the nodes hear of both");
    assert!(every_row(&mut app.db.connection()).contains("service-credential.revoked"));
}

#[tokio::test]
async fn as_many_credentials_as_can_be_looked_after_work_at_once() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    app.db.execute(
        "insert into service_credentials (id, name, digest, created_at)
         select lpad(n::text, 12, '0'), 'n' || n, sha256(n::text::bytea), now()
           from generate_series(1, 200) n",
    );
    let form = operator.get(NEW).await;
    let operation = form.attribute("input[name=operation]", "value");
    let fields = [("name", "One more"), ("operation", operation.as_str())];
    let page = operator.fill_in(&form, &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#errors").contains("200 service credentials work"));
    let list = operator.get(CREDENTIALS).await;
    assert_eq!(list.texts("tbody tr").len(), 200);
}

#[tokio::test]
async fn plans_tell_how_many_accounts_have_them() {
    let app = TestApp::spawn();
    app.account("acme");
    app.account("globex");
    app.db.execute(
        "insert into plans (slug, name, per_second, per_minute, offered, position)
         values ('tiny', 'Tiny', 5, 1200, false, 9);
         insert into meters (slug, label, kind) values ('scans', 'Scans', 'period');
         insert into plan_meters (plan, meter, amount) values ('tiny', 'scans', 2000);
         update accounts set plan = 'tiny' where domain = 'globex'",
    );
    let operator = staff(&app, StaffRole::Operator).await;
    let page = operator.get("/operator/plans").await;
    let tiny = "tr[data-plan=tiny]";
    assert_eq!(page.one(&format!("{tiny} .tag")), "No longer offered");
    let rates = page.one(&format!("{tiny} [data-column=rates]"));
    assert_eq!(rates, "5 a second, 1,200 a minute");
    let caps = page.one(&format!("{tiny} [data-column=caps]"));
    assert_eq!(caps, "Scans: 2,000");
    let accounts = format!("{tiny} [data-column=accounts] a");
    assert_eq!(page.one(&accounts), "1 account on Tiny");
    let list = operator.get(&page.attribute(&accounts, "href")).await;
    assert_eq!(list.texts(".cell-second"), ["globex"]);
    assert_eq!(list.one("#plan option[selected]"), "Tiny");
    let support = staff(&app, StaffRole::Support).await;
    assert_eq!(support.get("/operator/plans").await.status, 404);
    assert_eq!(support.get(CREDENTIALS).await.status, 404);
}
