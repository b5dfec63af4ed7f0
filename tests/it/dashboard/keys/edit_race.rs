//! Two people edit one key, or one of them ends it.

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::keys::edit::changes;
use crate::dashboard::keys::edit::edit;
use crate::dashboard::keys::edit::send_form;
use crate::support::html::Page;

/// The texts of one row of the table of differences.
fn row(page: &Page, label: &str) -> Vec<String> {
    let labels = page.texts(".race tbody th");
    let place = labels.iter().position(|text| text == label).unwrap();
    let cells = page.texts(".race tbody td");
    cells[2 * place..2 * place + 2].to_vec()
}

#[tokio::test]
async fn the_slower_one_sees_both_states_and_may_go_on() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let open = house.owner.get(&format!("{}/edit", key.url())).await;
    edit(
        &house.owner,
        &key,
        &[("quota_daily", "1000"), ("category", "staging")],
    )
    .await;

    let late = [
        ("quota_daily", "5"),
        ("category", "staging"),
        ("note", "Mine"),
    ];
    let page = send_form(&house.owner, &open, &late).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.texts(".race tbody th"), ["Limits", "Note"]);
    assert_eq!(
        row(&page, "Limits"),
        ["In 24 hours: 1,000", "In 24 hours: 5"]
    );
    assert_eq!(row(&page, "Note"), ["Nothing", "Mine"]);
    assert_eq!(
        house.stored(&key).limits.daily,
        Some(1000),
        "nothing is overwritten"
    );
    assert_eq!(changes(&house).len(), 1);

    // Once more, knowing.
    let fields: Vec<(String, String)> = [
        "name",
        "category",
        "expires",
        "note",
        "scope",
        "quota_daily",
        "version",
    ]
    .iter()
    .map(|name| {
        let text = page.one(&format!("main form textarea[name={name}]"));
        ((*name).to_owned(), text)
    })
    .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(house.owner.fill_in(&page, &fields).await.status, 303);
    let stored = house.stored(&key);
    assert_eq!(
        (stored.limits.daily, stored.note.as_str()),
        (Some(5), "Mine")
    );
    assert_eq!(stored.category, "staging");
}

#[tokio::test]
async fn the_same_wish_twice_is_no_race() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let open = house.owner.get(&format!("{}/edit", key.url())).await;
    let wish = [("quota_daily", "1000")];
    edit(&house.owner, &key, &wish).await;
    assert_eq!(send_form(&house.owner, &open, &wish).await.status, 303);
    let page = house.owner.get(&key.url()).await;
    assert_eq!(page.texts(".flash")[0], "Blog ingest is so already.");
    assert_eq!(changes(&house).len(), 1);
}

#[tokio::test]
async fn a_revoked_key_cannot_be_edited() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let path = format!("{}/edit", key.url());
    let open = house.owner.get(&path).await;
    let revoked = house
        .owner
        .submit(&format!("{}/revoke", key.url()), &[("reason", "")])
        .await;
    assert_eq!(revoked.status, 303);
    let late = send_form(&house.owner, &open, &[("quota_daily", "5")]).await;
    for page in [house.owner.get(&path).await, late] {
        assert_eq!(page.status, 409);
        assert_eq!(page.one("h1"), "Blog ingest is already revoked");
    }
    assert!(
        !house
            .owner
            .get(&key.url())
            .await
            .has(&format!("a[href='{path}']"))
    );
}

#[tokio::test]
async fn of_two_at_the_same_moment_one_wins() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let open = house.owner.get(&format!("{}/edit", key.url())).await;
    let (one, other) = tokio::join!(
        send_form(&house.owner, &open, &[("quota_daily", "1")]),
        send_form(&house.owner, &open, &[("quota_daily", "2")]),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(changes(&house).len(), 1);
}
