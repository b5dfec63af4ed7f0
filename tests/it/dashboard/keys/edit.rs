//! Changing a key: what is written, what is told, what is refused.

use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel::sql_types::Nullable;
use latchkey::domain::role::WorkspaceRole;
use serde_json::Value;
use serde_json::json;

use crate::dashboard::keys::House;
use crate::dashboard::keys::NewKey;
use crate::dashboard::keys::create;
use crate::dashboard::keys::submit;
use crate::support::callers::Caller;
use crate::support::callers::send;
use crate::support::html::Page;

/// Fields of the edit form that are typed in, as a browser sends them.
const TYPED: [&str; 6] = [
    "name",
    "category",
    "quota_total",
    "quota_daily",
    "version",
    "operation",
];

/// Sends the form of `page` as it stands but for `changes`.
pub async fn send_form(caller: &Caller, page: &Page, changes: &[(&str, &str)]) -> Page {
    let mut fields: Vec<(String, String)> = Vec::new();
    for name in TYPED {
        let values = page.values(&format!("main form input[name={name}]"));
        fields.extend(values.into_iter().map(|value| (name.to_owned(), value)));
    }
    for radio in ["scope", "expires"] {
        let chosen = format!("main form input[name={radio}][checked]");
        fields.push((radio.to_owned(), page.attribute(&chosen, "value")));
    }
    for area in ["resources", "allowed_ips", "allowed_origins", "note"] {
        let texts = page.texts(&format!("#{area}"));
        // Entries come back separated by spaces.
        fields.push((area.to_owned(), texts.concat().replace(' ', ",")));
    }
    for permission in page.values("#permission input[checked]") {
        fields.push(("permission".to_owned(), permission));
    }
    fields.retain(|(known, _)| changes.iter().all(|(name, _)| known != name));
    for (name, value) in changes {
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    caller.fill_in(page, &fields).await
}

/// Opens the edit form of `key` and sends it with `changes`.
pub async fn edit(caller: &Caller, key: &NewKey, changes: &[(&str, &str)]) -> Page {
    let page = caller.get(&format!("{}/edit", key.url())).await;
    assert_eq!(page.status, 200, "{}", page.text);
    send_form(caller, &page, changes).await
}

#[derive(QueryableByName, Debug)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Change {
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
}

pub fn changes(house: &House) -> Vec<Change> {
    diesel::sql_query(
        "select before, after from audit_log where action = 'key.updated' order by id",
    )
    .load(&mut house.conn())
    .unwrap()
}

#[tokio::test]
async fn the_form_shows_the_key_as_it_is() {
    let house = House::new().await;
    let made = submit(
        &house.owner,
        &[
            ("quota_daily", "1000"),
            ("allowed_ips", "203.0.113.9\n10.0.0.0/8"),
            ("resources", "eu-*"),
        ],
    )
    .await;
    let key = NewKey::of(&made);
    let page = house.owner.get(&format!("{}/edit", key.url())).await;
    assert_eq!(page.attribute("#name", "value"), "Blog ingest");
    assert_eq!(page.attribute("#quota_daily", "value"), "1000");
    assert_eq!(page.attribute("#quota_total", "value"), "");
    assert_eq!(page.one("#allowed_ips"), "203.0.113.9 10.0.0.0/8");
    assert_eq!(page.one("#resources"), "eu-*");
    assert!(page.has("#scope-full[checked]") && page.has("#expires-keep[checked]"));
    assert!(page.one("label[for=expires-keep]").contains("19 Feb 2027"));

    let request = house.owner.request("GET", &format!("{}/edit", key.url()));
    let dialog = send(request.header("x-fragment", "dialog")).await;
    assert!(
        dialog
            .text
            .trim_start()
            .starts_with("<div data-dialog-content")
    );
}

#[tokio::test]
async fn only_what_changed_is_written_down() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let wanted = [("quota_daily", "1,000"), ("allowed_ips", "203.0.113.9")];
    let answer = edit(&house.owner, &key, &wanted).await;
    assert_eq!((answer.status, answer.location()), (303, &*key.url()));
    let page = house.owner.get(&key.url()).await;
    assert!(page.one(".flash").starts_with("Blog ingest is changed."));
    let stored = house.stored(&key);
    assert_eq!(stored.limits.daily, Some(1000));
    assert_eq!(stored.version, 2);
    let written = changes(&house);
    assert_eq!(written.len(), 1);
    assert_eq!(
        (written[0].before.clone(), written[0].after.clone()),
        (
            Some(json!({"limits": {}, "network": {"ips": [], "origins": []}})),
            Some(json!({
                "limits": {"daily": 1000},
                "network": {"ips": ["203.0.113.9/32"], "origins": []},
            })),
        )
    );
}

#[tokio::test]
async fn a_form_sent_back_as_it_was_writes_nothing_and_says_so() {
    let house = House::new().await;
    let limited = [
        ("quota_daily", "5"),
        ("allowed_origins", "https://a.example"),
    ];
    let key = NewKey::of(&submit(&house.owner, &limited).await);
    assert_eq!(edit(&house.owner, &key, &[]).await.status, 303);
    let page = house.owner.get(&key.url()).await;
    assert_eq!(
        page.one(".flash"),
        "Nothing of Blog ingest was different. It is as it was."
    );
    assert!(changes(&house).is_empty());
    assert_eq!(house.stored(&key).version, 1);
}

#[tokio::test]
async fn every_setting_can_be_changed_and_taken_back() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let wanted = [
        ("name", "Blog import"),
        ("category", "staging"),
        ("note", "Moved"),
        ("scope", "inherit"),
        ("resources", "7"),
        ("expires", "on"),
        ("expires_on", "2026-12-31"),
        ("quota_total", "10"),
        ("quota_weekly", "20"),
        ("quota_monthly", "30"),
        ("allowed_origins", "https://a.example"),
    ];
    assert_eq!(edit(&house.owner, &key, &wanted).await.status, 303);
    let stored = house.stored(&key);
    assert_eq!(
        (stored.name.as_str(), stored.category.as_str()),
        ("Blog import", "staging")
    );
    assert_eq!(stored.scope, "Same as its owner");
    assert_eq!(stored.note, "Moved");
    let end = stored.times.expires_at.unwrap().to_rfc3339();
    assert_eq!(end, "2027-01-01T00:00:00+00:00");
    let caps: Vec<u64> = stored.limits.iter().map(|(_, cap)| cap).collect();
    assert_eq!(caps, [10, 20, 30]);

    let back = [
        ("scope", "full"),
        ("expires", "never"),
        ("resources", "*"),
        ("quota_total", ""),
        ("quota_weekly", ""),
        ("quota_monthly", ""),
        ("allowed_origins", ""),
    ];
    assert_eq!(edit(&house.owner, &key, &back).await.status, 303);
    let stored = house.stored(&key);
    assert!(stored.limits.are_none() && stored.network.is_open());
    assert_eq!(
        (stored.grant.scope.as_str(), stored.times.expires_at),
        ("full", None)
    );
    assert!(stored.grant.resources.are_all());
}

#[tokio::test]
async fn faults_stay_at_their_fields_with_what_was_typed() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    create(&house.owner, "Taken").await;
    for (field, value) in [
        ("name", ""),
        ("name", "TAKEN"),
        ("scope", "console"),
        ("expires", "1y"),
        ("quota_daily", "0"),
        ("resources", "a*b"),
        ("allowed_ips", "nowhere"),
        ("allowed_origins", "https://a.example/b"),
    ] {
        let page = edit(&house.owner, &key, &[(field, value)]).await;
        assert_eq!(page.status, 422, "{field}={value}");
        assert!(page.one("title").starts_with("Error: Edit Blog ingest"));
        assert!(page.has(&format!("#{field}-error")), "{field}={value}");
        assert_eq!(
            page.texts(&format!(".error-summary a[href='#{field}']"))
                .len(),
            1
        );
    }
    assert!(changes(&house).is_empty());
}

#[tokio::test]
async fn an_expired_key_stays_expired() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let open = house.owner.get(&format!("{}/edit", key.url())).await;
    let now = house.now().to_rfc3339();
    house.execute(&format!("update api_keys set expires_at = '{now}'"));
    let late = [("expires", "never"), ("name", "Kept")];
    let page = send_form(&house.owner, &open, &late).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#expires-error").contains("stays so"));
    assert_eq!(page.attribute("#name", "value"), "Kept");
    assert!(!page.has("#expires-on"));
    assert_eq!(
        send_form(&house.owner, &open, &[("note", "Gone")])
            .await
            .status,
        303
    );
    assert_eq!(house.stored(&key).note, "Gone");
}

#[tokio::test]
async fn who_may_not_manage_a_key_may_not_edit_it() {
    let house = House::new().await;
    let key = create(&house.owner, "Blog ingest").await;
    let path = format!("{}/edit", key.url());
    for role in [WorkspaceRole::Developer, WorkspaceRole::Viewer] {
        let email = format!("{}@acme.example", role.as_str());
        let member = house.member(&email, role).await;
        assert_eq!(member.get(&path).await.status, 403);
        assert!(
            !member
                .get(&key.url())
                .await
                .has(&format!("a[href='{path}']"))
        );
    }
    assert!(
        house
            .owner
            .get(&key.url())
            .await
            .has(&format!("a[href='{path}']"))
    );
}
