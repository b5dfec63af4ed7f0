//! A change of role before it is made: what it gives and takes.

use askama::Template;

use crate::dashboard::form::FormErrors;
use crate::dashboard::members::rights::RightLine;
use crate::dashboard::page::PageContext;

#[derive(Template)]
#[template(path = "members/role.html")]
pub struct RolePage {
    pub page: PageContext,
    pub errors: FormErrors,
    /// "Make Grace Hopper an admin of Acme"
    pub title: String,
    pub name: String,
    /// The role as it is: its name in the form, and in words.
    pub was: (&'static str, &'static str),
    pub will: (&'static str, &'static str),
    pub rights: Vec<RightLine>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What somebody changed meanwhile; empty but for a race.
    pub race: String,
    /// The person's page.
    pub url: String,
}

/// About keys that inherit, empty if there are none.
pub fn inheriting(count: i64, name: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!(
            "One key of {name}’s may do what {name} may. It follows the new role as soon as every \
             node has it."
        )),
        more => Some(format!(
            "{} keys of {name}’s may do what {name} may. They follow the new role as soon as every \
             node has it.",
            crate::dashboard::number::grouped(more)
        )),
    }
}
