//! The step of the decision that asks whether the key may do this at all.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::domain::catalogue::Amounts;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::Permission;
use crate::domain::decision::DenyReason;
use crate::domain::endpoint::Method;
use crate::domain::grant::Permissions;
use crate::verify::Ask;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::mirror::Tables;

/// What is missing where a key may do what its creator may, and that person has left.
pub const CREATOR_LEFT: &str = "its creator is no longer a member";

/// What a request counts on the account's meters, beside `requests` and `credits`.
#[derive(Debug, Clone, Default)]
pub struct Cost(Option<Amounts>);

impl Cost {
    /// Slugs and amounts; each amount is at least 1.
    pub fn meters(&self) -> &[(Box<str>, u64)] {
        self.0.as_deref().unwrap_or_default()
    }

    pub fn of_meter(&self, slug: &str) -> u64 {
        let counted = self.meters().iter().find(|(meter, _)| &**meter == slug);
        counted.map_or(0, |(_, amount)| *amount)
    }

    fn of(permission: &Permission) -> Self {
        let meters = &permission.meters;
        Self((!meters.is_empty()).then(|| Arc::clone(meters)))
    }
}

/// Whether the holder's grant has all that is asked. The holder that is given back knows the rights
/// of its key's creator, where those are the key's.
pub fn check(
    tables: &Tables,
    mut holder: Holder,
    ask: &Ask<'_>,
) -> Result<(Holder, Cost), Box<Denial>> {
    let catalogue = tables.catalogue();
    if holder.key.preset.is_inherit() {
        holder.inherited = rights_of_creator(tables, &catalogue, &holder);
        if holder.inherited.is_none() {
            return Err(denial(holder, CREATOR_LEFT.into()));
        }
    }
    match missing(&catalogue, &holder, ask) {
        Ok(cost) => Ok((holder, cost)),
        Err(what) => Err(denial(holder, what)),
    }
}

/// What the person who made the key may do where the key is; `None` for somebody who has left.
fn rights_of_creator(
    tables: &Tables,
    catalogue: &Catalogue,
    holder: &Holder,
) -> Option<Arc<Permissions>> {
    let creator = holder.key.created_by;
    if tables.person(creator)?.disabled {
        return None;
    }
    let member = tables.member(creator)?;
    let role = member.role(holder.account.id, holder.workspace.id)?;
    Some(Arc::clone(catalogue.rights.of(role)))
}

/// What of `ask` the grant does not have, by name; else what it costs.
fn missing(catalogue: &Catalogue, holder: &Holder, ask: &Ask<'_>) -> Result<Cost, Box<str>> {
    let held = holder.permissions();
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
    if !holder.key.resources.are_all() {
        check_resources(holder, ask, needed, in_route)?;
    }
    Ok(cost.unwrap_or_default())
}

/// What a request names, it touches; one that names nothing touches everything.
fn check_resources(
    holder: &Holder,
    ask: &Ask<'_>,
    needed: Option<&str>,
    in_route: Option<&str>,
) -> Result<(), Box<str>> {
    let resources = &holder.key.resources;
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

fn denial(holder: Holder, missing: Box<str>) -> Box<Denial> {
    Box::new(Denial {
        missing: Some(missing),
        ..Denial::new(DenyReason::InsufficientScope, Some(holder))
    })
}
