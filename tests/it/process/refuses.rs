//! A25: what a start refuses, with which exit code and which words.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::process::Installation;

const STRONG: &str = "n1neV10letLanternsHumQu1etlyAtDusk";
const SECRETS: [&str; 2] = ["LATCHKEY_SECRET_KEY", "LATCHKEY_PEPPER"];

/// What `serve` says on its way out.
fn refusal(installation: &Installation) -> String {
    let output = installation.run(&["serve"], "");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        !String::from_utf8(output.stdout)
            .unwrap()
            .contains("listening")
    );
    said
}

#[test]
fn an_open_listener_or_a_shared_database_without_secrets_is_refused() {
    for (name, value) in [
        ("LATCHKEY_LISTEN", "0.0.0.0:0"),
        ("LATCHKEY_API_LISTEN", "[::]:0"),
        ("LATCHKEY_GATEWAY_LISTEN", "0.0.0.0:0"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/latchkey"),
    ] {
        let mut installation = Installation::new();
        installation.set(name, value);
        let said = refusal(&installation);
        for secret in SECRETS {
            let line = said.lines().find(|line| line.starts_with(secret));
            let line = line.unwrap_or_else(|| panic!("{name}: {said}"));
            assert!(
                line.contains("must be set, because") && line.contains(name),
                "{line}"
            );
        }
        assert!(!installation.data_dir().join("pepper").exists());
    }
}

#[test]
fn weak_and_copied_secrets_are_refused_and_not_repeated() {
    for (weak, words) in [
        ("hunter2", "at least 32"),
        ("abababababababababababababababababab", "not a pattern"),
        (
            "please-change-me-before-production-xyz",
            "stands in examples",
        ),
    ] {
        let mut installation = Installation::new();
        for secret in SECRETS {
            installation.set(secret, weak);
        }
        let said = refusal(&installation);
        assert_eq!(said.lines().count(), 2, "both at once: {said}");
        assert!(said.contains(words) && !said.contains(weak), "{said}");
    }
}

#[test]
fn a_file_of_secrets_that_others_read_or_guess_is_refused() {
    for name in ["pepper", "secret_key"] {
        for (mode, secret, words) in [
            (0o644, STRONG, "can be read by others; run: chmod 600"),
            (0o640, STRONG, "can be read by others; run: chmod 600"),
            (0o600, "hunter2", "use at least 32 random characters"),
            (0o600, "", "use at least 32 random characters"),
        ] {
            let installation = Installation::new();
            let data = installation.data_dir();
            fs::create_dir(&data).unwrap();
            let file = data.join(name);
            fs::write(&file, secret).unwrap();
            fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            let said = refusal(&installation);
            assert!(said.contains(words), "{said}");
            assert!(said.contains(&file.display().to_string()), "{said}");
            assert!(secret.is_empty() || !said.contains(secret));
        }
    }
}
