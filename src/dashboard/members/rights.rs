//! What a role allows, before and after it changes.

use crate::domain::right::Held;
use crate::domain::right::Reach;
use crate::domain::right::Right;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

/// One right, and how far it goes with each of two roles.
pub struct RightLine {
    /// "Creating a key"
    pub doing: &'static str,
    pub before: &'static str,
    pub after: &'static str,
}

impl RightLine {
    pub fn changes(&self) -> bool {
        self.before != self.after
    }
}

pub fn in_account(before: AccountRole, after: AccountRole) -> Vec<RightLine> {
    let mut lines: Vec<RightLine> = Right::all()
        .filter(|right| matches!(right.held(), Held::InAccount(_)))
        .map(|right| line(right.doing(), before.reach(right), after.reach(right)))
        .collect();
    let everywhere = |role: AccountRole| match role.everywhere() {
        Some(_) => Reach::All,
        None => Reach::Nothing,
    };
    lines.push(line(
        "Being an admin of every workspace",
        everywhere(before),
        everywhere(after),
    ));
    lines
}

/// `None` is who may not open the workspace.
pub fn in_workspace(before: Option<WorkspaceRole>, after: Option<WorkspaceRole>) -> Vec<RightLine> {
    let reach =
        |role: Option<WorkspaceRole>, right| role.map_or(Reach::Nothing, |r| r.reach(right));
    Right::all()
        .filter(|right| matches!(right.held(), Held::InWorkspace(_)))
        .map(|right| line(right.doing(), reach(before, right), reach(after, right)))
        .collect()
}

fn line(doing: &'static str, before: Reach, after: Reach) -> RightLine {
    RightLine {
        doing,
        before: words(before),
        after: words(after),
    }
}

fn words(reach: Reach) -> &'static str {
    match reach {
        Reach::Nothing => "No",
        Reach::Own => "Own keys",
        Reach::All => "Yes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_gains_and_loses_is_told_right_by_right() {
        let lines = in_workspace(Some(WorkspaceRole::Developer), Some(WorkspaceRole::Viewer));
        let changed: Vec<_> = lines.iter().filter(|line| line.changes()).collect();
        assert!(changed.iter().all(|line| line.after == "No"));
        assert!(changed.iter().any(|line| line.before == "Own keys"));
        let gained = in_account(AccountRole::Member, AccountRole::Owner);
        assert!(
            gained
                .iter()
                .any(|line| line.changes() && line.after == "Yes")
        );
        assert!(in_workspace(None, None).iter().all(|line| !line.changes()));
    }
}
