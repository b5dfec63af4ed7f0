//! Permissions in words: by what they are about, with what each is for and how much it risks.

use crate::db::catalogue::Offer;
use crate::domain::catalogue::Permission;
use crate::domain::catalogue::Risk;
use crate::domain::grant::Permissions;

/// The permissions of one kind of resource.
pub struct Family {
    /// "Documents"
    pub name: String,
    pub lines: Vec<PermissionLine>,
}

pub struct PermissionLine {
    pub slug: String,
    pub label: String,
    pub help: String,
    /// `None` where the catalogue knows the permission no longer.
    pub risk: Option<RiskWords>,
    pub checked: bool,
}

/// A risk as a class name and in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskWords {
    pub level: &'static str,
    pub words: &'static str,
}

impl From<Risk> for RiskWords {
    fn from(risk: Risk) -> Self {
        Self {
            level: risk.as_str(),
            words: match risk {
                Risk::Low => "Low risk",
                Risk::Medium => "Medium risk",
                Risk::High => "High risk",
            },
        }
    }
}

/// In the order in which the catalogue first names each kind.
pub fn families<'c>(permissions: impl IntoIterator<Item = &'c Permission>) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for permission in permissions {
        let name = family_name(permission.resource());
        let line = PermissionLine {
            slug: permission.slug.clone(),
            label: permission.label.clone(),
            help: permission.help.clone(),
            risk: Some(permission.risk.into()),
            checked: false,
        };
        match families.iter_mut().find(|family| family.name == name) {
            Some(family) => family.lines.push(line),
            None => families.push(Family {
                name,
                lines: vec![line],
            }),
        }
    }
    families
}

/// What is held and in no catalogue any more, or as a whole kind of resource; empty for none.
pub fn unlisted(offer: &Offer, held: &Permissions) -> Option<Family> {
    let slugs = held
        .iter()
        .filter(|slug| offer.catalogue.permission(slug).is_none());
    let lines: Vec<PermissionLine> = slugs
        .map(|slug| PermissionLine {
            slug: slug.to_owned(),
            label: match slug.strip_suffix(":*") {
                Some(resource) => format!("Everything of {resource}, also what is added to it"),
                None => format!("{slug}, no longer in the catalogue"),
            },
            help: String::new(),
            risk: None,
            checked: true,
        })
        .collect();
    (!lines.is_empty()).then(|| Family {
        name: "Kept from before".to_owned(),
        lines,
    })
}

/// The greatest risk of what is held. Everything is the greatest that there is.
pub fn greatest_risk(offer: &Offer, held: &Permissions) -> Option<RiskWords> {
    if held.are_all() {
        return Some(Risk::High.into());
    }
    let level = |risk: Risk| Risk::ALL.iter().position(|known| *known == risk);
    let known = offer.catalogue.permissions.iter();
    known
        .filter(|permission| held.allow(&permission.slug))
        .map(|permission| permission.risk)
        .max_by_key(|risk| level(*risk))
        .map(RiskWords::from)
}

/// "documents" as a heading.
fn family_name(resource: &str) -> String {
    let mut letters = resource.chars();
    let first = letters.next().map(char::to_uppercase);
    let name: String = first.into_iter().flatten().chain(letters).collect();
    name.replace(['-', '_'], " ")
}
