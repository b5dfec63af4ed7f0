//! Rules that a machine can check better than a reviewer.

mod imports;
mod schema;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The longest that a source file may be. Most are a third of it.
const LINES_MAX: usize = 300;
/// Generated, and as long as the database is wide.
const GENERATED: &str = "src/db/schema.rs";

#[test]
fn no_file_is_longer_than_three_hundred_lines() {
    let long: Vec<String> = ["src", "tests", "templates", "static", "benches"]
        .into_iter()
        .flat_map(files)
        .filter(|path| !path.ends_with(GENERATED))
        .filter(|path| read(path).lines().count() > LINES_MAX)
        .map(|path| path.display().to_string())
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn imports_from_the_crate_stand_one_to_a_line() {
    for path in rust_files("src").chain(rust_files("tests")) {
        let grouped = read(&path).lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("use crate::") && line.contains('{')
        });
        assert!(
            !grouped,
            "{}: write one `use crate::…;` for each name",
            path.display()
        );
    }
}

#[test]
fn no_template_turns_escaping_off() {
    for path in files("templates") {
        let text = read(&path);
        let off = text.contains("|safe") || text.contains("| safe");
        assert!(!off, "{}: `safe` lets data write HTML", path.display());
    }
}

#[test]
fn no_template_carries_script_or_style() {
    for path in files("templates") {
        let text = read(&path);
        for forbidden in [
            "<style",
            " style=",
            " onclick=",
            " onsubmit=",
            "javascript:",
        ] {
            assert!(!text.contains(forbidden), "{}: {forbidden}", path.display());
        }
    }
}

#[test]
fn every_template_is_used() {
    let users: Vec<String> = rust_files("src")
        .chain(files("templates"))
        .map(|path| read(&path))
        .collect();
    for path in files("templates") {
        let name = path
            .strip_prefix(root().join("templates"))
            .unwrap()
            .display()
            .to_string();
        let used = users
            .iter()
            .any(|text| text.contains(&format!("\"{name}\"")));
        assert!(used, "templates/{name} is used by nothing");
    }
}

#[test]
fn every_variable_has_a_row_in_the_readme() {
    let readme = read(&root().join("README.md"));
    for variable in latchkey::config::VARIABLES {
        assert!(
            readme.contains(&format!("`{variable}`")),
            "README.md does not explain {variable}"
        );
    }
    for path in rust_files("src/config") {
        for word in read(&path)
            .split('"')
            .filter(|word| word.starts_with("LATCHKEY_"))
        {
            let known = latchkey::config::VARIABLES.contains(&word);
            assert!(known, "{}: {word} is not in VARIABLES", path.display());
        }
    }
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> impl Iterator<Item = PathBuf> {
    files(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "rs"))
}

/// Every file below `folder`, which is named from the repository's root.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let list = if path.is_dir() {
                &mut folders
            } else {
                &mut found
            };
            list.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
