//! Every address of the console that changes something writes its kind of event into the audit log,
//! and no other: the URL table says which addresses there are.

mod also;
mod deeds;
mod doc;
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use latchkey::dashboard::addresses;
use latchkey::domain::audit::Action;
use latchkey::domain::role::StaffRole;
use scraper::Html;
use scraper::Selector;

use crate::dashboard::events::also::ALSO;
use crate::dashboard::events::deeds::DEEDS;
use crate::dashboard::events::deeds::Deed;
use crate::dashboard::events::table::Proof;
use crate::dashboard::events::table::TABLE;
use crate::dashboard::keys::House;
use crate::dashboard::operator::staff;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::rows::text;

#[test]
fn the_table_has_each_address_that_changes_something_and_each_event_is_an_action() {
    let posts = addresses().into_iter().filter(|row| row.method == "POST");
    let posts: BTreeSet<&str> = posts.map(|row| row.path).collect();
    let told: BTreeSet<&str> = TABLE.iter().map(|(path, ..)| *path).collect();
    assert_eq!(posts, told);
    for (path, events, _) in TABLE {
        for event in events.split_whitespace() {
            assert!(Action::from_code(event).is_some(), "{path}: {event}");
        }
    }
    let walked: BTreeSet<&str> = DEEDS.iter().map(|deed| deed.path).collect();
    let to_walk = TABLE.iter().filter(|(.., proof)| *proof == Proof::Walked);
    let to_walk: BTreeSet<&str> = to_walk.map(|(path, ..)| *path).collect();
    assert_eq!(walked, to_walk);
}

#[test]
fn what_comes_along_is_an_action_of_an_address_and_not_one_that_it_always_writes() {
    for (path, also) in ALSO {
        let row = TABLE.iter().find(|(known, ..)| known == path);
        let (_, events, _) = row.unwrap_or_else(|| panic!("no address {path}"));
        for event in also.split(' ') {
            assert!(Action::from_code(event).is_some(), "{path}: {event}");
            assert!(events.split(' ').all(|known| known != event), "{path}");
        }
    }
}

#[test]
fn what_is_not_walked_is_proven_by_tests_that_there_are_and_that_name_each_event() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for (path, events, proof) in TABLE {
        let Proof::By(module) = proof else { continue };
        let file = tests.join(format!("{}.rs", module.replace("::", "/")));
        let source = std::fs::read_to_string(file);
        let source = source.unwrap_or_else(|error| panic!("{path}, {module}: {error}"));
        for event in events.split(' ') {
            assert!(source.contains(event), "{path}: {event} is not in {module}");
        }
    }
}

#[tokio::test]
async fn each_address_writes_its_kind_of_event_and_no_other() {
    let (wrong, _) = walk(&[]).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A6: what a form does not have is not taken from it, whatever it is called in the database.
const SMUGGLED: &[(&str, &str)] = &[
    ("account", "acc_000000000001"),
    ("account_id", "1"),
    ("admin", "true"),
    ("created_by", "00000000-0000-4000-8000-000000000001"),
    ("customer_id", "another"),
    ("disabled_at", ""),
    ("email", "mallory@acme.example"),
    ("email_folded", "mallory@acme.example"),
    ("id", "000000000000"),
    ("is_staff", "true"),
    ("key_id", "000000000000"),
    ("limit", "1000000"),
    ("max_uses", "1000000"),
    ("owner", "00000000-0000-4000-8000-000000000001"),
    ("owner_id", "00000000-0000-4000-8000-000000000001"),
    ("permissions", "console:*"),
    ("plan", "unlimited"),
    ("preset", "full"),
    ("public_id", "acc_000000000001"),
    ("quota", "1000000"),
    ("requests_30d", "0"),
    ("revoked_at", ""),
    ("role", "owner"),
    ("service", "true"),
    ("staff_role", "operator"),
    ("suspended", "false"),
    ("user_id", "00000000-0000-4000-8000-000000000001"),
    ("workspace_id", "1"),
];

/// Who may do what, and whose is what, in words that do not change from run to run.
const RIGHTS: &str = "
    select string_agg(line, E'\n' order by line) as line from (
        select concat_ws(' ', 'account', domain, customer_id, plan, suspended_at is null) as line
          from accounts
        union all
        select concat_ws(' ', 'member', a.domain, u.email, m.role)
          from memberships m join accounts a on a.id = m.account_id join users u on u.id = m.user_id
        union all
        select concat_ws(' ', 'here', w.slug, u.email, m.role) from workspace_memberships m
          join workspaces w on w.id = m.workspace_id join users u on u.id = m.user_id
        union all
        select concat_ws(' ', 'staff', u.email, g.role) from staff_grants g
          join users u on u.id = g.user_id
        union all
        select concat_ws(' ', 'key', a.domain, w.slug, k.name, k.preset, k.permissions, k.service,
                o.email, k.expires_at is null, k.disabled_at is null, k.revoked_at is null)
          from api_keys k join accounts a on a.id = k.account_id
          join workspaces w on w.id = k.workspace_id left join users o on o.id = k.owner_id
        union all
        select concat_ws(' ', 'person', email, disabled_at is null) from users
    ) lines";

#[tokio::test]
async fn fields_that_a_form_does_not_have_change_nothing() {
    let (plain, smuggled) = tokio::join!(walk(&[]), walk(SMUGGLED));
    assert_eq!(smuggled.0, Vec::<String>::new());
    assert_eq!(smuggled.1, plain.1);
}

/// Does all that is to be walked, each form with `more` that it does not have: what wrote other
/// events than the table says, and the rights that there are in the end.
async fn walk(more: &[(&'static str, &'static str)]) -> (Vec<String>, String) {
    let house = House::new().await;
    let operator = staff(&house.app, StaffRole::Operator).await;
    let mut wrong = Vec::new();
    for deed in DEEDS {
        let (_, expected, _) = TABLE.iter().find(|(path, ..)| *path == deed.path).unwrap();
        if !deed.before.is_empty() {
            house.execute(deed.before);
        }
        let subject = match deed.subject {
            "" => String::new(),
            sql => text(&house.app.db, sql),
        };
        let path = filled(deed.path, &subject);
        let caller = if deed.path.starts_with("/operator") {
            &operator
        } else {
            &house.owner
        };
        let last = last_noted(&house.app.db);
        let page = carry_out(caller, &path, (deed, more)).await;
        let written = noted_after(&house.app.db, last);
        if written != *expected {
            let told = page.texts(".field-error, .error-list, h1").join(" | ");
            wrong.push(format!(
                "{path}: {written:?}, not {expected:?} ({} {told})",
                page.status
            ));
        }
    }
    (wrong, text(&house.app.db, RIGHTS))
}

fn filled(path: &str, subject: &str) -> String {
    let mut filled = path.replace("{w}", "default");
    while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
        filled.replace_range(from..=to, subject);
    }
    filled
}

/// Opens the page of the form, fills it in, and sends it.
async fn carry_out(
    caller: &Caller,
    path: &str,
    (deed, more): (&Deed, &[(&'static str, &'static str)]),
) -> Page {
    let page = caller.get(path).await;
    let mut fields = if page.status == 200 {
        fields_of(&page)
    } else {
        // An address without a page of its own: any page has the token.
        fields_of(&caller.get("/me/profile").await)
            .into_iter()
            .filter(|(name, _)| name == "csrf")
            .collect()
    };
    fields.retain(|(name, _)| deed.fields.iter().all(|(known, _)| known != name));
    let given = deed.fields.iter();
    fields.extend(given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    for (name, value) in more {
        if fields.iter().all(|(known, _)| known != name) {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    caller.post(path, &fields).await
}

/// What the main form would send as it is.
fn fields_of(page: &Page) -> Vec<(String, String)> {
    let html = Html::parse_document(&page.text);
    let controls = Selector::parse("main form[method=post] :is(input, textarea, option)").unwrap();
    let mut fields = Vec::new();
    for control in html.select(&controls) {
        let value = control.value();
        let (name, is_set) = if value.name() == "option" {
            let select = control.ancestors().find_map(scraper::ElementRef::wrap);
            let name = select.and_then(|select| select.value().attr("name"));
            (name, value.attr("selected").is_some())
        } else {
            let choice = matches!(value.attr("type"), Some("radio" | "checkbox"));
            let is_set = !choice || value.attr("checked").is_some();
            (value.attr("name"), is_set)
        };
        let text = if value.name() == "textarea" {
            control.text().collect()
        } else {
            value.attr("value").unwrap_or_default().to_owned()
        };
        if let Some(name) = name.filter(|_| is_set) {
            fields.push((name.to_owned(), text));
        }
    }
    fields
}
