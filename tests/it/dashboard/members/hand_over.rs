//! The keys of somebody who is removed become another's own.

use latchkey::domain::person::UserId;
use latchkey::domain::role::WorkspaceRole;

use super::ACCOUNT;
use super::House;
use super::remove::KEYS;
use super::remove::audited;
use super::remove::grace;
use super::remove::remove;
use super::remove::send;
use super::role::at;
use crate::support::rows::text;

#[tokio::test]
async fn keys_are_handed_to_somebody_who_may_create_them() {
    let house = House::new().await;
    let (grace, _) = grace(&house).await;
    let (henry, his) = house
        .person("henry@acme.example", WorkspaceRole::Developer)
        .await;
    let viewer = house.member("vera@acme.example", WorkspaceRole::Viewer);
    let asked = house.owner.get(&format!("{}/remove", at(grace))).await;
    assert_eq!(
        asked.texts("#to option"),
        [
            "Choose",
            "Ada Byron (owner@acme.example)",
            "henry (henry@acme.example)"
        ]
    );
    let (viewer, nobody) = (viewer.to_string(), UserId::from_u128(7).to_string());
    for to in [
        "",
        "x",
        &viewer,
        &nobody,
        &grace.to_string(),
        "vera@acme.example",
        "nobody@x.example",
    ] {
        let refused = send(&house.owner, &asked, &[("keys", "hand-over"), ("to", to)]).await;
        assert_eq!(refused.status, 422, "{to}");
        assert!(
            refused
                .one("#to-error")
                .contains("Name somebody who may create keys"),
            "{to}"
        );
        assert!(refused.has("#keys-hand-over[checked]"), "what was chosen");
    }
    assert_eq!(audited(&house), "");
    let to = henry.to_string();
    let done = send(&house.owner, &asked, &[("keys", "hand-over"), ("to", &to)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let said = house.owner.get(ACCOUNT).await.one(".flash");
    assert!(
        said.starts_with("grace is removed from acme Ltd and their 3 keys are handed over. Every"),
        "{said}"
    );
    let line = |name: &str| {
        format!(r#"key.handed-over {name} {{"owner": "{grace}"}} {{"owner": "{henry}"}} removed"#)
    };
    assert_eq!(
        audited(&house),
        ["g 1", "g 2", "inh 1"].map(line).join("; ")
    );
    // They are his own: to find, to change, to stop, to export.
    let key = format!("{KEYS}/{:0>12}", "g1");
    assert_eq!(his.get(&format!("{key}/edit")).await.status, 200);
    assert_eq!(his.get(&format!("{key}/disable")).await.status, 200);
    let found = his.get(&format!("{KEYS}?by={henry}")).await;
    assert_eq!(found.texts("tbody .cell-name").len(), 3);
    let file = his.get(&format!("{KEYS}.csv")).await;
    assert_eq!(file.text.matches("henry@acme.example").count(), 3);
    let page = his.get(&key).await;
    assert!(page.one("[data-fact=owner]").starts_with("henry"));
    assert!(page.one("main").contains("by grace"));
    let listed = house.owner.get("/w/default/members").await;
    assert!(
        listed
            .texts("#members tbody tr")
            .iter()
            .any(|row| row.contains("henry") && row.contains("Developer 3"))
    );
}

#[tokio::test]
async fn what_would_do_more_for_its_new_owner_is_disabled_as_well() {
    let house = House::new().await;
    let (grace, _) = grace(&house).await;
    let owner = house.made.owner.to_string();
    let answer = [("keys", "hand-over"), ("to", owner.as_str())];
    assert_eq!(
        remove(&house.owner, grace, &answer).await.status,
        303,
        "to an admin"
    );
    let said = house.owner.get(ACCOUNT).await.one(".flash");
    assert!(
        said.contains("handed over, 1 of them disabled until its new owner enables it"),
        "{said}"
    );
    let off = "select string_agg(name, ' ') as line from api_keys
               where disabled_at is not null and disabled_by = handed_to";
    assert_eq!(text(&house.app.db, off), "inh 1");
    assert!(audited(&house).contains(r#"inh 1 {"owner": "#));
    assert_eq!(audited(&house).matches("disabled_at").count(), 1);
}
