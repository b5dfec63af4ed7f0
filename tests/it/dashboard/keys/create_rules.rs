//! Keys made with limits, resources, allowed addresses and origins.

use latchkey::db::api_keys;
use latchkey::domain::api_key::ApiKey;
use latchkey::domain::grant;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::submit;

impl House {
    /// The key as the database has it.
    pub fn stored(&self, key: &NewKey) -> ApiKey {
        let (account, workspace) = (self.acme.account, self.acme.workspace);
        api_keys::find(&mut self.conn(), account, workspace, key.id).unwrap()
    }
}

#[tokio::test]
async fn limits_resources_addresses_and_origins_are_kept_as_typed() {
    let house = House::new().await;
    let page = submit(
        &house.owner,
        &[
            ("resources", "7, eu-*"),
            ("quota_total", "1,000,000"),
            ("quota_daily", " 1000 "),
            ("quota_monthly", ""),
            ("allowed_ips", "203.0.113.9\r\n10.0.0.0/8\r\n2001:db8::1"),
            (
                "allowed_origins",
                "HTTPS://App.Example.com/\nhttp://localhost:3000",
            ),
        ],
    )
    .await;
    assert_eq!(page.status, 201, "{}", page.text);
    let key = house.stored(&NewKey::of(&page));
    assert_eq!(key.limits.total, Some(1_000_000));
    assert_eq!(key.limits.daily, Some(1000));
    assert_eq!((key.limits.weekly, key.limits.monthly), (None, None));
    let resources: Vec<&str> = key.grant.resources.iter().collect();
    assert_eq!(resources, ["7", "eu-*"]);
    let ips: Vec<String> = key.network.ips.iter().map(ToString::to_string).collect();
    assert_eq!(ips, ["203.0.113.9/32", "10.0.0.0/8", "2001:db8::1/128"]);
    let origins: Vec<&str> = key.network.origins.iter().map(|origin| &**origin).collect();
    assert_eq!(
        origins,
        ["https://app.example.com", "http://localhost:3000"]
    );
}

#[tokio::test]
async fn a_key_may_be_the_same_as_its_creator() {
    let house = House::new().await;
    let page = submit(&house.owner, &[("scope", "inherit")]).await;
    assert_eq!(page.status, 201);
    assert!(page.one("main").contains("Same as you"));
    let key = house.stored(&NewKey::of(&page));
    assert_eq!(key.grant.scope, grant::INHERIT);
    assert!(key.permissions().is_empty());
}

#[tokio::test]
async fn what_was_wrong_is_kept_in_sight_with_its_line() {
    let house = House::new().await;
    let typed = "10.0.0.0/8\n10.0.0.300";
    let changes = [("allowed_ips", typed), ("quota_daily", "1.5")];
    let page = submit(&house.owner, &changes).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#quota_daily", "value"), "1.5");
    assert_eq!(page.attribute("#quota_daily", "aria-invalid"), "true");
    assert_eq!(page.one("#allowed_ips"), typed.replace('\n', " "));
    let said = page.one("#allowed_ips-error");
    assert!(
        said.contains("Line 2: “10.0.0.300” is no address."),
        "{said}"
    );
    // What holds a fault is not folded away.
    assert!(page.has("details[open] #quota_daily"));
    assert!(page.has("details[open] #allowed_ips"));
    assert!(!page.has("details[open] #resources"));
}
