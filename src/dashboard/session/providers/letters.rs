//! Who may sign in as a person is told to that person by mail.

use crate::dashboard::console::Console;
use crate::dashboard::signed_in::SignedIn;
use crate::domain::identity::Provider;
use crate::mail::Letter;

pub fn linked(console: &Console, person: &SignedIn, provider: Provider) {
    let name = provider.name();
    let says = format!("A {name} account was linked to you, and can sign in as you from now on.");
    send(
        console,
        person,
        (
            &format!("A {name} sign-in was linked to you at Latchkey"),
            says,
        ),
    );
}

pub fn unlinked(console: &Console, person: &SignedIn, provider: Provider) {
    let name = provider.name();
    let says = format!("A {name} account is no longer linked to you, and its sessions have ended.");
    send(
        console,
        person,
        (&format!("A {name} sign-in was removed at Latchkey"), says),
    );
}

fn send(console: &Console, person: &SignedIn, (subject, says): (&str, String)) {
    let Ok(to) = person.viewer.email.parse() else {
        return;
    };
    let letter = Letter::new(to, subject)
        .greets(&person.viewer.name)
        .says(says)
        .says("If this was not you, set a new password from the sign-in page and tell an admin of your company.");
    // What could not be taken is in the log; the change is made all the same.
    let _ = console.parts.mailer.send(letter);
}
