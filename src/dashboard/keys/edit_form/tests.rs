use std::sync::LazyLock;

use super::*;
use crate::dashboard::keys::create_form::NO_POLICY;
use crate::dashboard::keys::grant_form::PERMISSIONS;
use crate::dashboard::keys::words_form::Words;
use crate::db::presets::Preset;
use crate::domain::account::AccountId;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::KeyOwner;
use crate::domain::catalogue::BUILT_IN;
use crate::domain::catalogue::Catalogue;
use crate::domain::grant::Permissions;
use crate::domain::key_prefix::KeyPrefix;
use crate::domain::key_state::KeyTimes;
use crate::domain::limit::KeyLimits;
use crate::domain::network::Network;
use crate::domain::role::WorkspaceRole;

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
        owner: Some(KeyOwner {
            id: uuid::Uuid::nil(),
            name: "Ada".to_owned(),
            email: "ada@acme.example".to_owned(),
            role: Some(WorkspaceRole::Developer),
        }),
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
        few_permissions: Vec::new(),
        version: 3,
        offer_version: Some(1),
        secrets: Vec::new(),
    }
}

/// The built-in catalogue, its first preset in `version`. Developers may do less than everything.
fn offer(version: i32) -> Offer {
    let text = BUILT_IN.replace("developer = [\"*\"]", "developer = [\"chats:*\"]");
    let preset = Preset {
        slug: "full".to_owned(),
        version,
        label: "Full access".to_owned(),
        summary: String::new(),
        cannot: String::new(),
        permissions: Permissions::new(["*"]),
    };
    Offer {
        catalogue: Catalogue::parse(1, &text).unwrap(),
        presets: vec![preset],
    }
}

/// The form of `key` sent back with `changes`, by an admin who sees the presets in `version`.
fn checked(
    key: &ApiKey,
    version: i32,
    changes: &[(&'static str, &str)],
) -> Result<KeyEdit, String> {
    checked_by(WorkspaceRole::Admin, (key, version), changes)
}

fn checked_by(
    role: WorkspaceRole,
    (key, version): (&ApiKey, i32),
    changes: &[(&'static str, &str)],
) -> Result<KeyEdit, String> {
    let offer = offer(version);
    let fields = EditFields::of(key, &offer);
    let mut pairs = fields.pairs();
    pairs.push(("version", fields.version));
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name || *known == PERMISSIONS);
        pairs.push((name, (*value).to_owned()));
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let rules = EditRules {
        asked: PolicyRules {
            policy: &NO_POLICY,
            workspace: "Default",
        },
        key,
        grants: GrantRules {
            offer: &offer,
            rights: offer.catalogue.rights.of(role),
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

#[test]
fn a_wider_grant_is_kept_as_it_is_and_only_made_narrower() {
    let mut key = key(None);
    // As stored before developers were held to chats; `gone:thing` is in no catalogue now.
    let held = ["gone:thing", "documents:read", "chats:read"];
    key.grant = Grant {
        permissions: Permissions::new(held),
        ..Grant::preset("custom", 1)
    };
    key.granted = Permissions::default();
    let checked = |changes: &[_]| checked_by(WorkspaceRole::Developer, (&key, 1), changes);
    assert_eq!(checked(&[]).unwrap().grant, key.grant);
    let wider = [("permission", "documents:write")];
    assert_eq!(checked(&wider).unwrap_err(), PERMISSIONS);
    assert_eq!(checked(&[("scope", "full")]).unwrap_err(), "scope");
    let more = [("permission", "chats:open")];
    let grant = checked(&more).unwrap().grant;
    assert!(grant.permissions.cover(&key.grant.permissions));
    assert!(grant.permissions.allow("chats:open"));
}
