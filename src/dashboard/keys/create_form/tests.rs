use std::collections::HashMap;

use super::*;
use crate::crypto::key_secret::PlainKey;
use crate::db::presets::Preset;
use crate::domain::account::WorkspaceId;
use crate::domain::api_key::ApiKeyId;
use crate::domain::catalogue::BUILT_IN;
use crate::domain::catalogue::Catalogue;
use crate::domain::key_policy::KeyCreators;
use crate::domain::random::OsRandom;
use crate::domain::role::WorkspaceRole;

/// A form as a browser sends it.
type Form = Vec<(&'static str, String)>;

fn sound() -> Form {
    let offered = CreateFields::offered("default", &NO_POLICY, DateTime::UNIX_EPOCH);
    vec![
        ("name", "Blog ingest".to_owned()),
        ("workspace", offered.workspace),
        ("category", offered.category),
        ("scope", "widget".to_owned()),
        ("expires", offered.expires),
        ("note", offered.note),
        ("operation", Uuid::nil().to_string()),
    ]
}

fn with(changes: &[(&'static str, &str)]) -> Form {
    let mut form = sound();
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push((name, (*value).to_owned()));
    }
    form
}

/// The built-in catalogue, where developers may do less than everything.
fn offer() -> Offer {
    let text = BUILT_IN.replace(
        "developer = [\"*\"]",
        "developer = [\"chats:*\", \"widget:*\"]",
    );
    let catalogue = Catalogue::parse(1, &text).unwrap();
    let presets = catalogue.presets.iter().map(|preset| Preset {
        slug: preset.slug.clone(),
        version: 1,
        label: preset.label.clone(),
        summary: preset.summary.clone(),
        cannot: preset.cannot.clone(),
        permissions: Permissions::new(preset.permissions.clone()),
    });
    Offer {
        presets: presets.collect(),
        catalogue,
    }
}

/// The faults as `field: message`.
fn faults(form: &Form) -> Vec<String> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    faults_of(body.as_bytes())
}

fn faults_of(body: &[u8]) -> Vec<String> {
    let workspace = WorkspaceAccess {
        id: WorkspaceId(1),
        slug: "default".to_owned(),
        name: "Default".to_owned(),
        developers: true,
        key_creators: KeyCreators::default(),
        role: WorkspaceRole::Developer,
    };
    let rules = CreateRules {
        here: "default",
        workspaces: &[&workspace],
        offer: &offer(),
        prefix: &KeyPrefix::default(),
        policies: &HashMap::new(),
        now: "2026-11-21T09:41:07Z".parse().unwrap(),
    };
    match rules.check(&Fields::parse(body).unwrap()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect(),
    }
}

/// The one field that is wrong with these changes.
fn spoilt(changes: &[(&'static str, &str)]) -> String {
    let faults = faults(&with(changes));
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn the_form_as_offered_needs_a_name_only() {
    assert_eq!(faults(&sound()), Vec::<String>::new());
    assert_eq!(spoilt(&[("name", "  ")]), "name");
}

#[test]
fn each_field_refuses_what_it_cannot_keep() {
    let long = "x".repeat(10_000);
    for (field, value) in [
        ("name", long.as_str()),
        ("name", "a\0b"),
        ("category", &long),
        ("category", "a\0b"),
        ("note", &long),
        ("note", "a\0b"),
        ("workspace", "elsewhere"),
        ("workspace", &long),
        ("scope", "everything"),
        ("scope", ""),
        ("expires", "2w"),
        ("expires", "on"),
        ("expires", ""),
    ] {
        assert_eq!(spoilt(&[(field, value)]), field, "{value:.9}");
    }
    assert_eq!(
        spoilt(&[("expires", "on"), ("expires_on", "2026-11-20")]),
        "expires"
    );
    assert_eq!(spoilt(&[("operation", "again")]), "");
}

#[test]
fn permissions_are_judged_one_by_one_and_only_where_they_count() {
    let custom = |slug| [("scope", "custom"), ("permission", slug)];
    assert_eq!(faults(&with(&custom("chats:read"))), Vec::<String>::new());
    assert_eq!(spoilt(&[("scope", "custom")]), "permission");
    for bad in [
        "console:keys",
        "*",
        "chats:*",
        "chats:fly",
        "",
        "documents:read",
    ] {
        assert_eq!(spoilt(&custom(bad)), "permission", "{bad}");
    }
    // Developers of this catalogue may not do everything.
    assert_eq!(spoilt(&[("scope", "full")]), "scope");
    assert_eq!(
        faults(&with(&[("permission", "console:keys")])),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_no_text_is_refused_at_its_field() {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(with(&[("name", "NAME")]))
        .finish();
    let faults = faults_of(form.replace("NAME", "%ff%fe").as_bytes());
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("name: "), "{faults:?}");
}

#[test]
fn a_key_may_have_no_end_and_need_not_say_why() {
    let form = with(&[("expires", "never")]);
    assert_eq!(faults(&form), Vec::<String>::new());
}

#[test]
fn limits_resources_addresses_and_origins_are_judged_at_their_fields() {
    for (field, value) in [
        ("quota_total", "0"),
        ("quota_daily", "-1"),
        ("quota_weekly", "many"),
        ("quota_monthly", "1000000000000000000000000000000"),
        ("resources", "7,*"),
        ("allowed_ips", "10.0.0.1/8"),
        ("allowed_origins", "http://app.example"),
    ] {
        assert_eq!(spoilt(&[(field, value)]), field, "{value}");
        assert_eq!(faults(&with(&[(field, " ")])), Vec::<String>::new());
    }
}

#[test]
fn a_pasted_secret_is_refused_in_every_text() {
    let id = ApiKeyId::generate(&OsRandom).unwrap();
    let plain = PlainKey::generate(&KeyPrefix::default(), id, &OsRandom).unwrap();
    let text = format!("was {}", plain.expose());
    for field in ["name", "category", "resources", "note"] {
        assert_eq!(spoilt(&[(field, &text)]), field);
    }
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_form() {
    let faults = faults(&with(&[("name", ""), ("scope", ""), ("expires", "")]));
    let order: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.split(':').next())
        .collect();
    assert_eq!(order, ["name", "scope", "expires"]);
}
