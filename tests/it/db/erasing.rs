//! Erasing a person: afterwards nobody finds them, and nothing that was counted is missing.

mod history;
mod others;

use diesel::connection::SimpleConnection;
use latchkey::db::users;
use latchkey::db::users::Erasing;
use latchkey::domain::actor::Actor;
use latchkey::domain::random::OsRandom;
use uuid::Uuid;

use crate::db::fixture::Fixture;
use crate::db::fixture::now;
use crate::support::rows::number;
use crate::support::rows::text;

const EMAIL: &str = "Grace.Hopper@acme.example";

/// Every table that holds the text in any column, and every partition.
const HOLDERS: &str = "
create function holders(wanted text) returns text language plpgsql as $$
declare
    one text;
    held boolean;
    found text := '';
begin
    for one in select tablename from pg_tables where schemaname = 'public' loop
        execute format('select exists (select from %I t where t::text ilike $1)', one)
            into held using '%' || wanted || '%';
        if held then found := found || one || ' '; end if;
    end loop;
    return found;
end
$$";

fn holders(fixture: &Fixture, wanted: &str) -> String {
    let sql = format!("select coalesce(nullif(holders('{wanted}'), ''), 'none') as line");
    text(&fixture.db, &sql)
}

/// Somebody with everything that a person can have, who has left the account.
fn grace(fixture: &mut Fixture) -> Uuid {
    let id = Uuid::new_v4();
    let (account, workspace) = (fixture.account.0, fixture.workspace.0);
    let folded = EMAIL.to_lowercase();
    fixture.conn.batch_execute(HOLDERS).unwrap();
    let sql = format!(
        "insert into users (id, email, email_folded, name, password_hash, created_at)
         values ('{id}', '{EMAIL}', '{folded}', 'Grace Hopper', 'a hash', now());
         insert into sessions (id_digest, user_id, state, created_at, last_seen_at, ip, client)
         values ('\\x01', '{id}', '{{\"email\": \"{EMAIL}\"}}', now(), now(), '203.0.113.77', 'Netscape');
         insert into second_factors (user_id, sealed_secret, last_step, created_at)
         values ('{id}', decode(repeat('ab', 40), 'hex'), 0, now());
         insert into recovery_codes (user_id, code_digest, created_at)
         values ('{id}', decode(repeat('cd', 32), 'hex'), now());
         insert into identities (id, user_id, provider, issuer, subject, email, linked_at)
         values (gen_random_uuid(), '{id}', 'google', 'https://accounts.google.com', 'grace-1906', '{EMAIL}', now());
         insert into one_time_links (token_digest, purpose, user_id, created_at, expires_at)
         values ('\\x02', 'set-password', '{id}', now(), now());
         insert into pending_sign_ins (state_digest, browser_digest, provider, user_id, next, address, created_at)
         values ('\\x03', '\\x03', 'google', '{id}', '/', '203.0.113.77', now());
         insert into sign_in_failures (scope, subject, failures, first_failed_at, last_failed_at)
         values ('email', '{folded}', 1, now(), now());
         insert into invitations (account_id, id, email, email_folded, role, token_digest,
             invited_by, created_at, sent_at, expires_at)
         values ({account}, gen_random_uuid(), '{EMAIL}', '{folded}', 'member', '\\x04', '{person}',
             now(), now(), now());
         insert into api_keys (account_id, id, workspace_id, name, name_folded, category, preset,
             preset_version, created_by, created_at, operation, revoked_at, revoked_by)
         values ({account}, 'aaaaaaaaaaaa', {workspace}, 'theirs', 'theirs', 'staging', 'full', 1,
             '{id}', now(), gen_random_uuid(), now(), '{EMAIL}');
         insert into usage_daily (account_id, workspace_id, key_id, day, requests, failed, credits)
         values ({account}, {workspace}, 'aaaaaaaaaaaa', current_date, 42, 2, 7)",
        person = fixture.person,
    );
    fixture.conn.batch_execute(&sql).unwrap();
    id
}

fn erase(fixture: &mut Fixture) -> Erasing {
    let email = EMAIL.to_uppercase().parse().unwrap();
    let actor = Actor::system("test");
    users::erase(&mut fixture.conn, &actor, now(), &OsRandom, &email).unwrap()
}

#[test]
fn an_erased_person_is_found_nowhere_and_counts_stay() {
    let mut fixture = Fixture::new();
    let id = grace(&mut fixture);
    for (known, place) in [
        (EMAIL, "users"),
        ("Grace Hopper", "users"),
        ("203.0.113.77", "sessions"),
        ("grace-1906", "identities"),
    ] {
        assert!(holders(&fixture, known).contains(place), "{known}");
    }
    let Erasing::Done(erased) = erase(&mut fixture) else {
        panic!("refused");
    };
    assert_eq!(erased.person, Some(id));
    assert_eq!(
        (erased.sessions, erased.sign_ins, erased.invitations),
        (1, 2, 1)
    );
    for known in [
        EMAIL,
        "Grace Hopper",
        "203.0.113.77",
        "Netscape",
        "grace-1906",
        "a hash",
    ] {
        assert_eq!(holders(&fixture, known), "none", "{known}");
    }
    let of_key = "select users.name || ' ' || revoked_by as line from users join api_keys on created_by = users.id
                   where api_keys.id = 'aaaaaaaaaaaa'";
    assert_eq!(text(&fixture.db, of_key), "Erased person Erased person");
    let counted = "select sum(requests)::bigint from usage_daily";
    assert_eq!(number(&fixture.db, counted), 42);
    let noted = format!(
        "select count(*) from audit_log where action = 'person.erased' and target_id = '{id}'
            and audit_log::text not ilike '%grace%'"
    );
    assert_eq!(number(&fixture.db, &noted), 1);

    let Erasing::Done(again) = erase(&mut fixture) else {
        panic!("refused");
    };
    assert_eq!((again.person, again.invitations), (None, 0));
    assert_eq!((again.audit_parts, again.texts), (0, 0));
    assert_eq!(number(&fixture.db, &noted), 1, "nothing was done again");
}

#[test]
fn somebody_who_is_still_somebody_is_not_erased() {
    let mut fixture = Fixture::new();
    let id = grace(&mut fixture);
    let account = fixture.account.0;
    let join = format!(
        "insert into memberships (account_id, user_id, role, created_at)
         values ({account}, '{id}', 'member', now())"
    );
    fixture.conn.batch_execute(&join).unwrap();
    let domain = text(&fixture.db, "select domain as line from accounts");
    assert_eq!(erase(&mut fixture), Erasing::Member(vec![domain]));
    let promote = format!(
        "delete from memberships where user_id = '{id}';
         insert into staff_grants (user_id, role, created_at) values ('{id}', 'support', now())"
    );
    fixture.conn.batch_execute(&promote).unwrap();
    assert_eq!(erase(&mut fixture), Erasing::Staff);
    assert!(holders(&fixture, EMAIL).contains("users"));
}
