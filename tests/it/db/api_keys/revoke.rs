use diesel::QueryDsl;
use diesel::RunQueryDsl;
use latchkey::db::api_keys;
use latchkey::db::api_keys::ALREADY_REVOKED;
use latchkey::db::api_keys::Revocation;
use latchkey::db::audit_log;
use latchkey::db::schema::key_changes;
use latchkey::domain::key_state::KeyState;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

#[test]
fn revoking_ends_the_key_says_so_and_tells_which_change_it_was() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let (account, workspace, actor) = (fixture.account, fixture.workspace, fixture.actor());
    let revocation = Revocation {
        account_id: account,
        workspace_id: workspace,
        id,
        reason: Some("leaked"),
    };
    let seq = api_keys::revoke(&mut fixture.conn, &actor, now(), &revocation).unwrap();

    let (last, kind, subject): (i64, String, String) = key_changes::table
        .order(diesel::ExpressionMethods::desc(key_changes::seq))
        .select((key_changes::seq, key_changes::kind, key_changes::subject))
        .first(&mut fixture.conn)
        .unwrap();
    assert_eq!(
        (last, kind.as_str(), subject.as_str()),
        (seq, "key", id.as_str())
    );

    let key = api_keys::find(&mut fixture.conn, account, workspace, id).unwrap();
    assert_eq!(key.times.state(now()), KeyState::Revoked);
    assert_eq!(key.revoked_by.as_deref(), Some("ada@acme.example"));
    assert_eq!(key.revoked_reason.as_deref(), Some("leaked"));

    let target = ("key", id.as_str());
    let rows = audit_log::latest_of(&mut fixture.conn, account, target, 5).unwrap();
    assert_eq!(rows[0].action, "key.revoked");
    assert_eq!(rows[0].reason.as_deref(), Some("leaked"));
}

#[test]
fn a_key_is_revoked_once() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let actor = fixture.actor();
    let revocation = Revocation {
        account_id: fixture.account,
        workspace_id: fixture.workspace,
        id,
        reason: None,
    };
    api_keys::revoke(&mut fixture.conn, &actor, now(), &revocation).unwrap();
    let before = fixture.dump();
    let refused = api_keys::revoke(&mut fixture.conn, &actor, now(), &revocation).unwrap_err();
    assert!(refused.is_conflict_on(ALREADY_REVOKED), "{refused}");
    assert_eq!(fixture.dump(), before);
}

#[test]
fn a_key_of_another_workspace_is_not_revoked() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let actor = fixture.actor();
    let revocation = Revocation {
        account_id: fixture.account,
        workspace_id: fixture.other_workspace,
        id,
        reason: None,
    };
    let before = fixture.dump();
    api_keys::revoke(&mut fixture.conn, &actor, now(), &revocation).unwrap_err();
    assert_eq!(fixture.dump(), before);
}
