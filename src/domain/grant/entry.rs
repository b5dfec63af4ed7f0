//! Resources, as people type them.

use crate::domain::entries::Entries;
use crate::domain::entries::EntriesFault;
use crate::domain::entries::quoted;
use crate::domain::grant::ANY;
use crate::domain::grant::Resources;

pub const RESOURCES: Entries = Entries {
    max: 100,
    what: "resources",
};

/// In characters; ids are shorter.
const RESOURCE_LENGTH_MAX: usize = 200;

/// Empty and `*` are all; else ids, and beginnings of ids that end in `*`.
pub fn parse_resources(input: &str) -> Result<Resources, EntriesFault> {
    let named = RESOURCES.parse(input, resource)?;
    // Only `*` alone means all: beside ids, one of the two was not meant.
    let any = named.iter().any(|one| &**one == ANY);
    match named.len() {
        0 => Ok(Resources::ALL),
        2.. if any => Err(EntriesFault::At {
            line: 1,
            words: "* is every resource. Remove it, or everything else.".to_owned(),
            others: 0,
        }),
        _ => Ok(Resources::new(named)),
    }
}

fn resource(entry: &str) -> Result<Box<str>, String> {
    let shown = quoted(entry);
    if entry.chars().count() > RESOURCE_LENGTH_MAX {
        return Err(format!(
            "{shown} is longer than {RESOURCE_LENGTH_MAX} characters."
        ));
    }
    if entry.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(format!(
            "{shown} has a space in it. Separate ids with commas or lines."
        ));
    }
    let beginning = entry.strip_suffix(ANY).unwrap_or(entry);
    if beginning.contains(ANY) {
        return Err(format!(
            "{shown} has a * that is not its end. Only the end of an id may be left open, like eu-*."
        ));
    }
    Ok(entry.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resources(input: &str) -> Result<Vec<String>, String> {
        let parsed = parse_resources(input).map_err(|fault| fault.to_string())?;
        Ok(parsed.iter().map(str::to_owned).collect())
    }

    #[test]
    fn nothing_and_a_star_are_all() {
        assert_eq!(resources(" "), Ok(vec!["*".to_owned()]));
        assert_eq!(resources("*"), Ok(vec!["*".to_owned()]));
    }

    #[test]
    fn ids_and_beginnings_are_kept() {
        let kept = vec!["7".to_owned(), "eu-*".to_owned(), "docs/a".to_owned()];
        assert_eq!(resources("7, eu-*\ndocs/a"), Ok(kept));
    }

    #[test]
    fn what_no_resource_could_match_is_refused() {
        for bad in ["e*u", "**", "a b", "*x", &"x".repeat(201)] {
            let said = resources(&format!("7\n{bad}")).expect_err(bad);
            assert!(said.starts_with("Line 2: "), "{bad}: {said}");
        }
        assert!(resources("7,*").is_err());
        assert!(resources(&"x,y\n".repeat(60)).is_err());
    }
}
