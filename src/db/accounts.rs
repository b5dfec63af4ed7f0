//! Customer companies.

mod gate;
mod operated;

use chrono::DateTime;
use chrono::Utc;
use diesel::Connection;
use diesel::ExpressionMethods;
use diesel::Insertable;
use diesel::OptionalExtension;
use diesel::PgConnection;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use serde_json::json;

use crate::db::DbError;
use crate::db::audit_log;
use crate::db::audit_log::AuditEntry;
use crate::db::audit_log::Target;
use crate::db::memberships;
use crate::db::public_id;
use crate::db::schema::accounts;
use crate::db::users;
use crate::db::users::NewPerson;
use crate::db::workspaces;
use crate::domain::account::AccountDomain;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::actor::Actor;
use crate::domain::audit::Action;
use crate::domain::person::UserId;
use crate::domain::random::Random;
use crate::domain::role::AccountRole;

pub use crate::db::accounts::gate::AccountGate;
pub use crate::db::accounts::gate::gate;
pub use crate::db::accounts::operated::AccountSearch;
pub use crate::db::accounts::operated::AccountSettings;
pub use crate::db::accounts::operated::OperatedAccount;
pub use crate::db::accounts::operated::activity;
pub use crate::db::accounts::operated::change;
pub use crate::db::accounts::operated::find;
pub use crate::db::accounts::operated::list;
pub use crate::db::accounts::operated::plans;
pub use crate::db::accounts::operated::suspend;

/// The plan of an account that names none.
pub const STANDARD_PLAN: &str = "standard";

/// The constraint that keeps a domain one account's.
pub const DOMAIN_KEY: &str = "accounts_domain_key";
/// The constraint that keeps a customer id one account's.
pub const CUSTOMER_KEY: &str = "accounts_customer_id_key";
/// The constraint by which an account's plan exists.
pub const PLAN_KEY: &str = "accounts_plan_fkey";

/// An account to be made, with its owner.
#[derive(Debug)]
pub struct NewAccount {
    pub domain: AccountDomain,
    pub name: String,
    /// What the operator's own systems call the customer. The domain, unless given.
    pub customer_id: Option<String>,
    pub plan: Option<String>,
    pub owner: NewPerson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Created {
    pub account: AccountId,
    pub workspace: WorkspaceId,
    pub owner: UserId,
    /// Whether the owner was unknown before, and so has no way to sign in yet but a password that
    /// was given.
    pub owner_is_new: bool,
}

/// Makes the account, its Default workspace and its owner, or none of them. An owner who is known
/// by e-mail already stays as they are and gains the account.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    random: &dyn Random,
    new: &NewAccount,
) -> Result<Created, DbError> {
    conn.transaction(|conn| {
        let domain = new.domain.as_str();
        let plan = new.plan.as_deref().unwrap_or(STANDARD_PLAN);
        let public_id = public_id("acc", random)?;
        let row = NewRow {
            public_id: &public_id,
            domain,
            customer_id: new.customer_id.as_deref().unwrap_or(domain),
            name: &new.name,
            plan,
            created_at: now,
        };
        let account = diesel::insert_into(accounts::table)
            .values(row)
            .returning(accounts::id)
            .get_result(conn)
            .map(AccountId)?;
        let target = Target {
            kind: "account",
            id: &public_id,
            label: &new.name,
        };
        let entry = AuditEntry::new(Action::AccountCreated, target)
            .in_account(Some(account))
            .after(json!({ "domain": domain, "plan": plan }));
        audit_log::insert(conn, actor, now, &entry)?;
        let workspace = workspaces::create(conn, actor, now, random, &default_of(account))?;
        let owner = users::find_or_create(conn, actor, now, random, &new.owner)?;
        memberships::add(conn, actor, now, (account, owner.id), AccountRole::Owner)?;
        Ok(Created {
            account,
            workspace,
            owner: owner.id,
            owner_is_new: owner.is_new,
        })
    })
}

fn default_of(account: AccountId) -> workspaces::NewWorkspace {
    workspaces::NewWorkspace {
        account,
        slug: "default".to_owned(),
        name: "Default".to_owned(),
    }
}

#[derive(Insertable)]
#[diesel(table_name = accounts)]
struct NewRow<'a> {
    public_id: &'a str,
    domain: &'a str,
    customer_id: &'a str,
    name: &'a str,
    plan: &'a str,
    created_at: DateTime<Utc>,
}

/// Whether there is any account yet.
pub fn exist(conn: &mut PgConnection) -> Result<bool, DbError> {
    Ok(
        diesel::select(diesel::dsl::exists(accounts::table.select(accounts::id)))
            .get_result(conn)?,
    )
}

/// The account's name for the outside.
pub fn public_id_of(conn: &mut PgConnection, account: AccountId) -> Result<String, DbError> {
    Ok(accounts::table
        .find(account.0)
        .select(accounts::public_id)
        .first(conn)?)
}

/// The account with this domain.
pub fn find_by_domain(conn: &mut PgConnection, domain: &str) -> Result<Option<AccountId>, DbError> {
    let id: Option<i32> = accounts::table
        .filter(accounts::domain.eq(domain))
        .select(accounts::id)
        .first(conn)
        .optional()?;
    Ok(id.map(AccountId))
}
