//! Sign-in by a real OpenID provider: refused, linked, used, removed.

use latchkey::domain::identity::Provider;

use crate::browser::Place;
use crate::support::browser::Theme;
use crate::support::oidc_provider::OidcProvider;

const SIGN_INS: &str = "/me/security/sign-ins";

async fn with_both() -> (Place, [OidcProvider; 2]) {
    let providers = Provider::ALL.map(OidcProvider::start);
    let place = Place::fresh_with(|installation| {
        for provider in &providers {
            provider.set_up(installation);
        }
    })
    .await;
    for provider in &providers {
        provider.register(place.latchkey.console()).await;
    }
    place.set_up().await;
    (place, providers)
}

async fn to_the_door(place: &Place) {
    place.sign_out().await;
    place.goto("/sign-in/acme").await;
}

async fn press(place: &Place, provider: Provider) {
    let button = format!("[data-provider={}]", provider.as_str());
    place.browser.click(&button).await;
}

/// In both themes and at both widths: nothing for axe to find, nothing that scrolls sideways.
async fn looks_well(place: &Place, what: &str) {
    let browser = &place.browser;
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme).await;
        for width in [1280, 375] {
            browser.width(width).await;
            let found = browser.axe().await;
            assert!(found.is_empty(), "{what} {theme:?} {width}: {found:#?}");
            let root = "document.documentElement";
            let fits = format!("{root}.scrollWidth <= {root}.clientWidth");
            assert_eq!(browser.run(&fits).await, true, "{what} at {width}");
            if let Some(folder) = std::env::var_os("LATCHKEY_SCREENSHOTS") {
                let name = format!("{what}-{theme:?}-{width}.png");
                let path = std::path::Path::new(&folder).join(name);
                browser.driver.screenshot(&path).await.unwrap();
            }
        }
    }
    browser.theme(Theme::Light).await;
    browser.width(1280).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_person_signs_in_by_what_they_linked_and_by_nothing_else() {
    let (place, providers) = with_both().await;
    let browser = &place.browser;
    for (provider, real) in Provider::ALL.into_iter().zip(&providers) {
        // Nothing is linked: the same address at the provider helps nobody.
        to_the_door(&place).await;
        press(&place, provider).await;
        real.log_in(browser, "ada").await;
        browser.wait_for_text("h1", "You are not signed in").await;
        browser
            .wait_for_text("#refusal", "No sign-in is linked")
            .await;

        // Linked from within; the provider knows the browser by now.
        place.sign_in().await;
        place.goto(SIGN_INS).await;
        press(&place, provider).await;
        let linked = format!("You can sign in with {} now.", provider.name());
        browser.wait_for_text("main", &linked).await;
        browser
            .wait_for_text("[data-column=email]", "ada@home.example")
            .await;

        // And used.
        place.sign_out().await;
        press(&place, provider).await;
        browser
            .find("nav a[href='/w/default/developers/keys']")
            .await;
    }
    place.goto(SIGN_INS).await;
    looks_well(&place, "linked sign-ins").await;

    // Removed, it leads nowhere; the other still does.
    browser.click("#sign-ins tbody tr:first-child button").await;
    browser.wait_for_text("main", "is no longer linked").await;
    to_the_door(&place).await;
    press(&place, Provider::Google).await;
    // Both are on one host, so the other's cookie has taken the place of this one's.
    providers[0].log_in(browser, "ada").await;
    browser.wait_for_text("h1", "You are not signed in").await;
    looks_well(&place, "refused").await;
    browser.click("main a.button").await;
    browser.find("#email").await;
    press(&place, Provider::Microsoft).await;
    providers[1].log_in(browser, "ada").await;
    browser
        .find("nav a[href='/w/default/developers/keys']")
        .await;

    // Required, it is the only way in.
    place.goto("/account/settings/sign-in").await;
    looks_well(&place, "rules").await;
    browser.click("#required_provider-microsoft").await;
    browser.click("main form [data-submit]").await;
    browser
        .wait_for_text("main", "The sign-in rules are saved.")
        .await;
    browser.click(".drop-end > summary").await;
    browser.click("form[action='/sign-out'] button").await;
    browser
        .wait_for_text("#required", "acme signs in with Microsoft only.")
        .await;
    assert!(!browser.has("#password").await);
    looks_well(&place, "required").await;
    press(&place, Provider::Microsoft).await;
    browser
        .find("nav a[href='/w/default/developers/keys']")
        .await;
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn somebody_invited_joins_by_a_provider_and_confirms_there() {
    let (place, providers) = with_both().await;
    let browser = &place.browser;
    for (provider, real) in Provider::ALL.into_iter().zip(&providers) {
        place.goto("/account/members/invite").await;
        let login = format!("grace-{}", provider.as_str());
        let email = format!("{login}@home.example");
        browser.fill("#email", &email).await;
        browser.click("#role-admin").await;
        browser.click("main form [data-submit]").await;
        let link = browser.find("#link").await;
        let link = link.prop("value").await.unwrap().unwrap();
        place.sign_out().await;
        browser.goto(&link).await;
        if provider == Provider::Google {
            looks_well(&place, "invitation").await;
        }
        press(&place, provider).await;
        real.log_in(browser, &login).await;
        browser
            .find("nav a[href='/w/default/developers/keys']")
            .await;
        place.goto("/me/profile").await;
        browser.wait_for_text("main", &email).await;

        // They have no password: the provider asks them again, although it knows the browser.
        place.goto("/confirm-identity?next=/me/security").await;
        assert!(!browser.has("#password").await);
        if provider == Provider::Google {
            looks_well(&place, "confirm").await;
        }
        press(&place, provider).await;
        browser.fill("input[name=login]", &login).await;
        browser.fill("input[name=password]", "any").await;
        browser.click("button[type=submit]").await;
        browser.wait_for_text("h1", "Security").await;
        place.sign_out().await;
        place.sign_in().await;
    }
    browser.driver.clone().quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_sign_in_page_with_both_buttons_is_well_in_every_dress() {
    let (place, providers) = with_both().await;
    to_the_door(&place).await;
    let page = place.browser.url().await;
    looks_well(&place, "sign-in").await;

    // Without scripts it all works the same.
    place.browser.without_scripts().await;
    place.browser.goto(&page).await;
    press(&place, Provider::Google).await;
    providers[0].log_in(&place.browser, "ada").await;
    place
        .browser
        .wait_for_text("h1", "You are not signed in")
        .await;
    place.browser.driver.clone().quit().await.unwrap();
}
