//! Every page of a key's life as a browser shows it.

use crate::browser::Place;
use crate::browser::sound::looks;

const KEYS: &str = "/w/default/developers/keys";
/// 200 % of a laptop's screen, and the narrowest that anything is asked to fit.
const ZOOMED: [u32; 2] = [640, 320];

/// One key in every state, one of them with a name of 200 letters; two weeks of requests.
pub const STATE: &str = "
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                      preset_version, created_by, created_at, expires_at, disabled_at, revoked_at,
                      first_used_at, last_used_at, last_used_ip, requests_30d, operation)
select w.account_id, k.id, w.id, k.name, lower(k.name), 'production', k.preset, 1, u.id,
       now() - interval '100 days', now() + k.ends, now() - k.disabled, now() - k.revoked,
       now() - interval '90 days' - k.used, now() - k.used, '2001:db8:85a3:8d3:1319:8a2e:370:7348',
       7000, gen_random_uuid()
  from workspaces w, users u, (values
    ('aaaaaaaaaaaa', left(repeat('Interminable backend of the north ', 6), 199) || 'x', 'full',
     null::interval, null::interval, null::interval, interval '3 minutes'),
    ('bbbbbbbbbbbb', repeat('Unbroken', 25), 'widget', interval '3 days', null, null, interval '2 hours'),
    ('cccccccccccc', 'Off', 'query', null, interval '1 day', null, interval '100 days'),
    ('dddddddddddd', 'Over', 'query', null, null, interval '1 day', interval '2 days'),
    ('eeeeeeeeeeee', 'Ended', 'query', interval '-1 day', null, null, null),
    ('ffffffffffff', 'Turning', 'full', null, null, null, interval '1 minute'),
    ('gggggggggggg', 'Unused', 'index', null, null, null, null)
  ) as k (id, name, preset, ends, disabled, revoked, used);
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four,
                         created_at, retires_at, last_used_at)
select account_id, id, 1, sha256(id::bytea), 1, 'c91d', created_at,
       case name when 'Turning' then now() + interval '5 hours' end, last_used_at from api_keys
union all
select account_id, id, 2, sha256((id || '2')::bytea), 1, 'd02e', now() - interval '19 hours', null,
       last_used_at from api_keys where name = 'Turning';
insert into key_limits (account_id, key_id, total, daily, weekly, monthly)
select account_id, id, 9007199254740991, 1, 2000000, 40 from api_keys where id = 'aaaaaaaaaaaa';
insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
select account_id, workspace_id, id, (now() at time zone 'UTC')::date - n, 20 * n + 7, 3 * n, 0
  from api_keys, generate_series(0, 14) n where last_used_at is not null;
insert into workspace_usage_daily (account_id, workspace_id, day, requests, failed, credits)
select account_id, workspace_id, day, sum(requests), sum(failed), 0 from usage_daily
 group by account_id, workspace_id, day;
";

/// What each is called, its address, and a text of its own.
const PAGES: [(&str, &str, &str); 18] = [
    ("list", "?view=all", "API keys"),
    ("key", "/aaaaaaaaaaaa", "Interminable backend"),
    ("key-rotating", "/ffffffffffff", "Turning"),
    ("create", "/new", "Create a key"),
    ("edit", "/aaaaaaaaaaaa/edit", "Edit"),
    ("rotate", "/aaaaaaaaaaaa/rotate", "Rotate"),
    ("rotate-again", "/ffffffffffff/rotate", "Rotate"),
    ("disable", "/bbbbbbbbbbbb/disable", "Disable"),
    ("revoke", "/bbbbbbbbbbbb/revoke", "Revoke"),
    ("delete", "/gggggggggggg/delete", "Delete Unused"),
    ("delete-used", "/aaaaaaaaaaaa/delete", "Interminable"),
    ("explain", "/aaaaaaaaaaaa/explain", "Interminable"),
    (
        "explained",
        "/bbbbbbbbbbbb/explain?method=GET&path=%2Fv1%2Fcorpora%2F7",
        "Unbroken",
    ),
    ("revoked", "/dddddddddddd/revoke", "Over is already revoked"),
    (
        "bulk-disable",
        "/disable?key=aaaaaaaaaaaa&key=bbbbbbbbbbbb&key=cccccccccccc&key=eeeeeeeeeeee",
        "Disable",
    ),
    (
        "bulk-revoke",
        "/revoke?key=aaaaaaaaaaaa&key=bbbbbbbbbbbb&key=cccccccccccc&key=dddddddddddd",
        "Revoke",
    ),
    ("policy", "/../../settings/key-policy", "Key policy"),
    ("catalogue", "/../../../../operator/catalogue", "Catalogue"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_of_a_key_holds_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(STATE);
    let browser = &place.browser;
    browser.without_scripts().await;
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        for (name, path, words) in PAGES {
            place.goto(&format!("{KEYS}{path}")).await;
            let heading = browser.text("h1").await;
            assert!(heading.contains(words), "{name}: {heading}");
            place.sound(name, look).await;
        }
    }
    for (name, path, _) in PAGES {
        place.goto(&format!("{KEYS}{path}")).await;
        for width in ZOOMED {
            browser.width(width).await;
            place.fits(name, width).await;
        }
    }
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_secret_shown_once_holds_in_both_themes_and_widths() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    place.goto(&format!("{KEYS}/new")).await;
    let long = "Interminable".repeat(16);
    browser.fill("#name", &long).await;
    browser.click("[name=scope][value=full]").await;
    browser.click("main form [data-submit]").await;
    let secret = browser.text("#secret").await;
    holds(&place, "reveal").await;
    assert_eq!(place.call(("x-api-key", &secret)).await.0, 200);

    place
        .goto(&format!("{KEYS}/{}/rotate", &secret[3..15]))
        .await;
    browser.click("main form [data-submit]").await;
    assert_ne!(browser.text("#secret").await, secret);
    holds(&place, "reveal-rotated").await;
    browser.driver.clone().quit().await.unwrap();
}

async fn holds(place: &Place, name: &str) {
    for look in looks(&[1280, 375]) {
        place.look(look).await;
        place.sound(name, look).await;
    }
    for width in ZOOMED {
        place.browser.width(width).await;
        place.fits(name, width).await;
    }
    place.browser.width(1280).await;
}

/// The colour that the reader's system writes in.
const INK: &str = "(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'CanvasText';
    const ink = getComputedStyle(probe).color;
    probe.remove();
    return ink;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn badges_bars_and_focus_stay_in_forced_colours() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(STATE);
    let browser = &place.browser;
    browser.forced_colours().await;
    place.goto(&format!("{KEYS}?view=all")).await;
    let forced = "matchMedia('(forced-colors: active)').matches";
    assert_eq!(browser.run(forced).await, true);
    let ink = browser.run(INK).await;
    let style = async |css: &str, property: &str| {
        let script = format!(
            "[...new Set([...document.querySelectorAll({css:?})].map(
                (each) => getComputedStyle(each)[{property:?}]))]"
        );
        browser.run(&script).await
    };
    for (css, property) in [
        (".badge", "borderTopColor"),
        (".badge", "color"),
        (".badge .icon", "stroke"),
        (".tag", "borderTopColor"),
        (".chart-plot .chart-ok rect:not(.chart-today)", "fill"),
        (".spark", "fill"),
    ] {
        let found = style(css, property).await;
        assert_eq!(found, serde_json::json!([ink]), "{property} of {css}");
    }
    let widths = style(".badge, .tag", "borderTopWidth").await;
    assert_eq!(widths, serde_json::json!(["1px"]));
    // Whatever the keyboard comes by first.
    for _ in 0..20 {
        browser.press(thirtyfour::Key::Tab).await;
        let ring = browser
            .run(
                "(() => { const style = getComputedStyle(document.activeElement); \
                 return style.outlineStyle + ' ' + style.outlineWidth; })()",
            )
            .await;
        assert_eq!(ring, "solid 2px");
    }
    browser.driver.clone().quit().await.unwrap();
}

/// The name that a reader of the screen hears of what has the focus.
const FOCUSED: &str = "document.activeElement.ariaLabel";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_one_menu_of_the_list_fits_itself_to_each_row() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(STATE);
    let browser = &place.browser;
    // So tall that each menu opens downwards and leaves the rows above in reach.
    browser.size(1280, 2_000).await;
    place.goto(&format!("{KEYS}?view=all")).await;
    let items = "[...document.querySelectorAll('#row-menu .menu-item')]
        .filter((item) => item.checkVisibility()).map((item) => item.textContent).join(' ')";
    let plain = "View details View requests Copy key ID";
    for (name, more) in [
        ("Unused", " Edit Create similar Rotate… Disable… Revoke…"),
        ("Off", " Edit Create similar Enable Revoke…"),
        ("Over", " Create similar"),
        ("Turning", " Edit Create similar Rotate… Disable… Revoke…"),
    ] {
        // The menu of the row before is still open.
        let button = format!("button[aria-label='Actions for {name}']");
        browser.click(&button).await;
        browser.find("#row-menu:popover-open").await;
        assert_eq!(browser.run(items).await, format!("{plain}{more}"), "{name}");
    }
    browser.press(thirtyfour::Key::Escape).await;
    assert_eq!(browser.run(FOCUSED).await, "Actions for Turning");
    browser.press(thirtyfour::Key::Enter).await;
    browser
        .click("#row-menu a[href$='/ffffffffffff/disable']")
        .await;
    browser.find("dialog[open] #dialog-title").await;
    browser.click("dialog[open] [data-dialog-close]").await;
    assert_eq!(browser.run(FOCUSED).await, "Actions for Turning");

    browser.click("button[aria-label='Actions for Off']").await;
    browser
        .click("#row-menu form[action$='/cccccccccccc/enable'] button")
        .await;
    browser.wait_for_text(".flash", "Off is enabled").await;
    browser.driver.clone().quit().await.unwrap();
}
