use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    Config::read(&|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

const STRONG: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

#[test]
fn an_empty_environment_is_a_private_installation_on_loopback() {
    let config = read(&[]).unwrap();
    assert_eq!(config.listen.console.to_string(), "127.0.0.1:8080");
    assert!(config.database.url.is_none());
    assert_eq!(config.keys.prefix.as_str(), "lk");
}

#[test]
fn all_faults_are_told_at_once() {
    let ConfigFaults(faults) = read(&[
        ("LATCHKEY_LISTEN", "nowhere"),
        ("LATCHKEY_KEY_PREFIX", "LK"),
        ("LATCHKEY_LOG_DURABILITY", "some"),
        ("LATCHKEY_MIRROR_LEASE_MS", "1"),
        ("LATCHKEY_UPSTREAM", "ftp://example.com"),
    ])
    .unwrap_err();
    assert_eq!(faults.len(), 5, "{faults:?}");
}

#[test]
fn a_shared_database_needs_its_secrets() {
    let url = ("DATABASE_URL", "postgres://db/latchkey");
    assert_eq!(read(&[url]).unwrap_err().0.len(), 2);
    let secrets = [("LATCHKEY_SECRET_KEY", STRONG), ("LATCHKEY_PEPPER", STRONG)];
    assert!(read(&[url, secrets[0], secrets[1]]).is_ok());
}

#[test]
fn a_listener_that_others_reach_needs_its_secrets() {
    assert_eq!(
        read(&[("LATCHKEY_API_LISTEN", "0.0.0.0:8081")])
            .unwrap_err()
            .0
            .len(),
        2
    );
}

#[test]
fn letters_need_a_server_and_a_sender() {
    let from = ("LATCHKEY_MAIL_FROM", "Latchkey <keys@acme.example>");
    for url in [
        "smtp://127.0.0.1:2525",
        "smtp://user:word@localhost",
        "smtp://user:word@mail.example?tls=required",
        "smtps://user:word@mail.example:465",
    ] {
        let url = ("LATCHKEY_SMTP_URL", url);
        assert!(read(&[url, from]).unwrap().mail.smtp.is_some(), "{url:?}");
        assert!(read(&[url]).is_err(), "{url:?} without a sender");
    }
    assert!(read(&[from]).unwrap().mail.smtp.is_none());
}

#[test]
fn a_bad_mail_server_is_a_fault_that_repeats_no_password() {
    let from = ("LATCHKEY_MAIL_FROM", "keys@acme.example");
    for url in [
        "mail.example",
        "http://user:hunter2@mail.example",
        "smtp://user:hunter2@mail.example",
        "smtp://user:hunter2@mail.example?tls=maybe",
    ] {
        let fault = read(&[("LATCHKEY_SMTP_URL", url), from]).unwrap_err();
        assert_eq!(fault.0.len(), 1, "{url}");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
    let faults = read(&[
        ("LATCHKEY_SMTP_URL", "mail"),
        ("LATCHKEY_MAIL_FROM", "nobody"),
        ("LATCHKEY_LISTEN", "nowhere"),
    ]);
    assert_eq!(faults.unwrap_err().0.len(), 3);
}

#[test]
fn weak_secrets_are_refused_and_not_repeated() {
    for weak in [
        "hunter2",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "please-CHANGE-ME-before-you-go-to-production",
    ] {
        let fault = read(&[("LATCHKEY_PEPPER", weak)]).unwrap_err();
        assert!(!fault.to_string().contains(weak));
    }
}

#[test]
fn a_single_address_counts_as_a_network() {
    let config = read(&[("LATCHKEY_TRUSTED_PROXIES", "10.0.0.1, fd00::/8")]).unwrap();
    let networks: Vec<String> = config
        .listen
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(networks, ["10.0.0.1/32", "fd00::/8"]);
}

const GOOGLE: [(&str, &str); 2] = [
    ("LATCHKEY_OIDC_GOOGLE_CLIENT_ID", "an id"),
    ("LATCHKEY_OIDC_GOOGLE_CLIENT_SECRET", "a secret"),
];

#[test]
fn a_provider_is_set_up_by_its_id_and_secret() {
    assert!(read(&[]).unwrap().oidc.clients.is_empty());
    let clients = read(&GOOGLE).unwrap().oidc.clients;
    let issuers: Vec<&str> = clients.iter().map(|one| one.issuer.as_str()).collect();
    assert_eq!(issuers, ["https://accounts.google.com"]);
    assert!(!format!("{clients:?}").contains("a secret"));
}

#[test]
fn a_provider_that_is_set_up_in_part_is_a_fault_for_each_missing_part() {
    let issuer = (
        "LATCHKEY_OIDC_MICROSOFT_ISSUER",
        "https://login.example/common/v2.0",
    );
    let ConfigFaults(faults) = read(&[GOOGLE[0], issuer]).unwrap_err();
    let named: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.split(':').next())
        .collect();
    assert_eq!(
        named,
        [
            "LATCHKEY_OIDC_GOOGLE_CLIENT_SECRET",
            "LATCHKEY_OIDC_MICROSOFT_CLIENT_ID",
            "LATCHKEY_OIDC_MICROSOFT_CLIENT_SECRET"
        ]
    );
}

#[test]
fn an_issuer_is_reached_over_https_or_on_this_machine() {
    let with = |issuer: &str| {
        read(&[
            GOOGLE[0],
            GOOGLE[1],
            ("LATCHKEY_OIDC_GOOGLE_ISSUER", issuer),
        ])
    };
    for good in [
        "https://id.example",
        "https://id.example/tenant/v2.0",
        "http://127.0.0.1:9700",
        "http://localhost:9700/x",
        "http://[::1]:9700",
    ] {
        assert_eq!(with(good).unwrap().oidc.clients[0].issuer, good);
    }
    for bad in [
        "http://id.example",
        "http://127.0.0.1.example",
        "ftp://id.example",
        "id.example",
        "https://id.example/?a=b",
        "https://id.example/#a",
        "https://user@id.example",
    ] {
        assert_eq!(with(bad).unwrap_err().0.len(), 1, "{bad}");
    }
}
