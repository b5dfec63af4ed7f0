//! Every address of the console that changes something writes its kind of event into the audit log,
//! and no other: the URL table says which addresses there are.

mod deeds;
mod doc;
mod table;

use std::collections::BTreeSet;

use latchkey::dashboard::addresses;
use latchkey::domain::audit::Action;
use latchkey::domain::role::StaffRole;
use scraper::Html;
use scraper::Selector;

use crate::dashboard::events::deeds::DEEDS;
use crate::dashboard::events::deeds::Deed;
use crate::dashboard::events::table::Proof;
use crate::dashboard::events::table::TABLE;
use crate::dashboard::keys::House;
use crate::dashboard::operator::staff;
use crate::support::callers::Caller;
use crate::support::html::Page;
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

#[tokio::test]
async fn each_address_writes_its_kind_of_event_and_no_other() {
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
        let last = house.number("select coalesce(max(id), 0) from audit_log");
        let page = carry_out(caller, &path, deed).await;
        let written = text(
            &house.app.db,
            &format!(
                "select coalesce(string_agg(distinct action, ' ' order by action), '') as line
                   from audit_log where id > {last}"
            ),
        );
        if written != *expected {
            let told = page.texts(".field-error, .error-list, h1").join(" | ");
            wrong.push(format!(
                "{path}: {written:?}, not {expected:?} ({} {told})",
                page.status
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn filled(path: &str, subject: &str) -> String {
    let mut filled = path.replace("{w}", "default");
    while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
        filled.replace_range(from..=to, subject);
    }
    filled
}

/// Opens the page of the form, fills it in, and sends it.
async fn carry_out(caller: &Caller, path: &str, deed: &Deed) -> Page {
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
