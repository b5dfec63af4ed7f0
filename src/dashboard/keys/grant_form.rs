//! What a key may do, as the create and the edit form send it.

use crate::dashboard::form::FormErrors;
use crate::dashboard::keys::words_form::Words;
use crate::dashboard::posted::Fields;
use crate::db::catalogue::Offer;
use crate::domain::entries;
use crate::domain::grant;
use crate::domain::grant::Grant;
use crate::domain::grant::Permissions;
use crate::domain::grant::Resources;

/// The scope of the edit form that leaves a preset in the version the key has.
pub const KEEP: &str = "keep";

/// The checkboxes of the custom scope.
pub const PERMISSIONS: &str = "permission";

/// What the fields are judged by.
#[derive(Clone, Copy)]
pub struct GrantRules<'a> {
    pub offer: &'a Offer,
    /// What the person may do at the API in the key's workspace. Nobody gives a key more.
    pub rights: &'a Permissions,
    /// What the edited key has, which it may keep.
    pub kept: Option<&'a Grant>,
    pub words: Words<'a>,
}

/// Whether the grant is one that could be chosen now.
pub fn is_latest(grant: &Grant, offer: &Offer) -> bool {
    matches!(grant.scope.as_str(), grant::CUSTOM | grant::INHERIT)
        || offer
            .preset(&grant.scope)
            .is_some_and(|preset| preset.version == grant.version)
}

impl GrantRules<'_> {
    pub fn grant(&self, fields: &Fields, errors: &mut FormErrors) -> Option<Grant> {
        let grant = if fields.get("scope") == grant::CUSTOM {
            self.custom(fields, errors)
        } else {
            fields.parse_with("scope", errors, |scope| self.scope(scope))
        };
        let resources = fields.parse_with("resources", errors, |text| self.resources(text));
        Some(Grant {
            resources: resources?,
            ..grant?
        })
    }

    fn scope(&self, scope: &str) -> Result<Grant, String> {
        if let Some(preset) = self.offer.preset(scope) {
            let grant = Grant::preset(&preset.slug, preset.version);
            let kept = self
                .kept
                .is_some_and(|kept| (&kept.scope, kept.version) == (&grant.scope, grant.version));
            if kept || self.rights.cover(&preset.permissions) {
                return Ok(grant);
            }
            return Err(format!(
                "“{}” is more than your role here may do, so you cannot give it to a key.",
                preset.label
            ));
        }
        match (scope, self.kept) {
            (grant::INHERIT, _) => Ok(Grant::preset(grant::INHERIT, 1)),
            (KEEP, Some(kept)) => Ok(kept.clone()),
            _ => Err("Choose what the key may do.".to_owned()),
        }
    }

    fn custom(&self, fields: &Fields, errors: &mut FormErrors) -> Option<Grant> {
        let mut chosen: Vec<&str> = Vec::new();
        for slug in fields.all(PERMISSIONS) {
            if let Err(fault) = self.judge(slug) {
                errors.add(PERMISSIONS, fault);
                return None;
            }
            if !chosen.contains(&slug) {
                chosen.push(slug);
            }
        }
        if chosen.is_empty() {
            errors.add(PERMISSIONS, "Choose at least one permission.");
            return None;
        }
        // The same permissions in another order are no change.
        let same = self.kept.map(|kept| &kept.permissions).filter(|kept| {
            kept.iter().len() == chosen.len() && kept.iter().all(|one| chosen.contains(&one))
        });
        Some(Grant {
            permissions: same.map_or_else(|| Permissions::new(chosen), Clone::clone),
            ..Grant::preset(grant::CUSTOM, 1)
        })
    }

    /// Whether this one may be chosen.
    fn judge(&self, slug: &str) -> Result<(), String> {
        let resource = slug.split_once(':').map_or(slug, |(resource, _)| resource);
        if resource == grant::CONSOLE {
            return Err(
                "No key can manage people, workspaces, billing, settings or keys.".to_owned(),
            );
        }
        let kept = self.kept.map(|kept| &kept.permissions);
        if kept.is_some_and(|kept| kept.iter().any(|held| held == slug)) {
            return Ok(());
        }
        let Some(permission) = self.offer.catalogue.permission(slug) else {
            let shown = entries::quoted(slug);
            return Err(format!("{shown} is no permission. Choose from the list."));
        };
        if self.rights.allow(slug) {
            return Ok(());
        }
        Err(format!(
            "“{}” is more than your role here may do, so you cannot give it to a key.",
            permission.label
        ))
    }

    fn resources(&self, text: &str) -> Result<Resources, String> {
        self.words.refuse_secret(text)?;
        grant::parse_resources(text).map_err(|fault| fault.to_string())
    }
}
