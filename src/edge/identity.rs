//! `X-Latchkey-*`: what an upstream is told of the caller. Always all of them, so that none can
//! come from somebody else.

use uuid::fmt::Hyphenated;

use crate::domain::request_id::RequestId;
use crate::verify::Holder;

/// What nginx, which passes on neither the status nor the body of a refusal, is told beside it.
pub const STATUS: &str = "x-latchkey-status";
pub const ERROR: &str = "x-latchkey-error";
pub const BODY: &str = "x-latchkey-body";

/// Says each header of a request that `holder` makes. Ids, not names: those never change.
pub fn say(holder: &Holder, request_id: RequestId, mut header: impl FnMut(&'static str, &str)) {
    let mut letters = [0; Hyphenated::LENGTH];
    let owner = holder.key.owner.map(uuid::Uuid::hyphenated);
    header("x-latchkey-key", holder.key.id.as_str());
    header("x-latchkey-account", &holder.account.public_id);
    header("x-latchkey-workspace", &holder.workspace.public_id);
    match &owner {
        Some(owner) => header("x-latchkey-owner", owner.encode_lower(&mut letters)),
        None => header("x-latchkey-owner", ""),
    }
    header("x-latchkey-scope", &holder.key.preset.slug);
    let permissions = holder.permissions();
    match permissions.iter().next() {
        Some(only) if permissions.iter().len() == 1 => header("x-latchkey-permissions", only),
        _ => header("x-latchkey-permissions", &permissions.to_string()),
    }
    header("x-latchkey-request-id", request_id.as_str());
}
