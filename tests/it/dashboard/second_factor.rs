//! An authenticator app and recovery codes.

use std::time::Duration;

use latchkey::domain::clock::Clock;
use totp_rs::Builder;
use totp_rs::Secret;
use totp_rs::Totp;

use crate::support::app::PASSWORD;
use crate::support::app::TestApp;
use crate::support::callers::Caller;
use crate::support::html::Page;
use crate::support::rows::every_row;
use crate::support::rows::last_noted;
use crate::support::rows::noted_after;
use crate::support::rows::number;
use crate::support::smtp::SmtpSink;

pub const SET_UP: &str = "/me/security/second-factor";
const STEP: &str = "/sign-in/acme/second-factor";
const OWNER: [(&str, &str); 2] = [("email", "owner@acme.example"), ("password", PASSWORD)];

/// The app on a phone.
pub struct Phone(Totp);

impl Phone {
    /// Types in what the page shows.
    fn reading(page: &Page) -> Self {
        let typed = page.one("#secret-text").replace(' ', "");
        let secret = Secret::try_from_base32(typed).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    fn code(&self, app: &TestApp) -> String {
        let now = u64::try_from(app.clock.now().timestamp()).unwrap();
        self.0.generate(now).to_string()
    }

    /// Of the next half minute, which is none that was used.
    fn next_code(&self, app: &TestApp) -> String {
        app.clock.advance(Duration::from_secs(30));
        self.code(app)
    }
}

pub async fn set_up(app: &TestApp, caller: &Caller) -> (Phone, Vec<String>) {
    let page = caller.get(SET_UP).await;
    let phone = Phone::reading(&page);
    let sealed = page.attribute("main input[name=sealed]", "value");
    let fields = [("sealed", sealed.as_str()), ("code", &phone.code(app))];
    let page = caller.fill_in(&page, &fields).await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, "no-store, private")
    );
    let codes = page.texts("#recovery-codes code");
    assert_eq!(codes.len(), 10, "{}", page.text);
    (phone, codes)
}

/// After the password; the browser stands before the second step.
async fn first_step(app: &TestApp) -> Caller {
    let caller = app.visitor();
    let page = caller.submit("/sign-in/acme", &OWNER).await;
    assert_eq!((page.status, page.location()), (303, STEP));
    assert_eq!(
        caller.get("/w/default/").await.status,
        303,
        "no session yet"
    );
    caller
}

#[tokio::test]
async fn signing_in_takes_the_password_and_then_a_code_that_is_taken_once() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let (phone, _) = set_up(&app, &owner).await;
    let caller = first_step(&app).await;
    let used = phone.code(&app);
    let page = caller.submit(STEP, &[("code", &used)]).await;
    assert_eq!(page.status, 422, "the code of setting up is used");
    let code = phone.next_code(&app);
    let last = last_noted(&app.db);
    let page = caller.submit(STEP, &[("code", &code)]).await;
    assert_eq!((page.status, page.location()), (303, "/"));
    assert_eq!(noted_after(&app.db, last), "session.started");
    assert_eq!(caller.get("/w/default/").await.status, 200);
    let again = first_step(&app).await;
    let page = again.submit(STEP, &[("code", &code)]).await;
    assert_eq!(page.status, 422, "replayed");
    assert!(page.one("#code-error").contains("used before"));
    app.clock.advance(Duration::from_mins(1));
    let early = phone.code(&app);
    app.clock.advance(Duration::from_secs(30));
    let page = again.submit(STEP, &[("code", &early)]).await;
    assert_eq!(page.status, 303, "one step late is taken");
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_is_told() {
    let sink = SmtpSink::open();
    let app = TestApp::spawn_with(None, &sink.config());
    let owner = app.owner("acme").await;
    let (_, codes) = set_up(&app, &owner).await;
    let told = sink.letter().await;
    assert!(told.subject.contains("second factor was added"));
    let caller = first_step(&app).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let page = caller.submit(STEP, &[("code", &typed)]).await;
    assert_eq!(page.status, 303);
    let page = caller.get("/w/default/").await;
    assert!(page.one(".flash").contains("Codes that are left: 9."));
    let told = sink.letter().await;
    assert_eq!(told.to, ["owner@acme.example"]);
    assert!(told.text.contains("Recovery codes that are left: 9."));
    let noted = "select count(*) from audit_log where action = 'recovery-code.used'";
    assert_eq!(number(&app.db, noted), 1);
    let page = first_step(&app)
        .await
        .submit(STEP, &[("code", &codes[3])])
        .await;
    assert_eq!(page.status, 422, "once");
}

#[tokio::test]
async fn nothing_at_rest_makes_a_code() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let page = owner.get(SET_UP).await;
    let typed = page.one("#secret-text").replace(' ', "");
    let secret = Secret::try_from_base32(&typed).unwrap();
    let hex = secret
        .as_bytes()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let phone = Phone::reading(&page);
    let sealed = page.attribute("main input[name=sealed]", "value");
    let fields = [("sealed", sealed.as_str()), ("code", &phone.code(&app))];
    let codes = owner
        .fill_in(&page, &fields)
        .await
        .texts("#recovery-codes code");
    let rows = every_row(&mut app.db.connection());
    assert_eq!(number(&app.db, "select count(*) from recovery_codes"), 10);
    for secret in [&typed, &hex, &codes[0], &codes[0].replace('-', "")] {
        assert!(!rows.contains(secret.as_str()), "{secret}");
    }
}

#[tokio::test]
async fn wrong_codes_wait_and_the_password_counts_apart() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let (phone, _) = set_up(&app, &owner).await;
    let caller = first_step(&app).await;
    for _ in 0..5 {
        assert_eq!(caller.submit(STEP, &[("code", "000000")]).await.status, 422);
    }
    let code = phone.code(&app);
    let page = caller.submit(STEP, &[("code", &code)]).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "2"));
    // The password is right, and forgives no wrong code.
    let page = first_step(&app)
        .await
        .submit(STEP, &[("code", &code)])
        .await;
    assert_eq!(page.status, 429);
}

#[tokio::test]
async fn the_second_step_waits_five_minutes_in_one_browser() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let (phone, _) = set_up(&app, &owner).await;
    let stranger = app.visitor();
    let page = stranger.get(STEP).await;
    assert_eq!(
        (page.status, page.location()),
        (303, "/sign-in/acme?late=1")
    );
    let caller = first_step(&app).await;
    let page = caller.get("/sign-in/umbrella/second-factor").await;
    assert_eq!(page.status, 303, "at its own domain only");
    let form = caller.get(STEP).await;
    assert_eq!(form.status, 200);
    app.clock.advance(Duration::from_mins(5));
    let code = phone.code(&app);
    let page = caller.fill_in(&form, &[("code", &code)]).await;
    assert_eq!(
        (page.status, page.location()),
        (303, "/sign-in/acme?late=1")
    );
    let page = caller.get("/sign-in/acme?late=1").await;
    assert!(page.one(".notice").contains("longer than five minutes"));
}

#[tokio::test]
async fn a_secret_is_set_up_by_whom_it_was_made_for_and_with_its_code() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let other = app.owner("umbrella").await;
    let page = owner.get(SET_UP).await;
    assert!(page.has("svg.qr path"));
    let phone = Phone::reading(&page);
    let sealed = page.attribute("main input[name=sealed]", "value");
    let wrong = [("sealed", sealed.as_str()), ("code", "000000")];
    let answer = owner.fill_in(&page, &wrong).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.one("#secret-text"), page.one("#secret-text"));
    let theirs = other.get(SET_UP).await;
    let fields = [("sealed", sealed.as_str()), ("code", &phone.code(&app))];
    let answer = other.fill_in(&theirs, &fields).await;
    assert_eq!((answer.status, answer.location()), (303, SET_UP));
    assert_eq!(number(&app.db, "select count(*) from second_factors"), 0);
}

#[tokio::test]
async fn new_codes_and_removal_take_a_code() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let last = last_noted(&app.db);
    let (phone, old) = set_up(&app, &owner).await;
    assert_eq!(
        noted_after(&app.db, last),
        "second-factor.added session.confirmed"
    );
    let page = owner.submit(SET_UP, &[("code", "000000")]).await;
    assert_eq!(page.status, 422);
    let code = phone.next_code(&app);
    let last = last_noted(&app.db);
    let page = owner.submit(SET_UP, &[("code", &code)]).await;
    assert_eq!(noted_after(&app.db, last), "recovery-codes.made");
    let new = page.texts("#recovery-codes code");
    assert_eq!((page.status, new.len()), (200, 10));
    let page = first_step(&app)
        .await
        .submit(STEP, &[("code", &old[0])])
        .await;
    assert_eq!(page.status, 422, "the old ones work no more");
    let form = owner.get(SET_UP).await;
    let csrf = form.attribute("main input[name=csrf]", "value");
    let fields = [("csrf", csrf.as_str()), ("code", &new[0])];
    let last = last_noted(&app.db);
    let page = owner
        .post("/me/security/second-factor/remove", &fields)
        .await;
    assert_eq!((page.status, page.location()), (303, "/me/security"));
    assert_eq!(
        noted_after(&app.db, last),
        "recovery-code.used second-factor.removed session.confirmed"
    );
    let page = app.visitor().submit("/sign-in/acme", &OWNER).await;
    assert_eq!(
        (page.status, page.location()),
        (303, "/"),
        "by password alone"
    );
}

#[tokio::test]
async fn who_is_asked_again_who_they_are_answers_with_a_code() {
    let app = TestApp::spawn();
    let owner = app.owner("acme").await;
    let (phone, _) = set_up(&app, &owner).await;
    let page = owner.get("/confirm-identity").await;
    assert!(!page.has("main #password"));
    let page = owner
        .submit("/confirm-identity", &[("password", PASSWORD)])
        .await;
    assert_eq!(page.status, 422);
    let code = phone.next_code(&app);
    let page = owner.submit("/confirm-identity", &[("code", &code)]).await;
    assert_eq!(page.status, 303);
    assert_eq!(owner.get("/w/default/").await.status, 200);
}
