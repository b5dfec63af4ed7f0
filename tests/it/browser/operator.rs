//! The operator's pages as a browser shows them.

use crate::browser::Place;
use crate::browser::sound::looks;

/// Beside the one that runs: one that lags, one that loads and one that is cut off.
const NODES: &str = "
insert into nodes (id, name, version, started_at, heartbeat_at, applied_seq, lease_ms, loading,
                   keys, unreadable, unreadable_keys, spool_bytes, spool_since)
select gen_random_uuid(), name, '0.1.0', now() - interval '3 hours', now() - silent, 2, 60000,
       loading, 102400, unreadable, keys, bytes, now() - interval '9 seconds'
  from (values
    ('api-2.fra.example', interval '0', false, 2,
     '[{\"key\": \"4fZk0QpL9aBc\", \"fault\": \"it has no secret\"},
       {\"key\": \"7gAl1RqM0bCd\", \"fault\": \"its expiry is out of range\"}]'::jsonb, 12449),
    ('api-3.fra.example', interval '0', true, 0, '[]'::jsonb, 0),
    ('api-4.fra.example', interval '4 minutes', false, 0, '[]'::jsonb, 812000000)
  ) as node (name, silent, loading, unreadable, keys, bytes)";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_nodes_page_holds_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(NODES);
    let browser = &place.browser;
    browser.without_scripts().await;
    for look in looks(&[1280, 375, 320]) {
        place.look(look).await;
        place.goto("/operator/nodes").await;
        assert_eq!(browser.text("h1").await, "Nodes");
        let text = browser.text("main").await;
        assert!(text.contains("4 nodes, 1 of them fenced."), "{text}");
        place.sound("nodes", look).await;
    }
    browser.driver.clone().quit().await.unwrap();
}

/// One that counts its meters and one that is suspended.
const ACCOUNTS: &str = "
insert into accounts (public_id, domain, customer_id, name, plan, error_profile, suspended_at, created_at)
values ('acc_globex', 'globex', 'globex-1', 'Globex International Holdings', 'starter', 'standard', null,
        now() - interval '40 days'),
       ('acc_initech', 'initech', 'initech-1', 'Initech', 'standard', 'documented', now(),
        now() - interval '90 days');
insert into service_credentials (id, name, digest, created_at, revoked_at)
values ('0A1b2C3d4E5f', 'Billing back end', sha256('a'), now(), null),
       ('1A1b2C3d4E5f', 'Interminable ' || repeat('Unbroken', 23), sha256('b'), now(), now());
insert into users (id, email, email_folded, name, created_at)
values (gen_random_uuid(), 'sam@keys.example', 'sam@keys.example', repeat('Unbroken', 25), now());
insert into staff_grants (user_id, role, created_at)
select id, 'support', now() from users where email = 'sam@keys.example'";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_account_pages_hold_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(ACCOUNTS);
    let browser = &place.browser;
    browser.without_scripts().await;
    let pages = [
        ("list", "/operator/accounts", "Accounts"),
        ("new", "/operator/accounts/new", "New account"),
        ("plans", "/operator/plans", "Plans"),
        ("staff", "/operator/staff", "Staff"),
        ("staff-new", "/operator/staff/new", "Add staff"),
        (
            "credentials",
            "/operator/credentials",
            "Service credentials",
        ),
        (
            "credential-new",
            "/operator/credentials/new",
            "New service credential",
        ),
        (
            "credential-revoke",
            "/operator/credentials/0A1b2C3d4E5f/revoke",
            "Revoke Billing back end",
        ),
        (
            "account",
            "/operator/accounts/acc_globex",
            "Globex International Holdings",
        ),
        ("suspended", "/operator/accounts/acc_initech", "Initech"),
        (
            "suspend",
            "/operator/accounts/acc_globex/suspend",
            "Suspend Globex International Holdings",
        ),
    ];
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        for (name, page, heading) in pages {
            place.goto(page).await;
            assert_eq!(browser.text("h1").await, heading);
            place.sound(&format!("accounts-{name}"), look).await;
        }
    }
    browser.driver.clone().quit().await.unwrap();
}
