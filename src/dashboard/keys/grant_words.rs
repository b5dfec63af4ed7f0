//! What a key may do, said on its page; and what a newer version of its preset would change.

use crate::dashboard::keys::permission_words;
use crate::dashboard::keys::permission_words::Family;
use crate::dashboard::keys::permission_words::PermissionLine;
use crate::dashboard::keys::permission_words::RiskWords;
use crate::dashboard::keys::settings_words;
use crate::db::catalogue::Offer;
use crate::domain::api_key::ApiKey;
use crate::domain::catalogue::Risk;
use crate::domain::grant;
use crate::domain::grant::Permissions;
use crate::domain::role::WorkspaceRole;

pub struct GrantWords {
    pub summary: String,
    /// Why none of it counts; empty where it does.
    pub warning: String,
    pub risk: Option<RiskWords>,
    /// Empty where everything is granted.
    pub families: Vec<Family>,
    /// "7, eu-*"; empty for all.
    pub resources: String,
    pub update: Option<PresetUpdate>,
    /// What it used of everything in the last 30 days, where that is little.
    pub used: Vec<PermissionLine>,
    /// The label of the narrowest preset that would have been enough; empty where none would.
    pub enough: String,
}

/// The step from a key's version of its preset to the latest one.
pub struct PresetUpdate {
    pub label: String,
    pub from: i32,
    pub to: i32,
    pub adds: Vec<PermissionLine>,
    pub removes: Vec<PermissionLine>,
    /// What the key could do then.
    pub permissions: Permissions,
}

impl GrantWords {
    pub fn of(key: &ApiKey, offer: &Offer, workspace: &str) -> Self {
        let resources = &key.grant.resources;
        let nothing = Permissions::default();
        let held = match (key.grant.scope.as_str(), key.owner_role()) {
            (grant::INHERIT, Some(role)) => offer.catalogue.rights.of(role),
            (grant::INHERIT, None) => &nothing,
            _ => key.permissions(),
        };
        let known = &offer.catalogue.permissions;
        let mut families = Vec::new();
        if !held.are_all() {
            families = permission_words::families(known.iter().filter(|one| held.allow(&one.slug)));
            families.extend(permission_words::unlisted(offer, held));
        }
        Self {
            summary: summary(key, offer, held),
            warning: match (key.grant.scope.as_str(), key.owner_role()) {
                (grant::INHERIT, None) => stopped(key, workspace),
                _ => String::new(),
            },
            risk: permission_words::greatest_risk(offer, held),
            families,
            resources: if resources.are_all() {
                String::new()
            } else {
                settings_words::resources(resources)
            },
            update: PresetUpdate::of(key, offer),
            used: used(key, offer, held),
            enough: enough(key, offer),
        }
    }
}

/// Why a key that inherits has nothing to inherit.
fn stopped(key: &ApiKey, workspace: &str) -> String {
    let because = match &key.owner {
        Some(owner) => format!("{} is no longer a member of {workspace}", owner.name),
        None => "It is a service key, which has no owner".to_owned(),
    };
    format!(
        "{because}, so every call with this key is refused. Give it a scope of its own, or replace \
         it."
    )
}

fn used(key: &ApiKey, offer: &Offer, held: &Permissions) -> Vec<PermissionLine> {
    if key.grant.scope == grant::INHERIT || !held.are_all() {
        return Vec::new();
    }
    let used = Permissions::new(key.few_permissions.iter().map(String::as_str));
    lines(offer, (&used, &Permissions::default()), "")
}

fn enough(key: &ApiKey, offer: &Offer) -> String {
    let allows = |held: &Permissions| key.few_permissions.iter().all(|one| held.allow(one));
    let count = |held: &Permissions| {
        let permissions = offer.catalogue.permissions.iter();
        permissions.filter(|one| held.allow(&one.slug)).count()
    };
    let narrow = offer.presets.iter().filter(|preset| {
        let held = &preset.permissions;
        !held.are_all() && !held.is_empty() && allows(held)
    });
    narrow
        .min_by_key(|preset| count(&preset.permissions))
        .map_or_else(String::new, |preset| preset.label.clone())
}

fn summary(key: &ApiKey, offer: &Offer, held: &Permissions) -> String {
    let everything = if held.are_all() {
        " Now that is everything the API offers."
    } else {
        ""
    };
    match (key.grant.scope.as_str(), key.owner_role()) {
        (grant::INHERIT, None) => format!("Whatever {} may do here: nothing.", key.owner_name()),
        (grant::INHERIT, Some(role)) => format!(
            "Whatever {}, now {} here, may do. It changes with their role and stops when they \
             leave.{everything}",
            key.owner_name(),
            role_words(role)
        ),
        (grant::CUSTOM, _) => "Only what was chosen, one by one.".to_owned(),
        _ if held.are_all() => "Everything the API offers, also what is added to it later. Never \
                                users, workspaces, billing, settings or keys."
            .to_owned(),
        (slug, _) => match offer.preset(slug) {
            None => "Its preset is no longer offered; this key keeps it.".to_owned(),
            Some(preset) if preset.version == key.grant.version => preset.summary.clone(),
            Some(_) => format!("What version {} of {} names.", key.grant.version, key.scope),
        },
    }
}

fn role_words(role: WorkspaceRole) -> &'static str {
    match role {
        WorkspaceRole::Admin => "an admin",
        WorkspaceRole::Developer => "a developer",
        WorkspaceRole::Viewer => "a viewer",
    }
}

impl PresetUpdate {
    /// `None` for a key that has the latest version, or no preset that is offered.
    pub fn of(key: &ApiKey, offer: &Offer) -> Option<Self> {
        let newer = offer.preset(&key.grant.scope)?;
        if newer.version <= key.grant.version {
            return None;
        }
        let (held, then) = (key.permissions(), &newer.permissions);
        Some(Self {
            label: newer.label.clone(),
            from: key.grant.version,
            to: newer.version,
            adds: lines(offer, (then, held), "Everything else that the API offers"),
            removes: lines(offer, (held, then), "Everything that is not named by it"),
            permissions: then.clone(),
        })
    }

    pub fn changes_nothing(&self) -> bool {
        self.adds.is_empty() && self.removes.is_empty()
    }
}

/// What `of` allows and `but` does not.
fn lines(
    offer: &Offer,
    (of, but): (&Permissions, &Permissions),
    rest: &str,
) -> Vec<PermissionLine> {
    if of.are_all() && !but.are_all() {
        return vec![PermissionLine {
            slug: grant::ANY.to_owned(),
            label: rest.to_owned(),
            help: String::new(),
            risk: Some(Risk::High.into()),
            checked: false,
        }];
    }
    let named = of.iter().filter(|one| !but.allow(one));
    let slugs: Vec<&str> = named.filter(|one| *one != grant::ANY).collect();
    let permissions = &offer.catalogue.permissions;
    let known = permissions
        .iter()
        .filter(|one| slugs.contains(&one.slug.as_str()));
    let gone = Permissions::new(slugs.iter().copied());
    permission_words::families(known)
        .into_iter()
        .chain(permission_words::unlisted(offer, &gone))
        .flat_map(|family| family.lines)
        .collect()
}
