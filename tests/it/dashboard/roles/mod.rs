//! Every address of the console asked for by every role, about their own, another account's and
//! nobody's: the URL table itself says what to ask and what must come of it.

mod cast;
mod doc;
mod expected;
mod subject;

use latchkey::dashboard::addresses;
use latchkey::dashboard::url_table::Row;

use crate::dashboard::roles::cast::Cast;
use crate::dashboard::roles::cast::Person;
use crate::dashboard::roles::expected::Verdict;
use crate::dashboard::roles::expected::verdict;
use crate::dashboard::roles::subject::Subject;
use crate::support::html::Page;

/// What the address is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The asker's own.
    Own,
    /// Another person's of the same workspace.
    Colleagues,
    /// Another account's.
    Foreign,
    /// Nobody's.
    Unknown,
}

async fn ask(row: &Row, person: &Person, subject: &Subject) -> Page {
    let path = subject.fill(row.path);
    if row.method == "GET" {
        return person.caller.get(&path).await;
    }
    let csrf = person.csrf.as_deref().unwrap_or_default();
    let mut fields = vec![("csrf", csrf)];
    fields.extend(Subject::fields(row.path));
    person.caller.post(&path, &fields).await
}

#[tokio::test]
async fn each_address_lets_in_whom_the_table_says_and_nobody_else() {
    let mut cast = Cast::assemble().await;
    let mut asked = 0;
    for row in addresses() {
        for index in 0..cast.people.len() {
            for whose in [Whose::Own, Whose::Colleagues] {
                let subject = cast.subject(row.path, whose, index);
                if whose == Whose::Colleagues && !Subject::is_about_a_key(row.path) {
                    continue;
                }
                let person = &cast.people[index];
                let page = ask(&row, person, &subject).await;
                let what = format!(
                    "{} {} by {} about {whose:?}: {}",
                    row.method, row.path, person.name, page.status
                );
                verdict(&row, person, whose).assert_fits(&page, &what);
                asked += 1;
                if row.method == "POST" {
                    cast.recover(index).await;
                }
            }
        }
    }
    assert!(asked > 500, "{asked}");
}

#[tokio::test]
async fn what_is_foreign_looks_as_if_it_did_not_exist() {
    let cast = Cast::assemble().await;
    let rows = addresses().into_iter();
    for row in rows.filter(|row| Subject::is_about_one(row.path)) {
        for index in 0..cast.people.len() {
            let foreign = ask(
                &row,
                &cast.people[index],
                &cast.subject(row.path, Whose::Foreign, index),
            )
            .await;
            let unknown = ask(
                &row,
                &cast.people[index],
                &cast.subject(row.path, Whose::Unknown, index),
            )
            .await;
            let person = &cast.people[index];
            if verdict(&row, person, Whose::Own) != Verdict::LetIn {
                continue;
            }
            let what = format!("{} {} by {}", row.method, row.path, person.name);
            assert_eq!(foreign.status, 404, "{what}");
            assert_eq!(
                foreign.without_reference(),
                unknown.without_reference(),
                "{what}"
            );
        }
    }
}
