//! Letters to the owners of an account that support looks into.

use crate::dashboard::console::Console;
use crate::dashboard::urls;
use crate::db::support_sessions::SupportSession;
use crate::mail::Letter;

/// More owners are not written to.
pub const OWNERS_MAX: i64 = 20;

/// That somebody waits to be let in. Who reads no mail finds it on the overview too.
pub fn ask(
    console: &Console,
    account: &str,
    session: &SupportSession,
    owners: Vec<(String, String)>,
) {
    let subject = format!("May support look into {account}?");
    let said = format!(
        "{} of support asks to look into {account} for 30 minutes. {}.",
        session.staff_name,
        session.because()
    );
    send(console, (&subject, &said), owners);
}

/// That a key was disabled, which is said on the overview as well.
pub fn disabled(
    console: &Console,
    (account, key): (&str, &str),
    because: &str,
    owners: Vec<(String, String)>,
) {
    let subject = format!("Support disabled the key {key}");
    let said = format!(
        "In an emergency support disabled the key {key} of {account}: every call with it is \
         refused until somebody of yours enables it again. {because}."
    );
    send(console, (&subject, &said), owners);
}

fn send(console: &Console, (subject, said): (&str, &str), owners: Vec<(String, String)>) {
    let link = console.site.link(urls::SUPPORT_ACCESS);
    for (name, email) in owners {
        let Ok(to) = email.parse() else { continue };
        let letter = Letter::new(to, subject)
            .greets(name)
            .says(said)
            .links("See support access", &link)
            .says("Owners see there who of support looked at what, and why.");
        // It is noted where it is dropped, and the page says the same.
        let _ = console.parts.mailer.send(letter);
    }
}
