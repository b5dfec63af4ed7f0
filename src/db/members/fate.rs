//! What becomes of the keys of somebody who leaves: decided with it, for all of them at once.

use chrono::DateTime;
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sql_types::Inet;
use diesel::sql_types::Integer;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamptz;
use diesel::sql_types::Uuid as SqlUuid;
use ipnet::IpNet;

use crate::db::DbError;
use crate::db::members::leaving;
use crate::db::members::leaving::Leaving;
use crate::db::members::leaving::THEIR_KEYS;
use crate::domain::actor::Actor;
use crate::domain::actor::ActorKind;
use crate::domain::audit::Action;
use crate::domain::person::UserId;

/// `DbError::Conflict` with this: the person has keys, and nothing was said of them.
pub const KEYS_UNANSWERED: &str = "memberships_keys_unanswered";
/// `DbError::Conflict` with this: whom the keys were to go to may not create keys where they are.
pub const NO_HEIR: &str = "memberships_no_heir";

/// What becomes of keys whose owner leaves. Those that have ended stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFate {
    /// They are nobody's from then on. One that inherits has nothing to inherit, and is refused.
    MakeService,
    /// They are this person's own. One that inherits does what they may; where that would be more
    /// than before it is disabled as well, because who leaves may know its secret.
    HandOver(UserId),
    Disable,
}

impl KeyFate {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::MakeService => "service",
            Self::HandOver(_) => "handed-over",
            Self::Disable => "disabled",
        }
    }

    fn action(self) -> Action {
        match self {
            Self::MakeService => Action::KeyMadeService,
            Self::HandOver(_) => Action::KeyHandedOver,
            Self::Disable => Action::KeyDisabled,
        }
    }
}

/// How many keys there were, and what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub keys: i64,
    /// Those of them that inherit.
    pub inheriting: i64,
    /// Those that this has disabled.
    pub disabled: i64,
}

/// Decides over every key of theirs, with an audit row for each, in one statement.
pub(super) fn settle(
    conn: &mut PgConnection,
    actor: &Actor,
    now: DateTime<Utc>,
    leaving: Leaving,
    (fate, reason): (Option<KeyFate>, &str),
) -> Result<Settled, DbError> {
    let theirs = leaving::keys_left(conn, leaving, now)?;
    if theirs.keys == 0 {
        return Ok(Settled::default());
    }
    let fate = fate.ok_or_else(|| DbError::Conflict(KEYS_UNANSWERED.to_owned()))?;
    let mut heir = None;
    if let KeyFate::HandOver(to) = fate {
        if leaving::heirs(conn, leaving, now, (Some(to), 1))?.is_empty() {
            return Err(DbError::Conflict(NO_HEIR.to_owned()));
        }
        heir = Some(to);
    }
    let by = match actor.kind {
        ActorKind::Person(id) | ActorKind::Support { person: id, .. } => Some(id),
        ActorKind::Key(_) | ActorKind::System => None,
    };
    let sql = match fate {
        KeyFate::Disable => disabling(),
        KeyFate::MakeService | KeyFate::HandOver(_) => handing_over(),
    };
    let row: Row = diesel::sql_query(sql)
        .bind::<Integer, _>(leaving.account.0)
        .bind::<Nullable<Integer>, _>(leaving.workspace.map(|workspace| workspace.0))
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(leaving.user)
        .bind::<Nullable<SqlUuid>, _>(heir)
        .bind::<Nullable<SqlUuid>, _>(by)
        .bind::<Text, _>(actor.kind_name())
        .bind::<Text, _>(actor.id())
        .bind::<Text, _>(&actor.label)
        .bind::<Text, _>(fate.action().code())
        .bind::<Text, _>(reason)
        .bind::<Nullable<Inet>, _>(actor.ip.map(IpNet::from))
        .bind::<Nullable<Text>, _>(actor.request_id.as_deref())
        .get_result(conn)?;
    Ok(Settled {
        keys: theirs.keys,
        inheriting: theirs.inheriting,
        disabled: row.disabled,
    })
}

/// Binds of both: `$1` to `$4` of `THEIR_KEYS`, `$5` the new owner or null, `$6` who disables, `$7`
/// to `$9` the actor, `$10` action, `$11` reason, `$12` address, `$13` request.
fn disabling() -> String {
    format!(
        "with changed as (
             update api_keys k
             set disabled_at = $3, disabled_by = $6, version = version + 1
             where {THEIR_KEYS} and k.disabled_at is null and $5::uuid is null
             returning k.id, k.name, k.workspace_id, true as disabled,
                 '{{\"disabled_at\": null}}'::jsonb as before,
                 jsonb_build_object('disabled_at', $3) as after)
         {NOTED}"
    )
}

fn handing_over() -> String {
    format!(
        "with places as (
             select w.id, {was} as was, {will} as will from workspaces w where w.account_id = $1),
         changed as (
             update api_keys k
             set service = $5::uuid is null, handed_to = $5, version = version + 1,
                 disabled_at = case when {WIDENS} then $3 else k.disabled_at end,
                 disabled_by = case when {WIDENS} then $6 else k.disabled_by end
             from places p
             where k.workspace_id = p.id and {THEIR_KEYS}
             returning k.id, k.name, k.workspace_id,
                 k.preset = 'inherit' and p.will > p.was and k.disabled_at = $3 as disabled,
                 jsonb_build_object('owner', $4::uuid) as before,
                 jsonb_build_object('owner', $5::uuid)
                 || case when k.preset = 'inherit' and p.will > p.was and k.disabled_at = $3
                     then jsonb_build_object('disabled_at', $3) else '{{}}'::jsonb end as after)
         {NOTED}",
        was = rank("$4"),
        will = rank("$5"),
    )
}

/// It works, and would do more than before.
const WIDENS: &str = "k.preset = 'inherit' and p.will > p.was and k.disabled_at is null";

const NOTED: &str = ", noted as (
         insert into audit_log (account_id, workspace_id, at, actor_kind, actor_id, actor_label,
             action, target_kind, target_id, target_label, before, after, reason, ip, request_id)
         select $1, workspace_id, $3, $7, $8, $9, $10, 'key', id, name, before, after, $11, $12, $13
         from changed)
     select count(*) filter (where disabled) as disabled from changed";

/// What a person is in the workspace `w`, the more the higher.
fn rank(person: &str) -> String {
    format!(
        "case when exists (select from memberships m where m.account_id = $1
                 and m.user_id = {person} and m.role in ('owner', 'admin')) then 3
             else coalesce((select case wm.role when 'admin' then 3 when 'developer' then 2 else 1 end
                 from workspace_memberships wm where wm.account_id = $1
                     and wm.workspace_id = w.id and wm.user_id = {person}), 0) end"
    )
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    disabled: i64,
}
