//! The plan as a browser shows it.

use crate::browser::Place;
use crate::browser::sound::looks;

/// One meter in calm, one nearly used, one over, one level, one without a limit.
const PLAN: &str = "
insert into meters (slug, label, kind) values
    ('imports', 'Knowledge base imports', 'period'), ('chats', 'Chats', 'period'),
    ('uploads', 'Uploads', 'period'), ('storage', 'Storage in bytes', 'level'),
    ('credits', 'Credits', 'period')
    on conflict (slug) do nothing;
delete from plan_meters;
insert into plan_meters (plan, meter, amount) values
    ('standard', 'imports', 2000), ('standard', 'chats', 800), ('standard', 'uploads', 500),
    ('standard', 'storage', 5000000000);
insert into meter_usage_daily (account_id, workspace_id, meter, day, source, amount)
select 1, workspace, meter, (now() at time zone 'UTC')::date, source, amount
  from (values (1, 'imports', 'api', 312), (0, 'imports', 'app', 40), (1, 'chats', 'app', 650),
               (1, 'uploads', 'api', 520), (1, 'storage', 'app', 1840000000), (1, 'credits', 'api', 9))
    as used (workspace, meter, source, amount);
select add_usage(array[1, 1, 1, 1], array['meter:imports', 'meter:chats', 'meter:uploads', 'meter:storage'],
                 array[352, 650, 520, 1840000000], array[now(), now(), now(), now()]);";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_plan_holds_in_both_themes_and_widths_without_scripts() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    let shows = [
        ("empty", "/account/usage", "Nothing was used yet"),
        ("usage", "/account/usage", "Nearly used: 650 of 800 chats"),
        (
            "keys",
            "/w/default/developers/keys",
            "352 out of 2,000 imports",
        ),
    ];
    browser.without_scripts().await;
    for (name, page, words) in shows {
        if name == "usage" {
            place.fill(PLAN);
        }
        for look in looks(&[1280, 375]) {
            place.look(look).await;
            place.goto(page).await;
            let text = browser.text("main").await;
            assert!(text.contains(words), "{page}: {text}");
            place.sound(&format!("plan-{name}"), look).await;
        }
    }
    browser.driver.clone().quit().await.unwrap();
}
