//! What must come of a request, by its door and by who asks: judged anew from the rights' table.

use latchkey::dashboard::door::Door;
use latchkey::dashboard::url_table::Row;
use latchkey::domain::right::Held;

use crate::dashboard::roles::Whose;
use crate::dashboard::roles::cast::Person;
use crate::support::html::Page;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Whatever a stranger may be told.
    Anything,
    LetIn,
    ToSignIn,
    Forbidden,
    NotFound,
    /// Which of the two depends on whether something is to be changed.
    ForbiddenOrNotFound,
}

impl Verdict {
    pub fn assert_fits(self, page: &Page, what: &str) {
        assert!(page.status < 500, "{what}: {}", page.text);
        let to_sign_in = page.status == 303 && page.location().starts_with("/sign-in");
        let fits = match self {
            Self::Anything => true,
            Self::LetIn => !matches!(page.status, 400..=405) && !to_sign_in,
            Self::ToSignIn => to_sign_in,
            Self::Forbidden => page.status == 403,
            Self::NotFound => page.status == 404,
            Self::ForbiddenOrNotFound => matches!(page.status, 403 | 404),
        };
        assert!(fits, "{what}, wanted {self:?}: {}", page.text);
    }
}

pub fn verdict(row: &Row, person: &Person, whose: Whose) -> Verdict {
    let door = row.door;
    if door == Door::Anybody {
        return Verdict::Anything;
    }
    if person.id.is_none() {
        return Verdict::ToSignIn;
    }
    match door {
        Door::Anybody | Door::SignedIn => Verdict::LetIn,
        Door::Workspace(right) => match person.workspace {
            None => Verdict::NotFound,
            Some(role) => let_in(role.reach(right).covers(whose == Whose::Own)),
        },
        Door::Account(right) => match person.account {
            None => Verdict::NotFound,
            // The workspace that is asked about is acme's.
            Some(role)
                if role.may(right) && row.path.contains("{workspace}") && !person.at_home =>
            {
                Verdict::NotFound
            }
            Some(role) => let_in(role.may(right)),
        },
        Door::Staff(right) | Door::Support(right) => match person.staff {
            None => Verdict::NotFound,
            Some(role) if role.may(right) => Verdict::LetIn,
            Some(_) => Verdict::ForbiddenOrNotFound,
        },
    }
}

fn let_in(yes: bool) -> Verdict {
    if yes {
        Verdict::LetIn
    } else {
        Verdict::Forbidden
    }
}

#[test]
fn a_door_asks_for_a_right_of_its_own_place() {
    for row in latchkey::dashboard::addresses() {
        let fits = match row.door {
            Door::Anybody | Door::SignedIn => true,
            Door::Workspace(right) => matches!(right.held(), Held::InWorkspace(_)),
            Door::Account(right) => matches!(right.held(), Held::InAccount(_)),
            Door::Staff(right) | Door::Support(right) => {
                matches!(right.held(), Held::AtOperator(_))
            }
        };
        assert!(fits, "{row:?}");
    }
}

#[test]
fn no_address_of_a_workspace_stands_open() {
    for row in latchkey::dashboard::addresses() {
        let wanted = match row.path.split('/').nth(1) {
            Some("w") => matches!(row.door, Door::Workspace(_)),
            Some("operator") => matches!(row.door, Door::Staff(_)),
            Some("support") => matches!(row.door, Door::Staff(_) | Door::Support(_)),
            Some("account") => matches!(row.door, Door::Account(_)),
            _ => true,
        };
        assert!(wanted, "{row:?}");
    }
}
