//! The plan on the key list and on its own page.

use std::collections::BTreeMap;

use latchkey::db::limits;
use latchkey::db::meter_usage;
use latchkey::db::meter_usage::MeterDay;
use latchkey::domain::account::AccountId;
use latchkey::domain::account::WorkspaceId;
use latchkey::domain::clock::Clock;
use latchkey::domain::lease::Subject;
use latchkey::domain::lease::Usage;
use latchkey::domain::meter::MeterSource;
use latchkey::domain::role::WorkspaceRole;

use crate::support::app::TestApp;
use crate::support::html::Page;
use crate::support::queries;

const PLAN: &str = "
    insert into meters (slug, label, kind) values
        ('imports', 'Knowledge base imports', 'period'), ('chats', 'Chats', 'period'),
        ('storage', 'Storage in bytes', 'level')
        on conflict (slug) do nothing;
    delete from plan_meters;
    insert into plan_meters (plan, meter, amount) values
        ('standard', 'imports', 2000), ('standard', 'storage', 500);
    update plans set per_second = 50, per_minute = null";

const KEYS: &str = "/w/default/developers/keys";

/// As the worker and the shipper do, in the month of the test's clock.
fn used(
    app: &TestApp,
    (account, workspace): (AccountId, WorkspaceId),
    source: MeterSource,
    (meter, amount): (&'static str, i64),
) {
    let (mut conn, now) = (app.db.connection(), app.clock.now());
    let day = MeterDay {
        account,
        meter: meter.into(),
        day: now.date_naive(),
        workspace,
    };
    meter_usage::add(&mut conn, source, &BTreeMap::from([(day, amount)])).unwrap();
    let usage = Usage {
        account,
        subject: Subject::Meter(meter.into()),
        amount,
        at: now,
    };
    limits::add(&mut conn, &[usage], Some(now)).unwrap();
}

fn words(page: &Page, meter: &str) -> String {
    page.one(&format!(".plan-card [data-meter={meter}] .meter-words"))
}

#[tokio::test]
async fn the_card_says_how_much_of_the_plan_the_whole_company_used() {
    let app = TestApp::spawn();
    app.db.execute(PLAN);
    let owner = app.owner("acme").await;
    let page = owner.get(KEYS).await;
    assert_eq!(words(&page, "imports"), "0 out of 2,000 imports");
    assert_eq!(words(&page, "storage"), "0 B out of 500 B storage");
    assert!(!page.has(".plan-card .meter-fill"));
    assert_eq!(
        page.one(".plan-card .plan-scope"),
        "Counts all workspaces in acme Ltd. Resets 1 Dec 2026."
    );
    assert_eq!(page.attribute(".plan-card a", "href"), "/account/usage");
    assert!(
        page.texts(".keys-usage")
            .concat()
            .contains("This workspace only")
    );

    let (account, first) = (AccountId(1), WorkspaceId(1));
    let staging = app.workspace(account, "staging");
    used(
        &app,
        (account, staging),
        MeterSource::App,
        ("imports", 1_000),
    );
    used(&app, (account, first), MeterSource::Api, ("imports", 640));
    let page = owner.get(KEYS).await;
    assert_eq!(
        words(&page, "imports"),
        "Nearly used: 1,640 of 2,000 imports"
    );
    assert!(page.has(".plan-card .meter-words.meter-expiring .icon"));

    used(&app, (account, first), MeterSource::App, ("imports", 500));
    let page = owner.get(KEYS).await;
    assert_eq!(
        words(&page, "imports"),
        "Limit reached: imports are refused until 1 Dec 2026"
    );
    let line = page.one(".plan-card [data-meter=imports]");
    assert!(line.ends_with("2,140 of 2,000 imports"), "{line}");
    assert!(page.has(".plan-card .meter-words.meter-limited .icon"));
}

#[tokio::test]
async fn a_plan_without_a_limit_says_so_and_one_that_counts_nothing_says_nothing() {
    let app = TestApp::spawn();
    app.db.execute(PLAN);
    app.db.execute("delete from plan_meters");
    let owner = app.owner("acme").await;
    let place = (AccountId(1), WorkspaceId(1));
    used(&app, place, MeterSource::Api, ("imports", 7));
    let page = owner.get(KEYS).await;
    assert_eq!(words(&page, "imports"), "7 imports, unlimited");
    assert!(!page.has(".plan-card .meter-bar"));
    app.db.execute("delete from meters");
    assert!(!owner.get(KEYS).await.has(".plan-card"));
    assert_eq!(
        owner.get("/account/usage").await.one(".empty h2"),
        "Nothing is counted"
    );
}

#[tokio::test]
async fn the_page_tells_what_is_left_and_where_it_went() {
    let app = TestApp::spawn();
    app.db.execute(PLAN);
    let owner = app.owner("acme").await;
    let stranger = app.account("other");
    let (account, first) = (AccountId(1), WorkspaceId(1));
    let staging = app.workspace(account, "staging");
    used(&app, (account, first), MeterSource::Api, ("imports", 30));
    used(&app, (account, first), MeterSource::App, ("imports", 5));
    used(&app, (account, staging), MeterSource::Api, ("imports", 4));
    used(
        &app,
        (account, WorkspaceId(0)),
        MeterSource::App,
        ("imports", 2),
    );
    used(&app, (account, first), MeterSource::App, ("storage", 387));
    let elsewhere = (stranger.account, stranger.workspace);
    used(&app, elsewhere, MeterSource::Api, ("imports", 999));
    let page = owner.get("/account/usage").await;
    assert_eq!(page.one("#plan-title"), "Standard plan");
    assert_eq!(page.texts("main dl dd"), ["50", "Unlimited"]);
    let cell = |meter: &str, column: &str| {
        page.one(&format!("tr[data-meter={meter}] [data-column={column}]"))
    };
    let row = |meter: &str| ["used", "limit", "left", "resets"].map(|column| cell(meter, column));
    assert_eq!(row("imports"), ["41", "2,000", "1,959", "1 Dec 2026"]);
    assert_eq!(cell("imports", "pace"), "Lasts the month");
    assert_eq!(cell("storage", "pace"), "");
    assert_eq!(row("storage")[..3], ["387 B", "500 B", "113 B"]);
    assert_eq!(row("chats")[..3], ["0", "Unlimited", "Unlimited"]);
    let places = page.texts("[data-places=imports] tbody tr:not(.total)");
    assert_eq!(
        places,
        [
            "Default 30 5 35 85.4%",
            "staging 4 0 4 9.8%",
            "No workspace 0 2 2 4.9%"
        ]
        .map(spaced)
    );
    assert_eq!(page.one("[data-places=imports] [data-column=total]"), "41");
    assert!(!page.has("[data-places=chats]"));
    assert!(page.has("nav a[aria-current=page][href='/account/usage']"));

    // Nodes have set some aside.
    let usage = Usage {
        account,
        subject: Subject::Meter("imports".into()),
        amount: 3,
        at: app.clock.now(),
    };
    limits::add(&mut app.db.connection(), &[usage], Some(app.clock.now())).unwrap();
    let page = owner.get("/account/usage").await;
    assert_eq!(
        page.one("[data-places=imports] [data-column=set-aside]"),
        "3"
    );

    // A month later it all begins anew, but for the level.
    app.clock.advance(std::time::Duration::from_hours(10 * 24));
    let owner = app.visitor();
    owner.sign_in("acme", "owner@acme.example").await;
    let page = owner.get("/account/usage").await;
    let used = |meter: &str| page.one(&format!("tr[data-meter={meter}] [data-column=used]"));
    assert_eq!(
        (used("imports").as_str(), used("storage").as_str()),
        ("0", "387 B")
    );
}

/// Cells stand side by side without a space between.
fn spaced(cells: &str) -> String {
    let (name, numbers) = cells.split_at(cells.find(|c: char| c.is_ascii_digit()).unwrap_or(0));
    format!("{}{}", name.trim_end(), numbers.replace(' ', ""))
}

#[tokio::test]
async fn members_are_told_whose_the_plan_is_and_whom_to_ask() {
    let app = TestApp::spawn();
    app.db.execute(PLAN);
    let account = app.account("acme");
    let email = "dev@acme.example";
    let role = WorkspaceRole::Admin;
    app.member(account.account, account.workspace, email, role);
    let member = app.visitor();
    member.sign_in("acme", email).await;
    let page = member.get("/account/usage").await;
    assert_eq!(page.status, 403);
    let told = page.one("main");
    assert!(
        told.contains("takes the role owner or admin of acme Ltd"),
        "{told}"
    );
    assert!(told.contains("Ada Byron (owner@acme.example)"), "{told}");
    let list = member.get(KEYS).await;
    assert_eq!(words(&list, "imports"), "0 out of 2,000 imports");
    assert!(!list.has("a[href='/account/usage']"));
    assert_eq!(app.visitor().get("/account/usage").await.status, 303);
}

#[tokio::test]
async fn the_page_asks_the_database_no_more_for_many_workspaces() {
    queries::watch();
    let app = TestApp::spawn();
    app.db.execute(PLAN);
    let owner = app.owner("acme").await;
    let account = AccountId(1);
    let mut taken = Vec::new();
    for workspaces in [1, 60] {
        for number in 0..workspaces {
            let workspace = app.workspace(account, &format!("w{workspaces}-{number}"));
            used(
                &app,
                (account, workspace),
                MeterSource::Api,
                ("imports", number + 1),
            );
        }
        queries::take(&app.db.url());
        let page = owner.get("/account/usage").await;
        let asked = queries::take(&app.db.url());
        assert!(asked.len() <= 6, "{asked:#?}");
        taken.push(asked.len());
        if workspaces == 60 {
            let rows = page.texts("[data-places=imports] tbody tr:not(.total) th");
            assert_eq!((rows.len(), rows[50].as_str()), (51, "11 other workspaces"));
        }
    }
    assert_eq!(taken[0], taken[1]);
}
