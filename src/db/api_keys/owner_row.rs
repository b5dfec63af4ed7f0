use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::schema::memberships;
use crate::db::schema::users;
use crate::db::schema::workspace_memberships;
use crate::domain::api_key::KeyOwner;
use crate::domain::person::UserId;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

/// Whose a key is, and what they are in its account and its workspace now.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(super) struct OwnerRow {
    id: UserId,
    name: String,
    email: String,
    disabled_at: Option<DateTime<Utc>>,
    #[diesel(select_expression = memberships::role.nullable())]
    in_account: Option<String>,
    #[diesel(select_expression = workspace_memberships::role.nullable())]
    in_workspace: Option<String>,
}

impl OwnerRow {
    pub(super) fn owner(self) -> Result<KeyOwner, DbError> {
        Ok(KeyOwner {
            role: self.role()?,
            id: self.id,
            name: self.name,
            email: self.email,
        })
    }

    /// As keys that inherit go by it: none of who is disabled or no member.
    fn role(&self) -> Result<Option<WorkspaceRole>, DbError> {
        let Some(in_account) = &self.in_account else {
            return Ok(None);
        };
        if self.disabled_at.is_some() {
            return Ok(None);
        }
        let in_account: AccountRole = in_account
            .parse()
            .map_err(|_| corrupt("memberships", "role", in_account))?;
        let in_workspace = self.in_workspace.as_deref().map(|role| {
            role.parse()
                .map_err(|_| corrupt("workspace_memberships", "role", role))
        });
        match in_account.everywhere() {
            Some(role) => Ok(Some(role)),
            None => in_workspace.transpose(),
        }
    }
}

/// Whose a listed key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedOwner {
    Creator(UserId),
    /// Somebody whom it was handed to.
    Other {
        id: UserId,
        name: String,
        email: String,
    },
    /// Nobody: a service key.
    Nobody,
}

impl ListedOwner {
    pub fn is(&self, person: UserId) -> bool {
        match self {
            Self::Creator(id) | Self::Other { id, .. } => *id == person,
            Self::Nobody => false,
        }
    }
}
