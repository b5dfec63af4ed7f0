//! `/operator/blocks`: what is listed, found and lifted, and by whom.

use latchkey::db::ip_blocks;
use latchkey::db::ip_blocks::Told;
use latchkey::domain::role::StaffRole;
use uuid::Uuid;

use super::operator::staff;
use crate::support::app::TestApp;
use crate::support::rows::every_row;

const BLOCKS: &str = "/operator/blocks";

fn told(scope: &str, network: &str, left_minutes: i64) -> Told {
    Told {
        scope: scope.parse().unwrap(),
        network: network.parse().unwrap(),
        begun_us_ago: 1_000_000,
        left_us: left_minutes * 60_000_000,
        strikes: 2,
    }
}

fn fill(app: &TestApp) {
    let blocks = [
        told("gateway", "203.0.113.9/32", 5),
        told("service:aaaaaaaaaaaa", "203.0.113.9/32", 4),
        told("own-key", "2001:db8::/64", 3),
        told("gateway", "198.51.100.1/32", -1),
    ];
    ip_blocks::tell(&mut app.db.connection(), Uuid::nil(), &blocks).unwrap();
}

#[tokio::test]
async fn blocks_that_hold_are_listed_and_found_by_address() {
    let app = TestApp::spawn();
    let support = staff(&app, StaffRole::Support).await;
    let empty = support.get(BLOCKS).await;
    assert_eq!(empty.one(".empty h2"), "No address is blocked");
    fill(&app);
    let page = support.get(BLOCKS).await;
    let addresses = page.texts("th[data-column=address]");
    assert_eq!(addresses, ["203.0.113.9", "203.0.113.9", "2001:db8::/64"]);
    assert_eq!(
        page.texts("td[data-column=place]"),
        [
            "the gateway",
            "a service that is gone, by verify",
            "/v1/keys/self"
        ]
    );
    assert_eq!(page.texts("td[data-column=times]")[0], "2 times");
    assert!(!page.has("form[method=post] input[name=network]"));
    for (typed, found) in [
        ("203.0.113.9", 2),
        ("203.0.113.0/24", 2),
        ("2001:db8::7", 1),
        ("192.0.2.1", 0),
    ] {
        let page = support.get(&format!("{BLOCKS}?q={typed}")).await;
        assert_eq!((page.status, page.texts("tbody tr").len()), (200, found));
    }
    let wrong = support.get(&format!("{BLOCKS}?q=nonsense")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.one("#q-error").contains("Enter an address"));
    assert_eq!(wrong.attribute("#q", "value"), "nonsense");
}

#[tokio::test]
async fn an_operator_lifts_a_block_and_nobody_else_does() {
    let app = TestApp::spawn();
    fill(&app);
    let operator = staff(&app, StaffRole::Operator).await;
    let page = operator.get(BLOCKS).await;
    let csrf = page.attribute("input[name=csrf]", "value");
    let fields = |network| [("scope", "gateway"), ("network", network), ("csrf", &*csrf)];
    let lifted = operator
        .post("/operator/blocks/lift", &fields("203.0.113.9/32"))
        .await;
    assert_eq!((lifted.status, lifted.location()), (303, BLOCKS));
    let page = operator.get(BLOCKS).await;
    let said = page.one(".flash");
    assert!(
        said.contains("The block of 203.0.113.9 is lifted"),
        "{said}"
    );
    assert_eq!(page.texts("tbody tr").len(), 2);
    let rows = every_row(&mut app.db.connection());
    assert!(rows.contains("ip-block.lifted"), "the audit row is there");
    let again = operator
        .post("/operator/blocks/lift", &fields("203.0.113.9/32"))
        .await;
    assert_eq!(again.status, 303);
    assert!(
        operator
            .get(BLOCKS)
            .await
            .one(".flash")
            .contains("has ended")
    );
    let none = operator
        .post("/operator/blocks/lift", &fields("nonsense"))
        .await;
    assert_eq!(none.status, 404);

    let support = staff(&app, StaffRole::Support).await;
    let csrf = support
        .get(BLOCKS)
        .await
        .attribute("input[name=csrf]", "value");
    let fields = [
        ("scope", "own-key"),
        ("network", "2001:db8::/64"),
        ("csrf", &*csrf),
    ];
    let refused = support.post("/operator/blocks/lift", &fields).await;
    assert_eq!(refused.status, 403);
    let owner = app.owner("acme").await;
    assert_eq!(owner.get(BLOCKS).await.status, 404);
}
