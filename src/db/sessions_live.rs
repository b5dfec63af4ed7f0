//! Reading a session: one query for the session and all that its person may open.

use chrono::DateTime;
use chrono::Utc;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::NullableExpressionMethods;
use diesel::PgConnection;
use diesel::PgExpressionMethods;
use diesel::QueryDsl;
use diesel::Queryable;
use diesel::RunQueryDsl;
use serde_json::Value;

use crate::db::DbError;
use crate::db::corrupt;
use crate::db::log_retention;
use crate::db::schema::accounts;
use crate::db::schema::key_policies;
use crate::db::schema::memberships;
use crate::db::schema::second_factors;
use crate::db::schema::sessions;
use crate::db::schema::sign_in_rules;
use crate::db::schema::staff_grants;
use crate::db::schema::users;
use crate::db::schema::workspace_memberships;
use crate::db::schema::workspaces;
use crate::db::sessions::AGE_MAX;
use crate::db::sessions::IDLE_MAX;
use crate::db::sessions::IdDigest;
use crate::db::sessions::touch;
use crate::db::staff_grants::parse_role;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::key_policy::KeyCreators;
use crate::domain::person::UserId;
use crate::domain::role::WorkspaceRole;
use crate::domain::viewer::Membership;
use crate::domain::viewer::Viewer;
use crate::domain::viewer::WorkspaceAccess;

/// A session that is not over, and whose it is.
#[derive(Debug)]
pub struct Live {
    pub viewer: Viewer,
    pub state: Value,
    /// When the person last proved who they are.
    pub confirmed_at: DateTime<Utc>,
    /// The account asks for a second factor, and the person has none.
    pub lacks_factor: bool,
}

/// The session with this id, unless it is over: by age, by idleness, or because its person lost
/// the membership it was for. Notes that it is in use.
pub fn find(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    id: &IdDigest,
) -> Result<Option<Live>, DbError> {
    let rows = load(conn, now, id)?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    touch(conn, now, id, first.last_seen_at)?;
    let state = first.state.clone();
    let confirmed_at = first.confirmed_at.unwrap_or(first.created_at);
    let lacks_factor = first.account_role.is_some()
        && first.factor.is_none()
        && first.factor_required == Some(true);
    let viewer = viewer_of(&rows)?;
    Ok(viewer.map(|viewer| Live {
        viewer,
        state,
        confirmed_at,
        lacks_factor,
    }))
}

/// One row for each workspace of the account, whether the person may open it or not; one row if
/// there is none.
fn load(conn: &mut PgConnection, now: DateTime<Utc>, id: &IdDigest) -> Result<Vec<Row>, DbError> {
    Ok(sessions::table
        .inner_join(users::table.on(sessions::user_id.eq(users::id.nullable())))
        .left_join(staff_grants::table.on(staff_grants::user_id.eq(users::id)))
        .left_join(second_factors::table.on(second_factors::user_id.eq(users::id)))
        .left_join(accounts::table.on(sessions::account_id.eq(accounts::id.nullable())))
        .left_join(
            sign_in_rules::table.on(sessions::account_id.eq(sign_in_rules::account_id.nullable())),
        )
        .left_join(
            memberships::table.on(sessions::account_id
                .eq(memberships::account_id.nullable())
                .and(memberships::user_id.eq(users::id))),
        )
        .left_join(
            workspaces::table.on(sessions::account_id
                .eq(workspaces::account_id.nullable())
                .and(workspaces::archived_at.is_null())),
        )
        .left_join(
            key_policies::table.on(sessions::account_id
                .eq(key_policies::account_id.nullable())
                .and(workspaces::id.eq(key_policies::workspace_id))),
        )
        .left_join(
            workspace_memberships::table.on(sessions::account_id
                .eq(workspace_memberships::account_id.nullable())
                .and(workspaces::id.eq(workspace_memberships::workspace_id))
                .and(workspace_memberships::user_id.eq(users::id))),
        )
        .filter(sessions::id_digest.eq(id.as_slice()))
        .filter(sessions::last_seen_at.gt(now - IDLE_MAX))
        .filter(sessions::created_at.gt(now - AGE_MAX))
        .filter(users::disabled_at.is_null())
        // However it began: the account has one way in, or none that is required.
        .filter(
            sign_in_rules::required_provider.nullable().is_null().or(
                sign_in_rules::required_provider
                    .nullable()
                    .is_not_distinct_from(sessions::provider),
            ),
        )
        .order((workspaces::name, workspaces::id))
        .select((
            (users::id, users::email, users::name),
            (staff_grants::role, staff_grants::is_lead).nullable(),
            (
                accounts::id,
                accounts::domain,
                accounts::name,
                accounts::log_retention_days,
            )
                .nullable(),
            memberships::role.nullable(),
            (
                workspaces::id,
                workspaces::slug,
                workspaces::name,
                workspaces::developers,
            )
                .nullable(),
            key_policies::creators.nullable(),
            workspace_memberships::role.nullable(),
            sessions::state,
            sessions::last_seen_at,
            sessions::created_at,
            sessions::confirmed_at,
            second_factors::user_id.nullable(),
            sign_in_rules::second_factor_required.nullable(),
        ))
        .load(conn)?)
}

#[derive(Queryable)]
struct Row {
    user: (UserId, String, String),
    staff_role: Option<(String, bool)>,
    account: Option<(i32, String, String, Option<i16>)>,
    account_role: Option<String>,
    workspace: Option<(i32, String, String, bool)>,
    key_creators: Option<String>,
    workspace_role: Option<String>,
    state: Value,
    last_seen_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    factor: Option<UserId>,
    factor_required: Option<bool>,
}

fn viewer_of(rows: &[Row]) -> Result<Option<Viewer>, DbError> {
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let staff = first.staff_role.as_ref();
    let staff = staff
        .map(|(role, lead)| parse_role(role, *lead))
        .transpose()?;
    let membership = membership_of(first, rows)?;
    if staff.is_none() && membership.is_none() {
        return Ok(None);
    }
    let (id, email, name) = first.user.clone();
    Ok(Some(Viewer {
        id,
        email,
        name,
        staff,
        membership,
    }))
}

fn membership_of(first: &Row, rows: &[Row]) -> Result<Option<Membership>, DbError> {
    let (Some((account, domain, name, days)), Some(role)) = (&first.account, &first.account_role)
    else {
        return Ok(None);
    };
    let role = role
        .parse()
        .map_err(|_| corrupt("memberships", "role", role))?;
    let mut membership = Membership {
        account: AccountId(*account),
        account_domain: domain.clone(),
        account_name: name.clone(),
        role,
        log_days: log_retention::parse(*days)?,
        workspaces: Vec::new(),
    };
    for row in rows {
        let Some((id, slug, name, developers)) = &row.workspace else {
            continue;
        };
        if let Some(role) = role
            .everywhere()
            .map_or_else(|| row.workspace_role(), |role| Ok(Some(role)))?
        {
            membership.workspaces.push(WorkspaceAccess {
                id: WorkspaceId(*id),
                slug: slug.clone(),
                name: name.clone(),
                developers: *developers,
                role,
                key_creators: row.key_creators()?,
            });
        }
    }
    Ok(Some(membership))
}

impl Row {
    fn key_creators(&self) -> Result<KeyCreators, DbError> {
        let creators = self.key_creators.as_deref();
        let parsed = creators.map(|creators| {
            KeyCreators::parse(creators)
                .ok_or_else(|| corrupt("key_policies", "creators", creators))
        });
        Ok(parsed.transpose()?.unwrap_or_default())
    }

    fn workspace_role(&self) -> Result<Option<WorkspaceRole>, DbError> {
        let role = self.workspace_role.as_deref();
        role.map(|role| {
            role.parse()
                .map_err(|_| corrupt("workspace_memberships", "role", role))
        })
        .transpose()
    }
}
