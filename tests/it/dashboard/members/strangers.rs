//! Two accounts never learn of each other's members.

use latchkey::domain::person::UserId;

use super::ACCOUNT;
use super::House;

#[tokio::test]
async fn people_of_other_accounts_are_as_unknown_as_nobody() {
    let house = House::new().await;
    let other = house.app.account("other");
    let nobody = UserId::from_u128(7);
    let csrf = house
        .owner
        .get(ACCOUNT)
        .await
        .attribute("input[name=csrf]", "value");
    for place in [ACCOUNT, "/w/default/members"] {
        for end in ["", "/role?role=admin", "/remove"] {
            let pages = [other.owner, nobody].map(|id| format!("{place}/{id}{end}"));
            let foreign = house.owner.get(&pages[0]).await;
            let unknown = house.owner.get(&pages[1]).await;
            assert_eq!((foreign.status, unknown.status), (404, 404), "{place}{end}");
            assert_eq!(foreign.without_reference(), unknown.without_reference());
        }
        let fields = [("csrf", &*csrf), ("was", "member"), ("role", "admin")];
        let sent = house
            .owner
            .post(&format!("{place}/{}/role", other.owner), &fields)
            .await;
        assert_eq!(sent.status, 404);
    }
    for bad in ["x", "00000000000000000000000000000007"] {
        assert_eq!(
            house.owner.get(&format!("{ACCOUNT}/{bad}")).await.status,
            404,
            "{bad}"
        );
    }
}
