//! What others wrote and did with somebody who is erased: it stays, without them.

use diesel::connection::SimpleConnection;
use latchkey::db::users::Erased;
use latchkey::db::users::Erasing;
use uuid::Uuid;

use super::EMAIL;
use super::erase;
use super::grace;
use super::holders;
use crate::db::fixture::Fixture;
use crate::support::rows::number;
use crate::support::rows::text;

/// Rows of the audit log as the program writes them: by her, about her, and that name her; and
/// some of her near namesakes, who stay.
const LOG: &str = "
insert into audit_log (account_id, at, actor_kind, actor_id, actor_label, action, target_kind,
    target_id, target_label, before, after, reason, ip) values
(ACCOUNT, now(), 'person', 'GRACE', 'EMAIL', 'key.created', 'key', 'aaaaaaaaaaaa', 'theirs', null,
    '{\"name\": \"theirs\"}', null, '203.0.113.77'),
(ACCOUNT, now(), 'person', 'GRACE', 'EMAIL', 'person.updated', 'person', 'GRACE', 'EMAIL',
    '{\"name\": \"Grace Murray\"}', '{\"name\": \"Grace Hopper\"}', null, '203.0.113.77'),
(ACCOUNT, now(), 'person', 'ADA', 'ada@acme.example', 'member.role-changed', 'person', 'GRACE',
    'EMAIL', '{\"role\": \"member\"}', '{\"role\": \"owner\"}', null, '203.0.113.5'),
(ACCOUNT, now(), 'person', 'ADA', 'ada@acme.example', 'member.removed', 'person', 'GRACE',
    'EMAIL', '{\"role\": \"owner\"}', null, 'GRACE MURRAY has left', '203.0.113.5'),
(ACCOUNT, now(), 'person', 'ADA', 'ada@acme.example', 'invitation.sent', 'invitation', 'i1',
    'grace.hopper@ACME.example', null, '{\"role\": \"member\"}', null, '203.0.113.5'),
(ACCOUNT, now(), 'person', 'ADA', 'ada@acme.example', 'key.disabled', 'key', 'bbbbbbbbbbbb',
    'Billing', '{\"disabled_at\": null}', null, 'asked for by EMAIL.', '203.0.113.5'),
(ACCOUNT, now(), 'person', 'ADA', 'ada@acme.example', 'key.created', 'key', 'cccccccccccc',
    'Laptop of EMAIL', null, '{\"name\": \"Laptop of EMAIL\"}', null, '203.0.113.5'),
(ACCOUNT, now(), 'support', 'GRACE', 'EMAIL', 'support.viewed', 'account', 'a', 'Acme', null,
    null, 'T-1: billing', '203.0.113.77'),
(null, now(), 'person', 'GRACE', 'EMAIL', 'session.started', 'session', 's1', 'EMAIL', null,
    '{\"by\": \"google\"}', null, '203.0.113.77'),
(null, now(), 'person', 'GRACE', 'EMAIL', 'identity.linked', 'person', 'GRACE', 'EMAIL', null,
    '{\"subject\": \"grace-1906\", \"email\": \"amazing@home.example\"}', null, '203.0.113.77'),
(null, now(), 'person', 'OTHER', 'big.EMAIL', 'session.started', 'session', 's2', 'big.EMAIL',
    null, '{\"by\": \"password\"}', null, '203.0.113.6'),
(null, now(), 'person', 'OTHER', 'EMAIL.uk', 'session.started', 'session', 's3', 'EMAIL.uk',
    null, '{\"by\": \"password\"}', null, '203.0.113.6');
";

/// The address in words that people and programs wrote.
const WORDS: &str = "
update identities set email = 'amazing@home.example' where user_id = 'GRACE';
insert into workspaces (account_id, public_id, slug, name, created_at)
    values (ACCOUNT, 'w', 'w', 'Of EMAIL', now());
insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
    preset_version, created_by, created_at, operation, note)
values (ACCOUNT, 'cccccccccccc', WORKSPACE, 'Laptop of EMAIL', 'laptop of FOLDED', 'staging',
    'full', 1, 'ADA', now(), gen_random_uuid(), 'Ask EMAIL or big.EMAIL'),
  (ACCOUNT, 'dddddddddddd', WORKSPACE, 'Laptop of Erased person', 'laptop of erased person',
    'staging', 'full', 1, 'ADA', now(), gen_random_uuid(), '');
insert into support_sessions (account_id, public_id, user_id, staff_name, staff_email, ticket,
    reason, note, requested_at, decided_by)
values (ACCOUNT, 's1', 'GRACE', 'Grace Hopper', 'EMAIL', 'T-1', 'Other', 'EMAIL wrote', now(),
    'ada@acme.example'),
  (ACCOUNT, 's2', 'ADA', 'Ada', 'ada@acme.example', 'T-2', 'Other', '', now(), 'EMAIL');
insert into catalogue_versions (version, document, applied_at, applied_by)
    values (999, '', now(), 'EMAIL');
insert into log_texts (kind, value, seen_on)
    values (1, '/people/EMAIL', current_date), (1, '/people/FOLDED', current_date),
      (1, '/people/grace.hopper%40acme.example/keys', current_date);
create table request_log_of_all_days partition of request_log default;
insert into request_log (at, account_id, workspace_id, path_id, agent_id, name_id, credits, code,
    method, surface, generation, key_id, request_id)
select now(), ACCOUNT, WORKSPACE, id, id, id, 1, 0, 1, 1, 1, 'aaaaaaaaaaaa', 'req' from log_texts;
";

pub(super) struct History {
    pub(super) fixture: Fixture,
    grace: Uuid,
}

impl History {
    pub(super) fn new() -> Self {
        let mut fixture = Fixture::new();
        let grace = grace(&mut fixture);
        let mut history = Self { fixture, grace };
        history.execute(LOG);
        history.execute(WORDS);
        history
    }

    pub(super) fn execute(&mut self, statements: &str) {
        let fixture = &mut self.fixture;
        let statements = statements
            .replace("ACCOUNT", &fixture.account.0.to_string())
            .replace("WORKSPACE", &fixture.workspace.0.to_string())
            .replace("OTHER", &Uuid::new_v4().to_string())
            .replace("'ADA'", &format!("'{}'", fixture.person))
            .replace("'GRACE'", &format!("'{}'", self.grace))
            .replace("FOLDED", &EMAIL.to_lowercase())
            .replace("EMAIL", EMAIL);
        fixture.conn.batch_execute(&statements).unwrap();
    }

    pub(super) fn erase(&mut self) -> Erased {
        match erase(&mut self.fixture) {
            Erasing::Done(erased) => erased,
            refused => panic!("{refused:?}"),
        }
    }

    fn count(&self, sql: &str) -> i64 {
        number(&self.fixture.db, sql)
    }

    /// What stays as it was: rows, and what they add up to.
    fn totals(&self) -> Vec<i64> {
        [
            "select count(*) from audit_log where action <> 'person.erased'",
            "select count(*) from audit_links link join audit_log e on e.id = link.entry
              where action <> 'person.erased'",
            "select count(*) from api_keys",
            "select sum(requests) from usage_daily",
            "select sum(credits) from usage_daily",
            "select count(*) from request_log",
            "select sum(credits) from request_log r join log_texts t on t.id = r.path_id",
            "select count(*) from support_sessions",
            "select count(*) from users",
            "select count(*) from workspaces",
        ]
        .map(|sql| self.count(sql))
        .to_vec()
    }

    /// A row of the audit log, by whom, to what, with which facts.
    pub(super) fn row(&self, action: &str, target: &str) -> String {
        let sql = format!(
            "select concat_ws(' | ', actor_label, host(ip), target_label, before, after, reason) as line
               from audit_log where action = '{action}' and target_id = '{target}'"
        );
        text(&self.fixture.db, &sql)
    }
}

#[test]
fn the_address_the_names_and_the_ip_of_an_erased_person_are_in_no_column_of_any_table() {
    let mut history = History::new();
    for (known, place) in [
        ("grace.hopper@acme.example", "audit_log"),
        ("grace murray", "audit_log"),
        ("grace.hopper@acme.example", "log_texts"),
        ("203.0.113.77", "audit_log"),
    ] {
        let holders = holders(&history.fixture, known);
        assert!(holders.contains(place), "{known}: {holders}");
    }
    let totals = history.totals();
    let erased = history.erase();
    assert_eq!(history.totals(), totals);
    // Of her namesakes there are two rows of the log each, and one note.
    let namesakes = "
        alter table audit_log disable trigger user;
        delete from audit_log where actor_label in ('big.EMAIL', 'EMAIL.uk');
        update api_keys set note = replace(note, 'big.EMAIL', '')";
    assert_eq!(
        history.count(&format!(
            "select count(*) from audit_log where target_label in ('big.{EMAIL}', '{EMAIL}.uk')"
        )),
        2
    );
    assert_eq!(
        text(
            &history.fixture.db,
            "select note as line from api_keys where id = 'cccccccccccc'"
        ),
        format!("Ask Erased person or big.{EMAIL}")
    );
    history.execute(namesakes);
    for known in [
        "grace.hopper@acme.example",
        "grace.hopper%40acme.example",
        "amazing@home.example",
        "Grace Hopper",
        "Grace Murray",
        "203.0.113.77",
        "grace-1906",
    ] {
        assert_eq!(
            holders(&history.fixture, known.replace('%', "\\%").as_str()),
            "none",
            "{known}"
        );
    }
    assert_eq!(erased.audit_left, 0);
    let told =
        "select (after ->> 'audit_parts')::bigint from audit_log where action = 'person.erased'";
    assert_eq!(history.count(told), erased.audit_parts);
    assert_eq!(
        history.count("select count(*) from audit_erasures"),
        erased.audit_parts
    );
}

#[test]
fn of_an_emptied_row_stays_what_names_nobody() {
    let mut history = History::new();
    history.erase();
    let grace = history.grace.to_string();
    assert_eq!(
        history.row("key.created", "aaaaaaaaaaaa"),
        "erased person | theirs | {\"name\": \"theirs\"}"
    );
    assert_eq!(
        history.row("member.role-changed", &grace),
        "ada@acme.example | 203.0.113.5 | erased person | {\"role\": \"member\"} | {\"role\": \"owner\"}"
    );
    assert_eq!(
        history.row("member.removed", &grace),
        "ada@acme.example | 203.0.113.5 | erased person"
    );
    assert_eq!(
        history.row("invitation.sent", "i1"),
        "ada@acme.example | 203.0.113.5 | erased person | {\"role\": \"member\"}"
    );
    assert_eq!(
        history.row("key.disabled", "bbbbbbbbbbbb"),
        "ada@acme.example | 203.0.113.5 | Billing"
    );
    assert_eq!(
        history.row("support.viewed", "a"),
        "erased person | Acme | T-1: billing"
    );
    assert_eq!(
        history.row("person.updated", &grace),
        "erased person | erased person"
    );
}

#[test]
fn an_address_that_was_only_invited_is_erased_too() {
    let mut history = History::new();
    history.execute(
        "delete from invitations;
         insert into audit_log (at, actor_kind, actor_id, actor_label, action, target_kind,
             target_id, target_label)
         values (now(), 'person', 'ADA', 'ada@acme.example', 'invitation.sent', 'invitation', 'i2',
             'joan@home.example')",
    );
    let email = "Joan@home.example".parse().unwrap();
    let actor = latchkey::domain::actor::Actor::system("test");
    let conn = &mut history.fixture.conn;
    let random = &latchkey::domain::random::OsRandom;
    let now = crate::db::fixture::now();
    let done = latchkey::db::users::erase(conn, &actor, now, random, &email).unwrap();
    let Erasing::Done(erased) = done else {
        panic!("{done:?}");
    };
    assert_eq!((erased.person, erased.audit_parts), (None, 1));
    assert_eq!(holders(&history.fixture, "joan@"), "none");
    assert_eq!(
        history.row("invitation.sent", "i2"),
        "ada@acme.example | erased person"
    );
}

#[test]
fn rows_from_before_there_were_salts_are_counted_and_left() {
    let mut history = History::new();
    history.execute(
        "set session_replication_role = replica;
         update audit_log set actor_salt = null, target_salt = null, facts_salt = null
          where action in ('key.disabled', 'session.started');
         set session_replication_role = origin",
    );
    assert_eq!(history.erase().audit_left, 2);
    let named = format!("select count(*) from audit_log where actor_label = '{EMAIL}'");
    assert_eq!(history.count(&named), 1);
}

#[test]
fn many_rows_are_emptied_batch_by_batch() {
    let mut history = History::new();
    history.execute(
        "insert into audit_log (account_id, at, actor_kind, actor_id, actor_label, action,
             target_kind, target_id, target_label)
         select ACCOUNT, now(), 'person', 'GRACE', 'EMAIL', 'key.updated', 'key', 'k', 'Key'
           from generate_series(1, 10500)",
    );
    let erased = history.erase();
    assert!(erased.audit_parts > 10_500, "{erased:?}");
    let emptied = "select count(*) from audit_log where actor_label = 'erased person'";
    assert_eq!(history.count(emptied), 10_505);
}
