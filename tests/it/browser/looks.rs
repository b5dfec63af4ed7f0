//! Weights, requests and room: what every page may cost and where it must fit.

use crate::browser::Place;
use crate::browser::sound::looks;

/// The widest that a page may be asked to fit, and the narrowest.
const WIDTHS: [u32; 4] = [1280, 640, 375, 320];
/// One page, gzipped: it fits the first window of a connection.
const HTML_GZIP_MAX: usize = 14 * 1024;
const HTML_MAX: usize = 90 * 1024;
const ELEMENTS_MAX: u64 = 1_800;
/// Page, style sheet, script, icons.
const REQUESTS_COLD_MAX: u64 = 4;

const PAGES: [&str; 9] = [
    "/sign-in",
    "/w/default/",
    "/w/default/developers/keys",
    "/w/default/developers/keys/new",
    "/workspaces",
    "/account/usage",
    "/operator/nodes",
    "/operator/catalogue",
    "/no/such/page",
];

/// Fifty keys as a company has them: names, callers and days all their own, half of a month in use.
/// The first has fifty rows in its log.
const FILLED: &str = "
insert into users (id, email, email_folded, name, created_at)
select gen_random_uuid(), 'person' || n || '@acme.example', 'person' || n || '@acme.example',
       (array['Grace Hopper', 'Alan Turing', 'Edsger Dijkstra', 'Barbara Liskov'])[n], now()
  from generate_series(1, 4) n;
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
                      preset_version, created_by, created_at, expires_at, first_used_at,
                      last_used_at, last_used_ip, requests_30d, operation)
select w.account_id, substr(md5('id' || n), 1, 12), w.id, k.name || n, lower(k.name) || n,
       (array['production', 'staging', 'development'])[n % 3 + 1],
       (array['full', 'query', 'index', 'widget', 'routine'])[n % 5 + 1], 1,
       (select id from users order by email limit 1 offset n % 4), now() - n * interval '50 hours',
       now() + n * interval '30 hours', now() - interval '20 days', now() - n * interval '47 minutes',
       ('203.0.113.' || n)::inet, 7000, gen_random_uuid()
  from workspaces w, generate_series(1, 50) n,
       lateral (select (array['Production backend ', 'Support widget of the shop ', 'Nightly import ',
                              'Search on the website ', 'Partner Northwind '])[n % 5 + 1]) k (name);
insert into key_secrets (account_id, key_id, generation, digest, pepper_version, last_four, created_at)
select account_id, id, 1, sha256(id::bytea), 1, substr(md5(id), 1, 4), created_at from api_keys;
insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
select account_id, workspace_id, id, (now() at time zone 'UTC')::date - n,
       (('x' || substr(md5(id || n), 1, 4))::bit(16)::int), n, 0
  from api_keys, generate_series(0, 29) n;
insert into workspace_usage_daily (account_id, workspace_id, day, requests, failed, credits)
select account_id, workspace_id, day, sum(requests), sum(failed), 0 from usage_daily
 group by account_id, workspace_id, day;
insert into log_texts (kind, value, seen_on)
select 1, '/v1/corpora/' || n || '/documents', now() from generate_series(1, 50) n
union all values (2, 'python-requests/2.32', now()), (3, 'Support widget', now());
insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id, credits,
                         duration_us, status, code, method, surface, generation, key_id, request_id, ip)
select now() - n * interval '1 second', account_id, workspace_id, p.id, a.id, t.id, n, n * 1371,
       case when n % 7 = 0 then 404 else 200 end, 0, n % 3 + 1, 3, 1, k.id,
       'req_' || lpad(n::text, 16, '0'), ('2001:db8::' || n)::inet
  from generate_series(1, 50) n
  join log_texts p on p.value = '/v1/corpora/' || n || '/documents'
  join log_texts a on a.kind = 2 join log_texts t on t.kind = 3
  join api_keys k on k.id = substr(md5('id1'), 1, 12);
";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_keeps_its_budget_and_its_width() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    for page in PAGES {
        for width in WIDTHS {
            browser.width(width).await;
            place.goto(page).await;
            place.fits(page, width).await;
        }
        let requests = browser
            .run("1 + performance.getEntriesByType('resource').length")
            .await;
        assert!(
            requests.as_u64().unwrap() <= REQUESTS_COLD_MAX,
            "{page}: {requests} requests"
        );
        // It asks for the page once more.
        weighs_little(&place, page).await;
    }
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn filled_pages_keep_their_budget_and_their_width_too() {
    let place = Place::fresh().await;
    place.set_up().await;
    place.fill(FILLED);
    let list = "/w/default/developers/keys?limit=50&sort=-created";
    place.goto(list).await;
    let row = "tbody th[scope=row] a";
    let href = place.browser.find(row).await.attr("href").await.unwrap();
    let key = href.unwrap();
    let explained = format!("{key}/explain?method=GET&path=%2Fv1%2Fcorpora%2F7");
    let create = "/w/default/developers/keys/new";
    let edit = format!("{key}/edit");
    let logs = "/w/default/developers/logs?range=24h";
    let pages = [
        ("filled-list", list),
        ("filled-key", &key),
        ("filled-edit", &edit),
        ("filled-create", create),
        ("filled-explain", &explained),
        ("filled-logs", logs),
    ];
    for (name, page) in pages {
        place.goto(page).await;
        weighs_little(&place, page).await;
        for look in looks(&[1280, 768, 375]) {
            place.look(look).await;
            place.sound(name, look).await;
        }
    }
    for (page, rows) in [
        (list, "tbody tr[role=row]"),
        (&key, "#requests tbody tr"),
        (logs, ".log-table tbody tr"),
    ] {
        place.goto(page).await;
        let count = format!("document.querySelectorAll('{rows}').length");
        assert_eq!(place.browser.run(&count).await, 50, "{page}");
    }
    place.browser.driver.clone().quit().await.unwrap();
}

/// As the server sends it, and as the browser has it before anybody touches it.
async fn weighs_little(place: &Place, page: &str) {
    let browser = &place.browser;
    let sent = "fetch(location.href).then((answer) => answer.text())";
    let html = browser.run(sent).await;
    let html = html.as_str().unwrap();
    let gzip = gzipped(html.as_bytes());
    let elements = browser.run("document.querySelectorAll('*').length").await;
    let elements = elements.as_u64().unwrap();
    assert!(html.len() <= HTML_MAX, "{page}: {} bytes", html.len());
    assert!(gzip <= HTML_GZIP_MAX, "{page}: {gzip} bytes gzipped");
    assert!(elements <= ELEMENTS_MAX, "{page}: {elements} elements");
}

fn gzipped(bytes: &[u8]) -> usize {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}
