//! One field for whatever a customer pasted.

use crate::dashboard::keys::House;
use crate::dashboard::keys::create;
use crate::dashboard::support::ADDRESS;
use crate::dashboard::support::Desk;
use crate::support::rows::every_row;

#[tokio::test]
async fn one_exact_hit_opens_whatever_was_pasted() {
    let desk = Desk::new().await;
    let masked = format!("lk_{}_••••{}", desk.key.id, desk.key.last_four());
    let id = desk.key.id.to_string();
    for (typed, url) in [
        (id.as_str(), desk.key_url()),
        (&format!("lk_{id}"), desk.key_url()),
        (&masked, desk.key_url()),
        (&desk.request, desk.request_url()),
        ("OWNER@acme.example ", desk.url()),
        ("acme", desk.url()),
        ("ACME Ltd", desk.url()),
        (&desk.account, desk.url()),
    ] {
        let page = desk.find(typed).await;
        assert_eq!(
            (page.status, page.location()),
            (303, url.as_str()),
            "{typed}"
        );
    }
    let searches = "select count(*) from audit_log where action = 'support.searched'";
    assert_eq!(desk.house.number(searches), 8);
    let told = "select count(*) from audit_log where action = 'support.searched'
        and (target_label like '%acme%' or after::text like '%acme%')";
    assert_eq!(desk.house.number(told), 0, "what was typed is kept");
}

#[tokio::test]
async fn an_address_shows_the_keys_that_were_called_from_there_and_that_it_is_blocked() {
    let desk = Desk::new().await;
    desk.house.execute(&format!(
        "insert into failed_attempts values ('2026-11-21 09:30', '{ADDRESS}', 1200);
         insert into ip_blocks (scope, network, node, since, until, strikes)
         values ('gateway', '{ADDRESS}', gen_random_uuid(), '2026-11-21 09:30',
             '2026-11-21 10:30', 1)"
    ));
    let page = desk.find(ADDRESS).await;
    assert_eq!(page.texts("tbody th[scope=row] a"), ["Blog ingest"]);
    let told = page.one("#address");
    assert!(
        told.contains("1,200 calls") && told.contains("until 21 Nov 2026, 10:30"),
        "{told}"
    );
}

#[tokio::test]
async fn nothing_found_gives_no_hint_and_twenty_are_enough() {
    let desk = Desk::new().await;
    let page = desk.support.get("/support").await;
    assert_eq!(page.header("cache-control"), "no-store, private");
    assert!(page.has("input[name=q][data-search-guard]"));
    assert!(page.one("main").contains("What can be found"));
    for typed in [
        "lk_000000000000",
        "req_0000000000000000",
        "acmex",
        "ada@acme.exampl",
    ] {
        let page = desk.find(typed).await;
        assert_eq!(
            (page.status, page.one("#nothing h2")),
            (200, "Nothing matches".to_owned())
        );
        assert!(!page.one("main").contains("acme Ltd"), "{typed}");
    }
    for number in 0..25 {
        desk.house.app.account(&format!("branch-{number}"));
    }
    let page = desk.find("branch").await;
    assert_eq!(page.texts("tbody tr").len(), 20);
    assert!(page.has("#narrow"));
}

#[tokio::test]
async fn a_whole_secret_is_kept_nowhere_and_told_about() {
    let desk = Desk::new().await;
    let (secret, tail) = (&desk.key.secret, &desk.key.secret[20..]);
    let page = desk.find(&format!("Authorization: Bearer {secret}")).await;
    assert_eq!(page.status, 303);
    assert!(
        page.location().starts_with("/support?q=lk_"),
        "{}",
        page.location()
    );
    assert!(!page.location().contains(tail));
    let next = desk.support.get(page.location()).await;
    assert_eq!(next.location(), desk.key_url());
    let page = desk.support.get("/support").await;
    let told = page.one(".flash");
    assert!(
        told.contains("and it works") && told.contains("rotate"),
        "{told}"
    );
    // One that no key has.
    let other = House::new().await;
    let theirs = create(&other.owner, "Elsewhere").await;
    desk.find(&theirs.secret).await;
    let told = desk.support.get("/support").await.one(".flash");
    assert!(told.contains("No key has it now"), "{told}");
    let rows = every_row(&mut desk.house.conn());
    assert!(!rows.contains(tail) && !rows.contains(&theirs.secret[20..]));
}
