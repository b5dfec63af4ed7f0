//! Erasing leaves the chains as they were; whoever does as if somebody was erased is found.

use latchkey::db::users;
use latchkey::db::users::Erasing;
use latchkey::domain::random::OsRandom;
use uuid::Uuid;

use super::*;
use crate::support::rows::number;

/// The database's own way to empty who did it, for a row that `WHERE` finds.
const EMPTY_ACTOR: &str = "
    update audit_log e set actor_digest = audit_part(null, actor_salt,
        jsonb_build_array('actor', actor_label, ip::text)), actor_salt = null,
        actor_label = 'erased person', ip = null where WHERE;";

const EMPTY_FACTS: &str = "
    update audit_log e set facts_digest = audit_part(null, facts_salt,
        jsonb_build_array('facts', before, after, reason)), facts_salt = null,
        before = null, after = null, reason = null where WHERE;";

/// The log of `Log`, with three rows that Grace left: row 11 of Acme is hers, row 12 about her,
/// row 13 names her.
async fn with_grace() -> (Log, Uuid) {
    let log = Log::written().await;
    let grace = Uuid::new_v4();
    let account = log.account;
    log.db.execute(&format!(
        "insert into users (id, email, email_folded, name, created_at)
         values ('{grace}', 'grace@acme.example', 'grace@acme.example', 'Grace Hopper', now())"
    ));
    for row in [
        format!("'{grace}', 'grace@acme.example', 'key.created', 'key', 'k', 'Blog', null"),
        format!("'ada', 'Ada', 'member.added', 'person', '{grace}', 'grace@acme.example', null"),
        "'ada', 'Ada', 'key.disabled', 'key', 'k', 'Blog', 'asked by grace@acme.example'"
            .to_owned(),
        "'ada', 'Ada', 'key.enabled', 'key', 'k', 'Blog', 'asked by ada'".to_owned(),
    ] {
        log.db.execute(&format!(
            "insert into audit_log (account_id, at, actor_kind, ip, actor_id, actor_label, action,
                 target_kind, target_id, target_label, reason)
             values ({account}, now(), 'person', '203.0.113.7', {row})"
        ));
    }
    log.look().await;
    (log, grace)
}

async fn erased() -> (Log, Uuid) {
    let (log, grace) = with_grace().await;
    let email = "grace@acme.example".parse().unwrap();
    let (actor, now) = (
        Actor::system("test"),
        DateTime::from_timestamp(1_763_700_100, 0),
    );
    let erase = |conn: &mut _| users::erase(conn, &actor, now.unwrap(), &OsRandom, &email);
    let Erasing::Done(done) = log.db().run_blocking(erase).unwrap() else {
        panic!("refused");
    };
    assert_eq!(done.audit_parts, 3);
    (log, grace)
}

fn row(number: usize) -> String {
    format!("e.id = (select entry from audit_links where chain = ACME and seq = {number})")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_intact_after_somebody_was_erased() {
    let (log, _) = erased().await;
    let (code, said) = log.verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("21 rows in 2 chains: intact."), "{said}");
    assert!(said.contains("1 erasures emptied rows"), "{said}");
    let named = "select count(*) from audit_log e where e::text ilike '%grace%'";
    assert_eq!(number(&log.db, named), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_erases_and_says_what_it_cannot() {
    let (log, _) = with_grace().await;
    log.by_force(&format!(
        "update audit_log e set actor_salt = null, target_salt = null, facts_salt = null where {}",
        row(11)
    ));
    let erase = ["person", "erase", "--email", "Grace@acme.example"];
    let output = log.installation.run(&erase, "");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("2 parts of audit rows"), "{said}");
    assert!(said.contains("1 audit rows from before"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_emptied_by_hand_is_found() {
    let (log, _) = with_grace().await;
    // The database lets it through: it is what erasing does.
    let by_hand = EMPTY_ACTOR.replace("WHERE", &row(11));
    log.db
        .execute(&by_hand.replace("ACME", &log.account.to_string()));
    log.assert_found("account Acme (chain 1): row 11 was emptied, and by no erasure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_emptied_along_with_those_of_an_erased_person_is_found() {
    let (log, grace) = erased().await;
    let acme = log.account.to_string();
    let by_hand = EMPTY_FACTS
        .replace("WHERE", &row(14))
        .replace("ACME", &acme);
    log.db.execute(&by_hand);
    log.assert_found("account Acme (chain 1): row 14 was emptied, and by no erasure");
    let note = format!(
        "insert into audit_erasures (entry, part, erasure) select e.id, 'facts', '{grace}'
           from audit_log e where {}",
        row(14)
    );
    log.db.execute(&note.replace("ACME", &acme));
    log.assert_found(&format!(
        "the erasure of {grace} emptied other rows than its event tells"
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_emptied_of_somebody_else_is_found_though_its_erasure_says_so() {
    let (log, grace) = erased().await;
    let acme = log.account.to_string();
    let statements = format!(
        "{} insert into audit_erasures (entry, part, erasure)
                select e.id, 'actor', gen_random_uuid() from audit_log e where {place};
            insert into audit_log (at, actor_kind, actor_id, actor_label, action, target_kind,
                target_id, target_label, after)
            select now(), 'system', 'system', 'Mallory', 'person.erased', 'person', erasure, 'x',
                jsonb_build_object('audit_digest', encode(sha256(convert_to(entry || ':actor', 'UTF8')), 'hex'))
              from audit_erasures where erasure <> '{grace}'",
        EMPTY_ACTOR.replace("WHERE", &row(14)),
        place = row(14),
    );
    log.db.execute(&statements.replace("ACME", &acme));
    log.assert_found("account Acme (chain 1): row 14 was emptied, and by no erasure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_row_that_names_somebody_else_is_found() {
    for (part, number) in [
        ("actor_label = 'Mallory'", 11),
        ("ip = '203.0.113.9'", 11),
        ("actor_salt = gen_random_uuid()", 11),
        ("actor_digest = sha256('')", 11),
        ("actor_digest = null", 11),
        ("target_label = 'Mallory'", 12),
        ("reason = 'they asked'", 13),
        ("after = '{}'", 13),
    ] {
        let (log, _) = erased().await;
        log.by_force(&format!(
            "update audit_log e set {part} where {}",
            row(number)
        ));
        log.assert_found(&format!(
            "account Acme (chain 1): row {number} was changed or moved"
        ));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn salts_that_are_swapped_or_taken_away_are_found() {
    for salts in [
        "actor_salt = target_salt, target_salt = actor_salt",
        "actor_salt = gen_random_uuid()",
        "facts_salt = null",
        "actor_salt = null, target_salt = null, facts_salt = null",
    ] {
        let (log, _) = with_grace().await;
        log.by_force(&format!("update audit_log e set {salts} where {}", row(11)));
        log.assert_found("account Acme (chain 1): row 11 was changed or moved");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_taken_away_leaves_emptied_rows_unexplained() {
    let (log, _) = erased().await;
    log.by_force(
        "delete from audit_links where entry = (select id from audit_log where action = 'person.erased');
         delete from audit_log where action = 'person.erased'",
    );
    std::fs::remove_file(HeadsFile::in_dir(Path::new(&log.installation.data_dir())).path())
        .unwrap();
    log.assert_found("account Acme (chain 1): row 11 was emptied, and by no erasure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_from_before_there_were_salts_are_verified_by_the_text_of_then() {
    let (log, _) = with_grace().await;
    let salts = ["actor_salt", "target_salt", "facts_salt"];
    for salt in salts {
        log.db
            .execute(&format!("alter table audit_log alter {salt} drop default"));
    }
    log.write(Some(log.account), 2);
    for salt in salts {
        log.db.execute(&format!(
            "alter table audit_log alter {salt} set default gen_random_uuid()"
        ));
    }
    log.write(Some(log.account), 1);
    let old = "select count(*) from audit_log where num_nonnulls(actor_salt, target_salt, facts_salt) = 0";
    assert_eq!(number(&log.db, old), 2);
    let (code, said) = log.verify();
    assert_eq!(code, Some(0), "{said}");
    log.by_force(&format!(
        "update audit_log e set actor_label = 'Mallory' where {}",
        row(15)
    ));
    log.assert_found("account Acme (chain 1): row 15 was changed or moved");
}

#[tokio::test]
async fn nothing_but_erasing_is_let_through() {
    let (log, _) = with_grace().await;
    let here = row(11).replace("ACME", &log.account.to_string());
    let empty = EMPTY_ACTOR.replace("WHERE", &here);
    for statement in [
        format!("update audit_log e set actor_label = 'erased person', ip = null where {here}"),
        format!("update audit_log e set actor_salt = null where {here}"),
        format!("update audit_log e set actor_salt = gen_random_uuid() where {here}"),
        format!("update audit_log e set reason = reason where {here}"),
        empty.replace("'erased person'", "'Mallory'"),
        empty.replace("ip = null", "ip = '203.0.113.9'"),
        empty.replace("ip = null", "ip = null, reason = 'x'"),
        empty.replace(
            "audit_part(null, actor_salt",
            "audit_part(null, target_salt",
        ),
        EMPTY_FACTS
            .replace("WHERE", &here)
            .replace("reason = null", "reason = 'x'"),
        "delete from audit_erasures".to_owned(),
        "truncate audit_erasures".to_owned(),
    ] {
        let mut connection = log.db.connection();
        let done = diesel::connection::SimpleConnection::batch_execute(&mut connection, &statement);
        let refused = done.unwrap_err().to_string();
        assert!(
            refused.contains("only ever added to"),
            "{statement}: {refused}"
        );
    }
    log.db.execute(&empty);
    let again = format!("update audit_log e set actor_label = 'Grace' where {here}");
    let mut connection = log.db.connection();
    diesel::connection::SimpleConnection::batch_execute(&mut connection, &again).unwrap_err();
}
