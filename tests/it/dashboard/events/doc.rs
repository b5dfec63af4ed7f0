//! `docs/audit-events.md`, made from the table of actions and from what the addresses write.

use std::fmt::Write;

use latchkey::domain::audit::Action;
use latchkey::domain::audit::group::Group;

use crate::dashboard::events::also::ALSO;
use crate::dashboard::events::table::TABLE;

const PAGE: &str = "docs/audit-events.md";
const HEAD: &str = include_str!("head.md");

fn text() -> String {
    let mut text = HEAD.trim_end().to_owned();
    for group in Group::all() {
        let head = "| Code | In words | Written by | At times also by |\n|---|---|---|---|";
        write!(text, "\n\n## {}\n\n{head}", group.label()).unwrap();
        for action in Action::all().filter(|action| Group::of(*action) == group) {
            let code = action.code();
            let by = addresses(code, TABLE.iter().map(|(path, codes, _)| (*path, *codes)));
            let also = addresses(code, ALSO.iter().copied());
            let words = action.words();
            write!(text, "\n| `{code}` | {words} | {by} | {also} |").unwrap();
        }
    }
    text.push('\n');
    text
}

/// Those beside which `code` stands.
fn addresses(code: &str, rows: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    rows.filter(|(_, codes)| codes.split(' ').any(|known| known == code))
        .map(|(path, _)| format!("`{}`", path.replace('|', "\\|")))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn the_page_about_events_is_what_the_code_writes() {
    crate::support::pages::assert_page("events", PAGE, &text());
}
