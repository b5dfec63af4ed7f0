use std::sync::LazyLock;

use super::*;
use crate::dashboard::keys::words_form::Words;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::key_state::KeyTimes;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;

static PREFIX: LazyLock<KeyPrefix> = LazyLock::new(KeyPrefix::default);

fn now() -> DateTime<Utc> {
    "2026-11-21T09:41:07Z".parse().unwrap()
}

fn key(expires_at: Option<&str>) -> ApiKey {
    ApiKey {
        account_id: AccountId(1),
        workspace_id: WorkspaceId(1),
        id: "4fZk0QpL9aBc".parse().unwrap(),
        name: "Blog ingest".to_owned(),
        category: "production".to_owned(),
        note: String::new(),
        scope: "Full access".to_owned(),
        grant: Grant::preset("full", 1),
        granted: Permissions::new(["*"]),
        limits: KeyLimits {
            daily: Some(1000),
            ..KeyLimits::default()
        },
        network: Network {
            ips: Box::new([
                "10.0.0.0/8".parse().unwrap(),
                "203.0.113.9/32".parse().unwrap(),
            ]),
            origins: Box::new(["https://a.example".into()]),
        },
        created_by: uuid::Uuid::nil(),
        creator_name: "Ada".to_owned(),
        creator_email: "ada@acme.example".to_owned(),
        created_at: now(),
        times: KeyTimes {
            expires_at: expires_at.map(|at| at.parse().unwrap()),
            ..KeyTimes::default()
        },
        revoked_by: None,
        revoked_reason: None,
        first_used_at: None,
        last_used_at: None,
        last_used_ip: None,
        version: 3,
        secrets: Vec::new(),
    }
}

/// The form of `key` sent back with `changes`, by somebody who sees the presets in `version`.
fn checked(
    key: &ApiKey,
    version: i32,
    changes: &[(&'static str, &str)],
) -> Result<KeyEdit, String> {
    let presets = [Preset {
        slug: "full".to_owned(),
        version,
        label: "Full access".to_owned(),
        summary: String::new(),
        cannot: String::new(),
        offered: true,
        position: 0,
    }];
    let fields = EditFields::of(key, &presets);
    let mut pairs = fields.pairs();
    pairs.push(("version", fields.version));
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name, (*value).to_owned()));
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let rules = EditRules {
        key,
        offer: RuleOffer {
            presets: &presets,
            kept: Some(&key.grant),
            words: Words { prefix: &PREFIX },
        },
        now: now(),
    };
    rules
        .check(&Fields::parse(body.as_bytes()).unwrap())
        .map_err(|errors| errors.iter().map(|error| error.field).collect())
}

#[test]
fn a_form_sent_back_untouched_changes_nothing() {
    let key = key(Some("2027-02-19T09:41:07Z"));
    for version in [1, 2] {
        let edit = checked(&key, version, &[]).unwrap();
        assert_eq!(edit.name.as_str(), key.name);
        assert_eq!(edit.expires_at, key.times.expires_at);
        assert_eq!(edit.grant, key.grant, "version {version}");
        assert_eq!(edit.limits, key.limits);
        assert_eq!(edit.network, key.network);
        assert_eq!(edit.version, 3);
    }
}

#[test]
fn a_newer_version_of_the_preset_is_taken_only_when_chosen() {
    let edit = checked(&key(None), 2, &[("scope", "full")]).unwrap();
    assert_eq!(edit.grant.version, 2);
    assert_eq!(
        checked(&key(None), 2, &[("scope", "")]).unwrap_err(),
        "scope"
    );
}

#[test]
fn an_end_can_be_moved_but_not_undone() {
    let live = key(Some("2027-02-19T09:41:07Z"));
    let never = checked(&live, 1, &[("expires", "never")]).unwrap();
    assert_eq!(never.expires_at, None);
    let changes = [("expires", "on"), ("expires_on", "2026-12-31")];
    let day = checked(&live, 1, &changes).unwrap().expires_at.unwrap();
    assert_eq!(day.to_rfc3339(), "2027-01-01T00:00:00+00:00");
    assert_eq!(
        checked(&live, 1, &[("expires", "90d")]).unwrap_err(),
        "expires"
    );

    let ended = key(Some("2026-11-21T09:41:07Z"));
    assert!(checked(&ended, 1, &[("note", "It has ended")]).is_ok());
    for changes in [vec![("expires", "never")], changes.to_vec()] {
        assert_eq!(checked(&ended, 1, &changes).unwrap_err(), "expires");
    }
}

#[test]
fn a_form_without_its_version_is_refused() {
    assert_eq!(checked(&key(None), 1, &[("version", "")]).unwrap_err(), "");
}
