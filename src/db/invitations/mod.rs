//! Who was asked to join an account, and what became of it.

mod accept;
mod list;
mod send;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::db::audit_log::Target;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::person::Email;
use crate::domain::role::AccountRole;
use crate::domain::role::WorkspaceRole;

pub use crate::db::invitations::accept::Asked;
pub use crate::db::invitations::accept::Joining;
pub use crate::db::invitations::accept::TokenDigest;
pub use crate::db::invitations::accept::accept;
pub use crate::db::invitations::accept::find;
pub use crate::db::invitations::list::OpenInvitation;
pub use crate::db::invitations::list::open;
pub use crate::db::invitations::send::insert;
pub use crate::db::invitations::send::resend;
pub use crate::db::invitations::send::withdraw;

/// How long a link works.
pub const VALID_FOR: TimeDelta = TimeDelta::days(7);
/// Invitations of one account whose links work.
pub const OPEN_MAX: i64 = 100;
/// Between two letters to one address.
pub const RESEND_AFTER: TimeDelta = TimeDelta::minutes(10);
/// New invitations of one account in an hour, withdrawn ones too.
pub const HOURLY_MAX: i64 = 50;

/// `DbError::Conflict` with this: the address has an open invitation.
pub const OPEN_ALREADY: &str = "invitations_open_key";
/// `DbError::Conflict` with this: the address is a member's.
pub const MEMBER_ALREADY: &str = "invitations_member_already";
/// `DbError::Conflict` with this: see `OPEN_MAX`.
pub const TOO_MANY_OPEN: &str = "invitations_too_many_open";
/// `DbError::Conflict` with this: see `HOURLY_MAX`.
pub const TOO_MANY_SENT: &str = "invitations_too_many_sent";
/// `DbError::Conflict` with this: see `RESEND_AFTER`.
pub const SENT_JUST_NOW: &str = "invitations_sent_just_now";

#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub account: AccountId,
    pub email: Email,
    pub role: AccountRole,
    /// Opened to a plain member.
    pub workspaces: Vec<(WorkspaceId, WorkspaceRole)>,
}

fn target<'a>(id: &'a str, email: &'a str) -> Target<'a> {
    Target {
        kind: "invitation",
        id,
        label: email,
    }
}

/// An invitation of an account.
pub type InvitationPlace = (AccountId, Uuid);
