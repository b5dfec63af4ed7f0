//! Many small files become one stylesheet and one script, in a fixed order.

use std::fmt::Write as _;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
pub(super) struct Embedded;

/// A file of `static/css` stands in the layer of its folder, or of its own name.
const LAYERS: [&str; 7] = [
    "tokens",
    "reset",
    "base",
    "layout",
    "components",
    "pages",
    "utilities",
];

impl Embedded {
    /// What the binary carries under this name; empty when there is no such file.
    pub(super) fn bytes(name: &str) -> Vec<u8> {
        Self::get(name)
            .map(|file| file.data.into_owned())
            .unwrap_or_default()
    }

    pub(super) fn text(name: &str) -> String {
        String::from_utf8_lossy(&Self::bytes(name)).into_owned()
    }

    fn names_under(folder: &str, ending: &str) -> Vec<String> {
        let mut names: Vec<String> = Self::iter()
            .filter(|name| name.starts_with(folder) && name.ends_with(ending))
            .map(std::borrow::Cow::into_owned)
            .collect();
        // `table.css` before `table-cards.css`, which refines it.
        names.sort_unstable_by(|a, b| a.trim_end_matches(ending).cmp(b.trim_end_matches(ending)));
        names
    }
}

pub(super) fn styles() -> String {
    let mut joined = format!("@layer {};\n", LAYERS.join(", "));
    for layer in LAYERS {
        let mut names = Embedded::names_under(&format!("css/{layer}.css"), ".css");
        names.extend(Embedded::names_under(&format!("css/{layer}/"), ".css"));
        for name in names {
            // Writing to a String cannot fail.
            let _ = writeln!(joined, "@layer {layer} {{\n{}}}", Embedded::text(&name));
        }
    }
    joined
}

pub(super) fn scripts() -> String {
    let files = Embedded::names_under("js/", ".js");
    let mut joined = "\"use strict\";\n".to_owned();
    for name in files {
        joined.push_str(&Embedded::text(&name));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_declared_before_any_rule() {
        assert!(styles().starts_with(
            "@layer tokens, reset, base, layout, components, pages, utilities;\n@layer tokens {"
        ));
    }

    #[test]
    fn every_style_file_is_joined() {
        let joined = styles();
        for name in Embedded::names_under("css/", ".css") {
            let text = Embedded::text(&name);
            assert!(joined.contains(&text), "{name} stands in no layer");
        }
    }

    #[test]
    fn a_style_file_has_balanced_braces_so_that_it_cannot_leave_its_layer() {
        for name in Embedded::names_under("css/", ".css") {
            let text = Embedded::text(&name);
            assert_eq!(
                text.matches('{').count(),
                text.matches('}').count(),
                "{name}"
            );
        }
    }

    #[test]
    fn style_files_stay_under_200_lines_and_scripts_under_80() {
        for (folder, ending, most) in [("css/", ".css", 200), ("js/", ".js", 80)] {
            for name in Embedded::names_under(folder, ending) {
                let lines = Embedded::text(&name).lines().count();
                assert!(lines <= most, "{name} has {lines} lines");
            }
        }
    }

    #[test]
    fn a_script_keeps_its_names_in_its_own_block() {
        for name in Embedded::names_under("js/", ".js") {
            let text = Embedded::text(&name);
            let mut outside = text.lines().filter(|line| !line.starts_with("//"));
            let first = outside.clone().next().unwrap_or_default();
            let last = outside.next_back().unwrap_or_default();
            assert!(first == "{" && last == "}", "{name} is not one block");
        }
    }
}
