//! The people of an account as its pages show them. Everything about them is of that account only:
//! who belongs to another as well has other keys, other roles and other times there.

mod change;
mod fate;
mod find;
mod leaving;
mod list;
mod remove;

use chrono::DateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::db::DbError;
use crate::db::schema::memberships;
use crate::domain::account::AccountId;
use crate::domain::person::UserId;

pub use crate::db::members::change::ABOVE_THEIRS;
pub use crate::db::members::change::LAST_OWNER;
pub use crate::db::members::change::ROLE_CHANGED_MEANWHILE;
pub use crate::db::members::change::RoleChange;
pub use crate::db::members::change::change_role;
pub use crate::db::members::change::change_workspace_role;
pub(super) use crate::db::members::change::lock;
pub(super) use crate::db::members::change::require_above;
pub(super) use crate::db::members::change::role_in;
pub use crate::db::members::fate::KEYS_UNANSWERED;
pub use crate::db::members::fate::KeyFate;
pub use crate::db::members::fate::NO_HEIR;
pub use crate::db::members::fate::Settled;
pub use crate::db::members::find::Member;
pub use crate::db::members::find::MemberWorkspace;
pub use crate::db::members::find::find;
pub use crate::db::members::find::find_by_email;
pub use crate::db::members::find::workspaces_of;
pub use crate::db::members::leaving::Heir;
pub use crate::db::members::leaving::KeyLeft;
pub use crate::db::members::leaving::KeysLeft;
pub use crate::db::members::leaving::Leaving;
pub use crate::db::members::leaving::heirs;
pub use crate::db::members::leaving::keys_left;
pub use crate::db::members::list::ListedMember;
pub use crate::db::members::list::MemberFilter;
pub use crate::db::members::list::MemberPlace;
pub use crate::db::members::list::WORKSPACES_NAMED;
pub use crate::db::members::list::count;
pub(super) use crate::db::members::list::in_account;
pub use crate::db::members::list::list;
pub use crate::db::members::remove::GONE_MEANWHILE;
pub use crate::db::members::remove::Removal;
pub use crate::db::members::remove::Removed;
pub use crate::db::members::remove::has_other_owner;
pub use crate::db::members::remove::remove;
pub use crate::db::members::remove::remove_from_workspace;

/// Notes that the person used the console of the account; nothing if they are no member of it.
pub(super) fn note_active(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (account, user): (AccountId, UserId),
) -> Result<(), DbError> {
    diesel::update(memberships::table.find((account.0, user)))
        .set(memberships::last_active_at.eq(now))
        .execute(conn)?;
    Ok(())
}
