//! Whoever else is in the log when a person is erased stays in it.

use super::EMAIL;
use super::history::History;
use crate::support::rows::text;

/// What a provider calls her is not hers alone, an address may end with hers, and a name may be any
/// word.
#[test]
fn nobody_else_is_erased_with_a_person() {
    let mut history = History::new();
    history.execute(
        "update identities set email = 'ada' where user_id = 'GRACE';
         insert into audit_log (account_id, at, actor_kind, actor_id, actor_label, action,
             target_kind, target_id, target_label, before, after, ip) values
         (ACCOUNT, now(), 'person', 'OTHER', 'o''EMAIL', 'key.updated', 'key', 'eeeeeeeeeeee',
             'Key of ada', null, '{\"note\": \"ask ada\"}', '203.0.113.5'),
         (ACCOUNT, now(), 'person', 'GRACE', 'EMAIL', 'person.updated', 'person', 'GRACE', 'EMAIL',
             '{\"name\": \"disabled_at\"}', '{\"name\": \"Grace\"}', null),
         (ACCOUNT, now(), 'person', 'GRACE', 'EMAIL', 'key.disabled', 'key', 'ffffffffffff',
             'Billing', '{\"disabled_at\": null}', '{\"disabled_at\": \"then\"}', null)",
    );
    history.erase();
    assert_eq!(
        history.row("key.updated", "eeeeeeeeeeee"),
        format!("o'{EMAIL} | 203.0.113.5 | Key of ada | {{\"note\": \"ask ada\"}}")
    );
    assert_eq!(
        history.row("key.disabled", "ffffffffffff"),
        "erased person | Billing | {\"disabled_at\": null} | {\"disabled_at\": \"then\"}"
    );
}

#[test]
fn keys_that_are_called_by_the_address_stay_apart() {
    let mut history = History::new();
    history.execute(
        "insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
             preset_version, created_by, created_at, operation)
         select ACCOUNT, id, WORKSPACE, name, lower(name), 'staging', 'full', 1, 'ADA', now(),
             gen_random_uuid()
           from (values ('eeeeeeeeeeee', 'EMAIL'), ('ffffffffffff', replace('EMAIL', '@', '%40')))
                as key (id, name)",
    );
    history.erase();
    let names = "select string_agg(name, ' ' order by id) as line from api_keys
                  where id in ('eeeeeeeeeeee', 'ffffffffffff')";
    assert_eq!(
        text(&history.fixture.db, names),
        "erased-eeeeeeeeeeee erased-ffffffffffff"
    );
}
