//! Which room may import which. A circle never comes undone by itself, so none may begin.

use super::read;
use super::root;
use super::rust_files;

/// A room and the rooms it may import, beside itself. As `src/lib.rs` says in words.
const TABLE: [(&str, &[&str]); 16] = [
    ("domain", &[]),
    ("config", &["domain"]),
    ("crypto", &["domain"]),
    ("telemetry", &["config"]),
    ("mail", &["domain", "config"]),
    ("postgres", &["config"]),
    ("db", &["domain", "config", "crypto"]),
    ("spool", &["domain", "config"]),
    ("verify", &["domain", "crypto", "config"]),
    (
        "workers",
        &[
            "domain", "config", "crypto", "mail", "db", "verify", "spool",
        ],
    ),
    ("oidc", &["domain", "config"]),
    ("http", &["domain", "config"]),
    (
        "edge",
        &["domain", "config", "crypto", "verify", "spool", "http"],
    ),
    (
        "dashboard",
        &["domain", "config", "crypto", "mail", "db", "oidc", "http"],
    ),
    ("app", &BELOW_APP),
    ("cli", &ALL),
];

const BELOW_APP: [&str; 14] = [
    "domain",
    "config",
    "crypto",
    "telemetry",
    "mail",
    "postgres",
    "db",
    "spool",
    "verify",
    "workers",
    "oidc",
    "http",
    "edge",
    "dashboard",
];
const ALL: [&str; 15] = [
    "domain",
    "config",
    "crypto",
    "telemetry",
    "mail",
    "postgres",
    "db",
    "spool",
    "verify",
    "workers",
    "oidc",
    "http",
    "edge",
    "dashboard",
    "app",
];

#[test]
fn no_room_imports_what_it_must_not() {
    let crossed = crossings(rust_files("src").map(|path| {
        let name = path
            .strip_prefix(root().join("src"))
            .unwrap()
            .display()
            .to_string();
        (name, read(&path))
    }));
    assert!(crossed.is_empty(), "{}", crossed.join("\n"));
}

#[test]
fn a_planted_import_is_found() {
    let planted = (
        "db/api_keys.rs".to_owned(),
        "use crate::dashboard::page;\n".to_owned(),
    );
    let found = crossings([planted].into_iter());
    assert_eq!(
        found,
        ["db/api_keys.rs:1: `db` must not import `dashboard`"]
    );
}

#[test]
fn the_table_has_every_room_and_no_circle() {
    let rooms = read(&root().join("src/lib.rs"));
    for room in rooms
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
    {
        let room = room.trim_end_matches(';');
        assert!(
            TABLE.iter().any(|(known, _)| *known == room),
            "{room} is not in the table"
        );
    }
    for (place, (room, allowed)) in TABLE.iter().enumerate() {
        for import in *allowed {
            let before = TABLE[..place].iter().any(|(earlier, _)| earlier == import);
            assert!(
                before,
                "{room} imports {import}, which does not stand before it"
            );
        }
    }
}

/// Each import that the table forbids, as `file:line: words`.
fn crossings(files: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut crossed = Vec::new();
    for (name, text) in files {
        let room = name.split(['/', '.']).next().unwrap_or_default();
        let Some((_, allowed)) = TABLE.iter().find(|(known, _)| *known == room) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for (at, found) in line.match_indices("crate::") {
                let rest = &line[at + found.len()..];
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let other = &rest[..end.unwrap_or(rest.len())];
                let is_room = TABLE.iter().any(|(known, _)| *known == other);
                if is_room && other != room && !allowed.contains(&other) {
                    let line = number + 1;
                    crossed.push(format!("{name}:{line}: `{room}` must not import `{other}`"));
                }
            }
        }
    }
    crossed
}
