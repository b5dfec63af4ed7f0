//! What the key behind a request may do, and whether that is enough.

use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::grant::Permissions;
use crate::domain::judgement::Ask;
use crate::domain::judgement::grant;
use crate::domain::judgement::grant::Cost;
use crate::domain::judgement::grant::Held;
use crate::verify::Denial;
use crate::verify::Holder;
use crate::verify::mirror::Tables;

/// Whether the holder's grant has all that is asked. The holder that is given back knows the rights
/// of its key's owner, where those are the key's.
pub fn check(
    tables: &Tables,
    mut holder: Holder,
    ask: &Ask<'_>,
) -> Result<(Holder, Cost), Box<Denial>> {
    let catalogue = tables.catalogue();
    let inherits = holder.key.preset.is_inherit();
    if inherits {
        holder.inherited = rights_of_owner(tables, &catalogue, &holder);
    }
    let held = Held {
        permissions: match &holder.inherited {
            None if inherits => None,
            _ => Some(holder.permissions()),
        },
        resources: holder.key.resources(),
    };
    match grant::check(&catalogue, held, ask) {
        Ok(cost) => Ok((holder, cost)),
        Err(refusal) => Err(Box::new(Denial::refused(refusal, holder))),
    }
}

/// What the person whose key it is may do where the key is; `None` for somebody who has left, and
/// for a service key.
fn rights_of_owner(
    tables: &Tables,
    catalogue: &Catalogue,
    holder: &Holder,
) -> Option<Arc<Permissions>> {
    let owner = holder.key.owner?;
    if tables.person(owner)?.disabled {
        return None;
    }
    let member = tables.member(owner)?;
    let role = member.role(holder.account.id, holder.workspace.id)?;
    Some(Arc::clone(catalogue.rights.of(role)))
}
