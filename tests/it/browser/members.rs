//! The members' pages as a browser shows them: thousands of people, names of 200 letters.

use crate::browser::Place;
use crate::browser::sound::looks;

const LONG: &str = "00000000-0000-4000-8000-00000000000a";
const UNBROKEN: &str = "00000000-0000-4000-8000-00000000000b";

/// 3,000 people beside two with names of 200 letters, who have keys, some of them with such names.
const STATE: &str = "
insert into users (id, email, email_folded, name, created_at) values
    ('00000000-0000-4000-8000-00000000000a', 'long@acme.example', 'long@acme.example',
     'A' || left(repeat('aron of the interminable north ', 8), 198) || 'x', now()),
    ('00000000-0000-4000-8000-00000000000b', repeat('unbroken', 30) || '@acme.example',
     repeat('unbroken', 30) || '@acme.example', 'A' || left(repeat('unbroken', 25), 199), now());
insert into users (id, email, email_folded, name, created_at)
select gen_random_uuid(), 'p' || n || '@acme.example', 'p' || n || '@acme.example',
       'Person ' || lpad(n::text, 5, '0'), now() from generate_series(1, 3000) n;
insert into memberships (account_id, user_id, role, created_at)
select a.id, u.id, 'member', now() from accounts a, users u where u.email like '%@acme.example'
on conflict do nothing;
insert into workspace_memberships (account_id, workspace_id, user_id, role, created_at)
select w.account_id, w.id, u.id, 'developer', now() from workspaces w, users u
 where u.name like 'A%' and u.id::text like '00000000%';
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                      preset_version, created_by, created_at, expires_at, disabled_at, operation)
select w.account_id, lpad(n::text, 12, '0'), w.id, k.name, lower(k.name), 'production',
       case when n % 5 = 0 then 'inherit' else 'full' end, 1,
       '00000000-0000-4000-8000-00000000000a', now(),
       case when n % 7 = 0 then now() + interval '3 days' end,
       case when n % 3 = 0 then now() end, gen_random_uuid()
  from workspaces w, generate_series(1, 40) n,
       lateral (select case n when 1 then repeat('Unbroken', 24) || n
                    when 2 then left(repeat('Interminable backend of the north ', 6), 197) || n
                    else 'Key ' || n end as name) k;
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
select account_id, id, 1, sha256(id::bytea), 1, 'c91d', created_at from api_keys;
insert into invitations (account_id, id, email, email_folded, role, token_digest, invited_by,
                         created_at, sent_at, expires_at)
select m.account_id, gen_random_uuid(), e.email, e.email, 'admin', sha256(e.email::bytea),
       m.user_id, now(), now(), now() + interval '6 days'
  from memberships m, (values ('new@acme.example'), (repeat('verylong', 25) || '@acme.example')) e (email)
 where m.role = 'owner';
";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_members_pages_hold_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(STATE);
    let browser = &place.browser;
    browser.without_scripts().await;
    let account = |end: &str| format!("/account/members{end}");
    let here = |end: &str| format!("/w/default/members{end}");
    let pages = [
        ("list", account(""), "Members"),
        ("nobody", account("?q=zzz"), "Members"),
        ("person", account(&format!("/{LONG}")), "interminable north"),
        ("unbroken", account(&format!("/{UNBROKEN}")), "unbroken"),
        (
            "role",
            account(&format!("/{LONG}/role?role=admin")),
            "Make A",
        ),
        ("remove", account(&format!("/{LONG}/remove")), "Remove A"),
        (
            "remove-keyless",
            account(&format!("/{UNBROKEN}/remove")),
            "Remove A",
        ),
        ("invite", account("/invite"), "Invite somebody"),
        ("list-here", here(""), "Members of Default"),
        (
            "person-here",
            here(&format!("/{LONG}")),
            "interminable north",
        ),
        ("remove-here", here(&format!("/{LONG}/remove")), "Remove A"),
        ("add", here("/add"), "Add a member"),
        ("leave", "/account/leave".to_owned(), "Leave"),
    ];
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        for (name, path, words) in &pages {
            place.goto(path).await;
            let heading = browser.text("h1").await;
            assert!(heading.contains(words), "{name}: {heading}");
            place.sound(&format!("members-{name}"), look).await;
        }
    }
    for (name, path, _) in &pages {
        place.goto(path).await;
        browser.width(320).await;
        place.fits(name, 320).await;
    }
    browser.width(1280).await;
    removed(&place).await;
    invited(&place).await;
    browser.driver.clone().quit().await.unwrap();
}

/// The link that is shown once, and the page that it opens.
async fn invited(place: &Place) {
    let browser = &place.browser;
    place.goto("/account/members/invite").await;
    browser.fill("#email", "grace@acme.example").await;
    browser.click("#role-member").await;
    browser.click("main form [data-submit]").await;
    let link = browser.find("#link").await;
    let link = link.value().await.unwrap().unwrap();
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.sound("members-invited", look).await;
    }
    browser.driver.delete_all_cookies().await.unwrap();
    let path = &link[link.find("/invitation").unwrap()..];
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.goto(path).await;
        place.sound("members-invitation", look).await;
    }
}

/// Faults at their fields, and a removal that is carried out by keyboard and pointer alone.
async fn removed(place: &Place) {
    let browser = &place.browser;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.goto(&format!("/account/members/{LONG}/remove")).await;
        browser.click("#keys-hand-over").await;
        browser.click("main form [data-submit]").await;
        browser.find("#to-error").await;
        place.sound("members-remove-faults", look).await;
    }
    browser.click("#keys-keep").await;
    browser.click("main form [data-submit]").await;
    let text = browser.text(".flash").await;
    assert!(text.contains("and their 40 keys are kept"), "{text}");
}
