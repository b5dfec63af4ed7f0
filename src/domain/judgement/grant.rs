//! The step that asks whether the key may do this at all.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::domain::catalogue::Amounts;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::Permission;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::grant::Permissions;
use crate::domain::grant::Resources;
use crate::domain::judgement::Ask;
use crate::domain::judgement::Refusal;
use crate::domain::meter::CREDITS;
use crate::domain::meter::REQUESTS;

/// What is missing where a key may do what its owner may, and that person has left or nobody is.
pub const OWNER_LEFT: &str = "its owner is no longer a member";

/// What a key may do at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Of its owner, where those are the key's; `None` if that person has left.
    pub permissions: Option<&'a Permissions>,
    pub resources: &'a Resources,
}

/// What a request counts on the account's meters, beside `requests` and `credits`.
#[derive(Debug, Clone, Default)]
pub struct Cost(Option<Amounts>);

impl Cost {
    /// Slugs and amounts; each amount is at least 1.
    pub fn meters(&self) -> &[(Box<str>, u64)] {
        self.0.as_deref().unwrap_or_default()
    }

    /// How much of the meter `slug` a request of so many credits uses.
    pub fn amount(&self, slug: &str, credits: u32) -> u64 {
        match slug {
            REQUESTS => 1,
            CREDITS => u64::from(credits),
            slug => {
                let counted = self.meters().iter().find(|(meter, _)| &**meter == slug);
                counted.map_or(0, |(_, amount)| *amount)
            }
        }
    }

    pub fn of(permission: &Permission) -> Self {
        let meters = &permission.meters;
        Self((!meters.is_empty()).then(|| Arc::clone(meters)))
    }
}

/// What the request costs, if `held` has all that is asked.
pub fn check(catalogue: &Catalogue, held: Held<'_>, ask: &Ask<'_>) -> Result<Cost, Refusal> {
    let missing = |what| Refusal::missing(DenyReason::InsufficientScope, what);
    let Some(permissions) = held.permissions else {
        return Err(missing(Box::from(OWNER_LEFT)));
    };
    permitted(catalogue, permissions, held.resources, ask).map_err(missing)
}

/// What of `ask` is not there, by name; else what it costs.
fn permitted(
    catalogue: &Catalogue,
    held: &Permissions,
    resources: &Resources,
    ask: &Ask<'_>,
) -> Result<Cost, Box<str>> {
    let mut cost = None;
    if let Some(permission) = ask.permission {
        if !held.allow(permission) {
            return Err(permission.into());
        }
        cost = catalogue.permission(permission).map(Cost::of);
    }
    let mut needed = ask.permission;
    let mut in_route = None;
    if let Some((method, path)) = ask.route {
        match catalogue.route(method, path) {
            Some(found) => {
                let permission = found.permission;
                if !held.allow(&permission.slug) {
                    return Err(permission.slug.as_str().into());
                }
                cost = Some(Cost::of(permission));
                needed = Some(&permission.slug);
                in_route = found.resource;
            }
            None if held.are_all() => {}
            None => return Err(unmapped(method, path)),
        }
    }
    if !resources.are_all() {
        check_resources(resources, ask, needed, in_route)?;
    }
    Ok(cost.unwrap_or_default())
}

/// What a request names, it touches; one that names nothing touches everything.
fn check_resources(
    resources: &Resources,
    ask: &Ask<'_>,
    needed: Option<&str>,
    in_route: Option<&str>,
) -> Result<(), Box<str>> {
    let needed = needed.unwrap_or("access");
    if let Some(encoded) = in_route {
        // An ambiguous path was refused before: what is encoded here is UTF-8 and needs it.
        let resource = percent_decode_str(encoded).decode_utf8_lossy();
        if !resources.allow(Some(&resource)) {
            return Err(format!("{needed} on {resource}").into());
        }
    }
    match ask.resource {
        Some(resource) if !resources.allow(Some(resource)) => {
            Err(format!("{needed} on {resource}").into())
        }
        Some(_) => Ok(()),
        None if in_route.is_some() => Ok(()),
        // Nothing is asked at all.
        None if ask.permission.is_none() && ask.route.is_none() => Ok(()),
        None => Err(format!("{needed} on all resources").into()),
    }
}

fn unmapped(method: Method, path: &str) -> Box<str> {
    format!("a permission for {} {path}", method.as_str()).into()
}
