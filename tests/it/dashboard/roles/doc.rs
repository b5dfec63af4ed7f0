//! `docs/roles.md`, made from the tables that the console enforces.
//!
//! `LATCHKEY_WRITE_DOCS=1 cargo test roles` writes it anew.

use std::fmt::Write;

use latchkey::dashboard::addresses;
use latchkey::dashboard::door::Door;
use latchkey::domain::right::Held;
use latchkey::domain::right::Reach;
use latchkey::domain::right::Right;

const PAGE: &str = "docs/roles.md";
const HEAD: &str = include_str!("head.md");

fn text() -> String {
    let mut text = HEAD.to_owned();
    let heads = [
        "## In a workspace\n\n| Right | Admin | Developer | Viewer |\n|---|---|---|---|\n",
        "\n## In the account\n\n| Right | Owner | Admin | Member |\n|---|---|---|---|\n",
        "\n## At the operator\n\n| Right | Operator | Support lead | Support |\n|---|---|---|---|\n",
    ];
    for (place, head) in heads.into_iter().enumerate() {
        text.push_str(head);
        for right in Right::all() {
            let (of, reach) = match right.held() {
                Held::InWorkspace(reach) => (0, reach.to_vec()),
                Held::InAccount(reach) => (1, reach.to_vec()),
                Held::AtOperator(reach) => (2, reach.to_vec()),
            };
            if of == place {
                row(&mut text, right, &reach);
            }
        }
    }
    text.push_str("\n## What each address takes\n\n| Address | Method | Right |\n|---|---|---|\n");
    for address in addresses() {
        let takes = match address.door {
            Door::Anybody => "–",
            Door::SignedIn => "a session",
            Door::Workspace(right)
            | Door::Account(right)
            | Door::Staff(right)
            | Door::Support(right) => right.doing(),
        };
        let path = address.path.replace('|', "\\|");
        writeln!(text, "| `{path}` | {} | {takes} |", address.method).unwrap();
    }
    text
}

fn row(text: &mut String, right: Right, reach: &[Reach]) {
    write!(text, "| {} |", right.doing()).unwrap();
    for reach in reach {
        let word = match reach {
            Reach::Nothing => "–",
            Reach::Own => "own keys",
            Reach::All => "yes",
        };
        write!(text, " {word} |").unwrap();
    }
    text.push('\n');
}

#[test]
fn the_page_about_roles_is_what_the_code_enforces() {
    crate::support::pages::assert_page("roles", PAGE, &text());
}
