//! `/operator/staff`: who runs the installation.

use latchkey::domain::role::StaffRole;

use super::operator::staff;
use crate::support::app::TestApp;
use crate::support::rows::every_row;
use crate::support::rows::text;

const STAFF: &str = "/operator/staff";
const NEW: &str = "/operator/staff/new";

fn remove(app: &TestApp, email: &str) -> String {
    let id = text(
        &app.db,
        &format!("select id::text as line from users where email = '{email}'"),
    );
    format!("{STAFF}/{id}/remove")
}

#[tokio::test]
async fn staff_are_listed_with_role_and_last_activity() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    app.staff("quiet@keys.example", StaffRole::Support);
    let page = operator.get(STAFF).await;
    assert_eq!(
        page.texts("th[data-column=name] .cell-second"),
        ["operator@keys.example", "quiet@keys.example"]
    );
    assert_eq!(page.texts("td[data-column=role]"), ["Operator", "Support"]);
    assert_eq!(page.texts("td[data-column=since]")[0], "21 Nov 2026");
    let active = page.texts("td[data-column=active]");
    assert!(active[0].ends_with("21 Nov 2026, 09:41"), "{}", active[0]);
    assert_eq!(active[1], "Not yet");
    assert_eq!(page.texts("th .tag"), ["You"]);
    let support = staff(&app, StaffRole::Support).await;
    assert_eq!(support.get(STAFF).await.status, 404);
}

#[tokio::test]
async fn many_staff_come_a_page_at_a_time() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    app.db.execute(
        "insert into users (id, email, email_folded, name, created_at)
         select gen_random_uuid(), 's' || n || '@x.example', 's' || n || '@x.example', 'S', now()
           from generate_series(100, 170) n;
         insert into staff_grants (user_id, role, created_at)
         select id, 'support', now() from users where email like 's%@x.example'",
    );
    let page = operator.get(STAFF).await;
    assert_eq!(page.texts("tbody tr").len(), 50);
    let next = operator.get(&page.attribute("a[rel=next]", "href")).await;
    assert_eq!(next.texts("tbody tr").len(), 22);
    assert!(!next.has("a[rel=next]"));
    assert_eq!(next.attribute("a[rel=prev]", "href"), STAFF);
}

#[tokio::test]
async fn somebody_is_added_once_and_removed_with_their_sessions() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    let fields = [
        ("name", "Sam"),
        ("email", "sam@keys.example"),
        ("role", "support"),
    ];
    let made = operator.submit(NEW, &fields).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let link = made.attribute("#link", "value");
    let path = link.split_once("/set-password").unwrap().1;
    let sam = app.visitor();
    let password = ("password", "nine violet lanterns hum");
    let set = sam
        .submit(&format!("/set-password{path}"), &[password])
        .await;
    assert_eq!(set.location(), "/sign-in/staff?set=1");
    let page = sam.get(set.location()).await;
    sam.fill_in(&page, &[("email", "sam@keys.example"), password])
        .await;
    assert_eq!(sam.get("/operator/nodes").await.status, 200);

    let again = [fields[0], fields[1], ("role", "operator")];
    let again = operator.submit(NEW, &again).await;
    assert_eq!(again.status, 422);
    assert!(again.one("#email-error").contains("has a role already"));

    let url = remove(&app, "sam@keys.example");
    let asked = operator.get(&url).await;
    assert!(
        asked
            .one(".confirm-facts")
            .contains("sam@keys.example, role Support.")
    );
    let gone = operator.fill_in(&asked, &[]).await;
    assert_eq!(gone.location(), STAFF);
    assert!(
        operator
            .get(STAFF)
            .await
            .one(".flash")
            .contains("is signed out")
    );
    let answer = sam.get("/operator/nodes").await;
    assert!(answer.location().starts_with("/sign-in"), "{}", answer.text);
    assert_eq!(operator.get(&url).await.status, 404);
    let rows = every_row(&mut app.db.connection());
    assert!(rows.contains("staff.granted") && rows.contains("staff.revoked"));
}

#[tokio::test]
async fn the_last_operator_stays_and_who_leaves_is_signed_out() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    staff(&app, StaffRole::Support).await;
    let own = remove(&app, "operator@keys.example");
    let page = operator.submit(&own, &[]).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#errors").contains("is the last operator"));
    app.staff("second@keys.example", StaffRole::Operator);
    app.db
        .execute("update users set disabled_at = now() where email = 'second@keys.example'");
    let page = operator.submit(&own, &[]).await;
    assert_eq!(page.status, 422, "one who cannot sign in does not count");
    app.db.execute("update users set disabled_at = null");
    let gone = operator.submit(&own, &[]).await;
    assert_eq!(gone.location(), "/sign-in");
    let answer = operator.get(STAFF).await;
    assert!(answer.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn a_form_without_a_role_is_refused_at_its_field() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    let page = operator.submit(NEW, &[("name", "Sam")]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.texts("#errors a").len(), 2);
    assert_eq!(page.attribute("#name", "value"), "Sam");
}
