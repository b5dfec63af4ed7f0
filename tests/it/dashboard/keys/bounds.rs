//! A28: however much is asked for, an answer has its bounds.

use std::fmt::Write;

use super::House;
use super::KEYS;
use super::NEW;
use crate::support::rows::number;

/// Rows of a page at most.
const PAGE_MAX: usize = 100;
/// Bytes of a page at most, with every filter that is heeded in each of its links.
const PAGE_BYTES_MAX: usize = 300_000;

#[tokio::test]
async fn page_sizes_and_filters_of_any_size_are_held_to_a_page() {
    let house = House::new().await;
    house.execute(
        "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
             preset_version, created_by, created_at, operation)
         select w.account_id, lpad(n::text, 12, '0'), w.id, 'k' || n, 'k' || n, 'staging', 'full',
             1, u.id, '2026-11-01', gen_random_uuid()
           from workspaces w, users u, generate_series(1, 150) n",
    );
    let long = "x".repeat(6_000);
    let mut many = String::new();
    for choice in 0..300 {
        write!(many, "&category=c{choice}&scope=s{choice}&by={choice}").unwrap();
    }
    let lists = [
        KEYS,
        "/operator/accounts",
        "/operator/staff",
        "/account/members",
    ];
    house.execute("insert into staff_grants select id, 'operator', now() from users");
    for list in lists {
        for limit in [
            "0",
            "-1",
            "100000",
            "99999999999999999999",
            "1e9",
            "",
            "x",
            "%00",
        ] {
            let page = house.owner.get(&format!("{list}?limit={limit}")).await;
            assert!(
                matches!(page.status, 200 | 400),
                "{list} {limit}: {}",
                page.status
            );
            assert!(
                page.texts("main tbody tr").len() <= PAGE_MAX,
                "{list} {limit}"
            );
        }
        for query in [
            format!("q={long}"),
            format!("after={long}"),
            format!("q=a{many}"),
            "after=%00&q=%00".to_owned(),
            "after=%ff&q=%ff&sort=%ff".to_owned(),
        ] {
            let page = house.owner.get(&format!("{list}?{query}")).await;
            let told = matches!(page.status, 200 | 400 | 303 | 413 | 414 | 422);
            let shown: String = query.chars().take(40).collect();
            assert!(told, "{list} {shown}: {}", page.status);
            assert!(
                page.texts("main tbody tr").len() <= PAGE_MAX,
                "{list} {shown}"
            );
            assert!(
                page.text.len() < PAGE_BYTES_MAX,
                "{list} {shown}: {}",
                page.text.len()
            );
        }
    }
}

#[tokio::test]
async fn a_workspace_has_so_many_keys_and_no_more() {
    let house = House::new().await;
    house.execute(
        "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
             preset_version, created_by, created_at, operation)
         select w.account_id, lpad(n::text, 12, '0'), w.id, 'k' || n, 'k' || n, 'staging', 'full',
             1, u.id, '2026-11-01', gen_random_uuid()
           from workspaces w, users u, generate_series(1, 20000) n",
    );
    let form = house.owner.get(NEW).await;
    let operation = form.attribute("main form input[name=operation]", "value");
    let fields = [
        ("name", "One more"),
        ("workspace", "default"),
        ("scope", "full"),
        ("expires", "90d"),
        ("operation", operation.as_str()),
    ];
    let page = house.owner.fill_in(&form, &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.one("#errors").contains("Default has 20,000 keys"));
    assert_eq!(page.attribute("#name", "value"), "One more");
    // Those that are revoked do not count.
    house.execute("update api_keys set revoked_at = now() where id = '000000000001'");
    let form = house.owner.get(NEW).await;
    let operation = form.attribute("main form input[name=operation]", "value");
    let mut fields = fields;
    fields[4].1 = operation.as_str();
    let page = house.owner.fill_in(&form, &fields).await;
    assert!(page.has("#secret"), "{}", page.text);
    let keys = number(&house.app.db, "select count(*) from api_keys");
    assert_eq!(keys, 20_001);
}
