//! Letters, sent to a mail server that exists.

use std::time::Duration;

use latchkey::config::MailConfig;
use latchkey::mail::Letter;
use latchkey::mail::Mailer;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::said::Ear;
use crate::support::smtp::SmtpSink;

const PATIENCE: Duration = Duration::from_mins(1);
const LINK: &str = "https://keys.example/set-password?token=a-secret-token";

struct Post {
    mailer: Mailer,
    stop: CancellationToken,
    worker: JoinHandle<()>,
}

impl Post {
    fn open(config: &MailConfig) -> Self {
        let (mailer, worker) = Mailer::new(config).unwrap();
        let stop = CancellationToken::new();
        Self {
            mailer,
            worker: tokio::spawn(worker.run(stop.clone())),
            stop,
        }
    }

    async fn close(self) {
        self.stop.cancel();
        self.worker.await.unwrap();
    }
}

fn letter(subject: &str) -> Letter {
    Letter::new("ada@acme.example".parse().unwrap(), subject)
        .greets("Ada Byron")
        .says("Somebody asked for a new password.")
        .links("Set a new password", LINK)
        .says("The link works for 30 minutes.")
}

async fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let waited = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waited).await;
    assert!(in_time.is_ok(), "never: {what}");
}

#[tokio::test]
async fn a_letter_arrives_as_text_and_as_html() {
    let sink = SmtpSink::open();
    let post = Post::open(&sink.config());
    assert!(post.mailer.sends());
    post.mailer.send(letter("Passwörter & Schlüssel")).unwrap();
    let arrived = sink.letter().await;
    assert_eq!(arrived.from, "keys@example.com");
    assert_eq!(arrived.to, ["ada@acme.example"]);
    assert_eq!(arrived.subject, "Passwörter & Schlüssel");
    assert!(arrived.text.lines().any(|line| line == LINK), "{arrived:?}");
    assert!(arrived.html.contains("<p>Hello Ada Byron,</p>"));
    assert_eq!(arrived.path(), "/set-password?token=a-secret-token");
    post.close().await;
}

#[tokio::test]
async fn a_letter_that_is_put_off_goes_out_later() {
    let sink = SmtpSink::putting_off(1);
    let post = Post::open(&sink.config());
    post.mailer.send(letter("Twice")).unwrap();
    assert_eq!(sink.letter().await.subject, "Twice");
    post.close().await;
    assert!(sink.is_empty());
}

#[tokio::test]
async fn a_letter_that_is_refused_is_dropped_and_its_link_stays_out_of_the_log() {
    let (sink, ear) = (SmtpSink::refusing(), Ear::open());
    let post = Post::open(&sink.config());
    post.mailer.send(letter("Refused")).unwrap();
    wait_for("a dropped letter", || {
        ear.heard().contains("a letter was dropped")
    })
    .await;
    let heard = ear.heard();
    assert!(heard.contains("550"), "{heard}");
    assert!(heard.contains("attempts=1"), "{heard}");
    assert!(!heard.contains("a-secret-token"), "{heard}");
    post.close().await;
}

#[tokio::test]
async fn what_waits_when_latchkey_stops_gets_one_more_attempt() {
    let sink = SmtpSink::open();
    let (mailer, worker) = Mailer::new(&sink.config()).unwrap();
    for subject in ["One", "Two"] {
        mailer.send(letter(subject)).unwrap();
    }
    let stop = CancellationToken::new();
    stop.cancel();
    worker.run(stop).await;
    assert_eq!(sink.letter().await.subject, "One");
    assert_eq!(sink.letter().await.subject, "Two");
}

#[tokio::test]
async fn without_smtp_the_letter_is_in_the_log_which_says_that_it_was_not_sent() {
    let ear = Ear::open();
    let post = Post::open(&MailConfig::default());
    assert!(!post.mailer.sends());
    post.mailer.send(letter("Set a new password")).unwrap();
    wait_for("a letter in the log", || ear.heard().contains(LINK)).await;
    let heard = ear.heard();
    assert!(heard.contains("not sent, because LATCHKEY_SMTP_URL is not set"));
    assert!(heard.contains("ada@acme.example"), "{heard}");
    post.close().await;
}

#[tokio::test]
async fn a_full_queue_tells_its_caller_and_prints_no_link() {
    let sink = SmtpSink::open();
    let ear = Ear::open();
    let (mailer, _worker) = Mailer::new(&sink.config()).unwrap();
    let accepted = (0..2_000).filter(|_| mailer.send(letter("Many")).is_ok());
    assert_eq!(accepted.count(), 1_000);
    assert!(!ear.heard().contains("a-secret-token"));
}
