//! Signing in with an authenticator app, and without the phone, as a person does it; and every page
//! on the way, looked at by axe.

use chrono::Utc;
use totp_rs::Builder;
use totp_rs::Secret;
use totp_rs::Totp;

use crate::browser::PASSWORD;
use crate::browser::Place;
use crate::browser::sound::looks;
use crate::support::browser::Theme;

const SUBMIT: &str = "main form [data-submit]";

/// What the app shows, or will show half a minute from now: a clock may be one step off.
#[expect(
    clippy::disallowed_methods,
    reason = "the phone has a clock of its own"
)]
fn code(phone: &Totp, ahead: u64) -> String {
    let now = u64::try_from(Utc::now().timestamp()).unwrap();
    phone.generate(now + ahead).to_string()
}

impl Place {
    /// In both themes, wide and narrow.
    async fn is_sound(&self, page: &str) {
        for look in looks(&[1280, 375]) {
            self.look(look).await;
            self.sound(&page.trim_matches('/').replace('/', "-"), look)
                .await;
        }
        self.browser.width(1280).await;
        self.browser.theme(Theme::Light).await;
    }

    /// To the second step.
    async fn first_step(&self) {
        let browser = &self.browser;
        self.sign_out().await;
        self.goto("/sign-in/acme").await;
        browser.fill("#email", "ada@acme.example").await;
        browser.fill("#password", PASSWORD).await;
        browser.click(SUBMIT).await;
        browser.find("#code").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_second_factor_is_set_up_and_asked_for_and_a_recovery_code_helps() {
    let place = Place::fresh().await;
    place.set_up().await;
    let browser = &place.browser;
    for page in [
        "/me/profile",
        "/me/security",
        "/confirm-identity",
        "/account/settings/sign-in",
        "/me/security/second-factor",
    ] {
        place.goto(page).await;
        browser.find("main h1").await;
        place.is_sound(page).await;
    }
    let typed = browser.text("#secret-text").await.replace(' ', "");
    let secret = Secret::try_from_base32(typed).unwrap();
    let phone = Builder::new().with_secret(secret).build().unwrap();
    browser.fill("#code", &code(&phone, 0)).await;
    browser.click(SUBMIT).await;
    let first = browser.text("#recovery-codes li").await;
    place.is_sound("/recovery-codes").await;
    place.goto("/me/security/second-factor").await;
    place.is_sound("/second-factor").await;
    place.first_step().await;
    place.is_sound("/second-step").await;
    browser.fill("#code", &code(&phone, 30)).await;
    browser.click(SUBMIT).await;
    browser.wait_for_text("h1", "Default").await;
    place.first_step().await;
    browser.fill("#code", &first).await;
    browser.click(SUBMIT).await;
    browser
        .wait_for_text(".flash", "You signed in with a recovery code.")
        .await;
    place.sign_out().await;
    place.goto("/forgot-password").await;
    place.is_sound("/forgot-password").await;
    browser.fill("#email", "ada@acme.example").await;
    browser.click(SUBMIT).await;
    browser.wait_for_text("h1", "No mail was sent").await;
    place.is_sound("/forgot-password/asked").await;
}
