use latchkey::db::api_keys;
use latchkey::db::api_keys::NAME_TAKEN;
use latchkey::db::api_keys::OPERATION_REPEATED;
use latchkey::db::api_keys::Revocation;
use latchkey::db::audit_log;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;

#[test]
fn a_name_is_taken_in_any_case_and_free_again_after_revoking() {
    let mut fixture = Fixture::new();
    let first = fixture.key("Äpfel Import");
    let (again, _) = fixture.draft("a\u{308}PFEL import");

    let refused = fixture.insert(&again).unwrap_err();
    assert!(refused.is_conflict_on(NAME_TAKEN), "{refused}");
    let holder = api_keys::name_holder(&mut fixture.conn, fixture.account, &again.name);
    assert_eq!(holder.unwrap().unwrap().key_id, first.to_string());

    let revocation = Revocation {
        account_id: fixture.account,
        workspace_id: fixture.workspace,
        id: first,
        reason: None,
    };
    let actor = fixture.actor();
    api_keys::revoke(&mut fixture.conn, &actor, now(), &revocation).unwrap();
    fixture.insert(&again).unwrap();
}

#[test]
fn a_name_is_taken_in_every_workspace_of_the_account() {
    let mut fixture = Fixture::new();
    fixture.key("import");
    let (mut elsewhere, _) = fixture.draft("import");
    elsewhere.workspace_id = fixture.other_workspace;
    let refused = fixture.insert(&elsewhere).unwrap_err();
    assert!(refused.is_conflict_on(NAME_TAKEN), "{refused}");
}

#[test]
fn an_operation_makes_one_key() {
    let mut fixture = Fixture::new();
    let (first, _) = fixture.draft("import");
    fixture.insert(&first).unwrap();

    // The whole form again, as a second click sends it.
    let (mut second, _) = fixture.draft("import");
    second.operation = first.operation;
    let refused = fixture.insert(&second).unwrap_err();
    assert!(refused.is_conflict_on(OPERATION_REPEATED), "{refused}");

    let (account, person) = (fixture.account, fixture.person);
    let made = api_keys::find_by_operation(&mut fixture.conn, account, person, first.operation);
    let made = made.unwrap().unwrap();
    assert_eq!(made.key_id, first.id.to_string());
    assert_eq!(made.workspace_slug, "default");
}

#[test]
fn a_refused_key_leaves_nothing_behind() {
    let mut fixture = Fixture::new();
    fixture.key("import");
    let before = fixture.dump();
    let (again, _) = fixture.draft("IMPORT");
    fixture.insert(&again).unwrap_err();
    assert_eq!(fixture.dump(), before);
}

#[test]
fn the_secret_is_in_no_row_and_its_making_is_audited() {
    let mut fixture = Fixture::new();
    let (new, plain) = fixture.draft("import");
    fixture.insert(&new).unwrap();

    let dump = fixture.dump();
    let secret = &plain.expose()[new.id.as_str().len() + 4..];
    assert!(!dump.contains(secret) && !dump.contains(&secret[..16]));
    assert!(dump.contains(&plain.last_four()));

    let target = ("key", new.id.as_str());
    let rows = audit_log::latest_of(&mut fixture.conn, fixture.account, target, 5).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].action, "key.created");
}

#[test]
fn a_key_is_found_in_its_own_workspace_only() {
    let mut fixture = Fixture::new();
    let id = fixture.key("import");
    let (account, workspace) = (fixture.account, fixture.workspace);
    let key = api_keys::find(&mut fixture.conn, account, workspace, id).unwrap();
    assert_eq!(key.name, "import");
    assert_eq!(key.scope, "Full access");
    assert_eq!(key.creator_email, "ada@acme.example");
    assert_eq!(key.secrets.len(), 1);

    let other = fixture.other_workspace;
    assert!(api_keys::find(&mut fixture.conn, account, other, id).is_err());
}
