//! `/operator/catalogue`: what is in force, who changed it, and its file.

use chrono::TimeDelta;
use latchkey::db::catalogue;
use latchkey::domain::actor::Actor;
use latchkey::domain::catalogue::BUILT_IN;
use latchkey::domain::clock::Clock;
use latchkey::domain::role::StaffRole;

use super::operator::staff;
use crate::support::app::TestApp;

const CATALOGUE: &str = "/operator/catalogue";

#[tokio::test]
async fn permissions_presets_meters_and_plans_are_told_with_their_version_and_its_maker() {
    let app = TestApp::spawn();
    let support = staff(&app, StaffRole::Support).await;
    let edited = BUILT_IN.replace(
        r#"permissions = ["routine:trigger"]"#,
        r#"permissions = ["routine:read", "routine:trigger"]"#,
    );
    let at = app.clock.now() + TimeDelta::minutes(1);
    let actor = Actor::system("Olga");
    catalogue::apply(&mut app.db.connection(), &actor, at, &edited)
        .unwrap()
        .unwrap();
    let page = support.get(CATALOGUE).await;
    assert_eq!((page.status, page.one("h1")), (200, "Catalogue".to_owned()));
    assert_eq!(page.texts("td[data-column=by]"), ["Olga", "Latchkey"]);
    let upload = "tr[data-permission='documents:write']";
    assert_eq!(page.one(&format!("{upload} [data-column=risk]")), "medium");
    assert_eq!(
        page.one(&format!("{upload} [data-column=costs]")),
        "Uploads: 1"
    );
    assert_eq!(
        page.texts(&format!("{upload} [data-column=routes] li")),
        [
            "POST /v1/documents",
            "PUT /v1/documents/{resource}",
            "POST /api/documents"
        ]
    );
    let may = |preset: &str| {
        page.one(&format!(
            "tr[data-preset={preset}] [data-column=permissions]"
        ))
    };
    assert_eq!(may("full"), "Everything, also what is added later");
    assert_eq!(may("routine"), "routine:read, routine:trigger");
    assert_eq!(page.texts("tr[data-meter]").len(), 6);
    assert_eq!(
        page.one("tr[data-plan=starter] [data-column=rates]"),
        "10 a second, 300 a minute"
    );
    assert!(!page.has("main form"), "the page changes nothing");
}

#[tokio::test]
async fn each_version_is_kept_as_the_file_that_was_applied() {
    let app = TestApp::spawn();
    let operator = staff(&app, StaffRole::Operator).await;
    let page = operator.get(CATALOGUE).await;
    let file = operator
        .get(&page.attribute(".page-actions a", "href"))
        .await;
    assert_eq!((file.status, file.text.as_str()), (200, BUILT_IN));
    for unknown in ["/operator/catalogue/99", "/operator/catalogue/first"] {
        assert_eq!(operator.get(unknown).await.status, 404, "{unknown}");
    }
    let owner = app.owner("acme").await;
    for path in [CATALOGUE, "/operator/catalogue/1"] {
        assert_eq!(owner.get(path).await.status, 404, "{path}");
    }
}
