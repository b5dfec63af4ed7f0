//! Letters to those whose old secret ends while somebody still calls with it.

use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::key_prefix::KeyPrefix;
use latchkey::mail::Mailer;
use latchkey::spool::record::Record;
use latchkey::workers::overlap_letters::OverlapLetters;
use tokio_util::sync::CancellationToken;

use super::LogPath;
use super::allowed;
use crate::support::smtp::SmtpSink;

/// The first key was rotated a moment ago, and its old secret lasts for a day.
struct Rotated {
    path: LogPath,
    sink: SmtpSink,
    letters: OverlapLetters,
    stop: CancellationToken,
}

impl Rotated {
    fn new() -> Self {
        let (path, sink) = (LogPath::new(), SmtpSink::open());
        path.test_db.execute(
            "insert into memberships (account_id, user_id, role, created_at) values
                 (1, '00000000-0000-4000-8000-000000000001', 'owner', now());
             update key_secrets set created_at = '2026-11-21 10:00Z' where generation = 2;
             update key_secrets set retires_at = '2026-11-22 10:00Z'
              where generation = 1 and key_id = 'aaaaaaaaaaaa'",
        );
        let (mailer, worker) = Mailer::new(&sink.config()).unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(worker.run(stop.clone()));
        let letters = OverlapLetters {
            db: path.test_db.db(),
            clock: Arc::new(path.clock.clone()),
            mailer,
            prefix: KeyPrefix::parse("lk").unwrap(),
            link: Box::new(|workspace, key| format!("https://keys.example/{workspace}/{key}")),
        };
        Self {
            path,
            sink,
            letters,
            stop,
        }
    }

    fn hours(&self, hours: u64) {
        self.minutes(hours * 60);
    }

    fn minutes(&self, minutes: u64) {
        self.path.clock.advance(Duration::from_mins(minutes));
    }

    /// A call with the old secret, delivered.
    async fn call(&self) {
        self.path
            .append(&Record::Decision(allowed(self.path.now())));
        self.path.shipper().drain().await.unwrap();
    }

    async fn written(&self) -> usize {
        self.letters.run_once().await.unwrap()
    }
}

impl Drop for Rotated {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn who_still_uses_an_old_secret_is_told_once_near_its_end() {
    let rotated = Rotated::new();
    rotated.minutes(17 * 60 + 30);
    rotated.call().await;
    assert_eq!(rotated.written().await, 0, "the last quarter has not begun");
    rotated.minutes(30);
    assert_eq!(rotated.written().await, 1);
    assert_eq!(rotated.written().await, 0);

    let letter = rotated.sink.letter().await;
    assert_eq!(letter.to, ["a@b.c"]);
    assert_eq!(
        letter.subject,
        "The old secret of blog ingest is still used, and ends soon"
    );
    for words in [
        "blog ingest of Acme, Default, was rotated.",
        "lk_aaaaaaaaaaaa_••••c91d ends on 22 November 2026, 10:00 UTC",
        "on 22 November 2026, 03:30 UTC from 203.0.113.9 by curl/8.5.0",
    ] {
        let text = letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{words:?} in {text}");
    }
    assert_eq!(letter.path(), "/default/aaaaaaaaaaaa");
}

#[tokio::test]
async fn another_end_is_another_warning() {
    let rotated = Rotated::new();
    rotated.hours(20);
    rotated.call().await;
    assert_eq!(rotated.written().await, 1);
    rotated.path.test_db.execute(
        "update key_secrets set retires_at = '2026-11-23 10:00Z' where retires_at is not null",
    );
    assert_eq!(rotated.written().await, 0);
    rotated.hours(17);
    rotated.call().await;
    assert_eq!(rotated.written().await, 1);
}

#[tokio::test]
async fn nobody_is_told_of_a_quiet_secret_or_of_a_key_that_lets_nobody_in() {
    for condition in [
        "update key_secrets set last_used_at = '2026-11-22 05:00Z'",
        "update key_secrets set last_used_at = null",
        "update api_keys set revoked_at = '2026-11-22 05:00Z', revoked_by = 'ada'",
        "update api_keys set disabled_at = '2026-11-22 05:00Z'",
        "update api_keys set expires_at = '2026-11-22 05:59Z'",
        "update key_secrets set retires_at = '2026-11-22 06:00Z' where retires_at is not null",
    ] {
        let rotated = Rotated::new();
        rotated.hours(20);
        rotated.call().await;
        rotated.path.test_db.execute(condition);
        assert_eq!(rotated.written().await, 0, "{condition}");
        assert!(rotated.sink.is_empty(), "{condition}");
    }
}

#[tokio::test]
async fn a_key_that_is_enabled_again_has_its_warning_still() {
    let rotated = Rotated::new();
    rotated.hours(20);
    rotated.call().await;
    let disabled = "update api_keys set disabled_at = '2026-11-22 05:00Z'";
    rotated.path.test_db.execute(disabled);
    assert_eq!(rotated.written().await, 0);
    let enabled = "update api_keys set disabled_at = null";
    rotated.path.test_db.execute(enabled);
    assert_eq!(rotated.written().await, 1);
}

#[tokio::test]
async fn of_a_service_key_and_of_who_has_left_every_owner_of_the_account_is_told() {
    for nobodys in [
        "update api_keys set service = true",
        "update api_keys set handed_to = '00000000-0000-4000-8000-000000000004'",
    ] {
        owners_are_told(nobodys).await;
    }
}

async fn owners_are_told(nobodys: &str) {
    let rotated = Rotated::new();
    rotated.path.test_db.execute(
        "insert into users (id, email, email_folded, name, created_at) values
             ('00000000-0000-4000-8000-000000000002', 'b@b.c', 'b@b.c', 'B', now()),
             ('00000000-0000-4000-8000-000000000003', 'c@b.c', 'c@b.c', 'C', now()),
             ('00000000-0000-4000-8000-000000000004', 'd@b.c', 'd@b.c', 'D', now());
         insert into memberships (account_id, user_id, role, created_at) values
             (1, '00000000-0000-4000-8000-000000000002', 'owner', now() + interval '1 second'),
             (1, '00000000-0000-4000-8000-000000000003', 'member', now()),
             (2, '00000000-0000-4000-8000-000000000003', 'owner', now())",
    );
    rotated.path.test_db.execute(nobodys);
    rotated.hours(20);
    rotated.call().await;
    assert_eq!(rotated.written().await, 2);
    let mut told = Vec::new();
    for _ in 0..2 {
        told.extend(rotated.sink.letter().await.to);
    }
    told.sort();
    assert_eq!(told, ["a@b.c", "b@b.c"]);
}
