//! What the demo prints: where to sign in, as whom, and a key that works.

use std::fmt::Write;

use crate::app::Addresses;
use crate::cli::demo::cast::DOMAIN;
use crate::cli::demo::cast::Person;
use crate::cli::demo::kept::Kept;
use crate::domain::account::STAFF_DOMAIN;

/// The key that is printed.
const WORKING_KEY: &str = "quickstart";

pub fn text(addresses: &Addresses, kept: &Kept) -> String {
    let mut text = format!("\nSign in at {}/sign-in\n", addresses.console);
    line(&mut text, ["role", "domain", "e-mail", "password"]);
    for person in Person::ALL {
        let domain = match person {
            Person::Support => STAFF_DOMAIN,
            Person::Owner | Person::Admin => DOMAIN,
        };
        line(
            &mut text,
            [person.role(), domain, person.email(), kept.password(person)],
        );
    }
    if let (Some(gateway), Some(key)) = (&addresses.gateway, kept.key(WORKING_KEY)) {
        let header = format!("-H 'Authorization: Bearer {key}'");
        text.push_str("\nCall the sample API through the gateway with a key that works:\n");
        // Writing to a string cannot fail.
        let _ok = writeln!(text, "  curl {header} {gateway}/api/documents");
    }
    text
}

fn line(text: &mut String, [role, domain, email, password]: [&str; 4]) {
    let _ok = writeln!(text, "  {role:<16} {domain:<7} {email:<24} {password}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key_prefix::KeyPrefix;
    use crate::domain::random::OsRandom;

    #[test]
    fn it_tells_three_sign_ins_and_a_line_to_paste() {
        let kept = Kept::make(&KeyPrefix::default(), &OsRandom).unwrap();
        let addresses = Addresses {
            console: "http://127.0.0.1:8080".to_owned(),
            api: "http://127.0.0.1:8081".to_owned(),
            gateway: Some("http://127.0.0.1:8082".to_owned()),
        };
        let text = text(&addresses, &kept);
        for person in Person::ALL {
            let sign_in = text.lines().find(|line| line.contains(person.email()));
            assert!(sign_in.is_some_and(|line| line.ends_with(kept.password(person))));
        }
        let curl = text.lines().last().unwrap();
        let key = kept.key(WORKING_KEY).unwrap();
        assert_eq!(
            curl.trim(),
            format!("curl -H 'Authorization: Bearer {key}' http://127.0.0.1:8082/api/documents")
        );
    }
}
