//! What each step says, and what would make it pass.

use crate::dashboard::keys::explain::names::CHARGE;
use crate::dashboard::keys::explain::names::FORMAT;
use crate::dashboard::keys::explain::names::GRANT;
use crate::dashboard::keys::explain::names::KEY;
use crate::dashboard::keys::explain::names::name_of;
use crate::dashboard::keys::explain::walk::CREDITS;
use crate::dashboard::keys::explain::walk::Line;
use crate::dashboard::keys::explain::walk::Walk;
use crate::dashboard::keys::settings_words;
use crate::dashboard::moment::Moment;
use crate::dashboard::number;
use crate::domain::account::CredentialKind;
use crate::domain::grant;
use crate::domain::judgement::Refusal;
use crate::domain::judgement::Step;
use crate::domain::judgement::grant::Cost;
use crate::domain::judgement::grant::OWNER_LEFT;

const REPLACE: &str = "Create a similar key and move your program to it.";

pub fn format(walk: &Walk<'_>) -> Line {
    let words = format!(
        "{} with its secret is a whole key: nothing mistyped.{}",
        walk.place.masked,
        old_secret(walk)
    );
    Line::new(FORMAT, words)
}

/// What holds for the secret before the current one, if the key has one.
fn old_secret(walk: &Walk<'_>) -> String {
    let mut before = walk.key.secrets.iter().rev().skip(1);
    let Some((old, ends)) = before.find_map(|old| Some((old, old.retires_at?))) else {
        return String::new();
    };
    let (last_four, at) = (&old.last_four, Moment::new(ends, walk.now).at());
    if ends > walk.now {
        format!(" Until {at} the same holds for the old secret, ••••{last_four}.")
    } else {
        format!(" Its old secret, ••••{last_four}, ended {at} and is refused.")
    }
}

pub fn key(walk: &Walk<'_>) -> Line {
    let words = format!("Known as “{}”, and the secret is its own.", walk.key.name);
    Line::new(KEY, words)
}

pub fn step(walk: &Walk<'_>, step: Step, refusal: Option<Refusal>) -> Line {
    let name = name_of(step);
    let Some(refusal) = refusal else {
        return Line::new(name, passing(walk, step));
    };
    let (words, remedy) = refusing(walk, step);
    Line::new(name, words).refused(refusal, remedy)
}

fn passing(walk: &Walk<'_>, step: Step) -> String {
    let network = &walk.key.network;
    match step {
        Step::Account => format!(
            "{} is not suspended; the key belongs to {}.",
            walk.place.account, walk.place.workspace
        ),
        Step::Revocation => "Nobody has revoked it.".to_owned(),
        Step::Expiry => match walk.key.times.expires_at {
            Some(at) => {
                let at = Moment::new(at, walk.now);
                format!("It expires {}, {}.", at.at(), at.relative())
            }
            None => "It never expires.".to_owned(),
        },
        Step::Disabling => "Nobody has disabled it.".to_owned(),
        Step::Header => headers(&walk.gate.refused),
        Step::Customer => format!(
            "None need be sent. If one is, it must be {}.",
            walk.gate.customer_id
        ),
        Step::Request => format!("{} can be read in one way only.", walk.asked.path),
        Step::Addresses if network.ips.is_empty() => "It works from every address.".to_owned(),
        Step::Addresses => format!("{} is among its allowed addresses.", address(walk)),
        Step::Origins if network.origins.is_empty() => {
            "It asks for no origin of a web page.".to_owned()
        }
        Step::Origins => format!("{} is among its allowed origins.", origin(walk)),
    }
}

/// Why not, and what would help.
fn refusing(walk: &Walk<'_>, step: Step) -> (String, String) {
    let when = |at| Moment::new(at, walk.now).at();
    let times = &walk.key.times;
    let network = &walk.key.network;
    let (words, remedy) = match step {
        Step::Account => (
            format!(
                "{} is suspended{}.",
                walk.place.account,
                since(walk.gate.suspended_at.map(when))
            ),
            "Only the operator of this installation can resume it.",
        ),
        Step::Revocation => (
            format!(
                "It was revoked{}, for good.",
                since(times.revoked_at.map(when))
            ),
            REPLACE,
        ),
        Step::Expiry => (
            format!(
                "It expired{}, and stays so.",
                on(times.expires_at.map(when))
            ),
            REPLACE,
        ),
        Step::Disabling => (
            format!("It is disabled{}.", since(times.disabled_at.map(when))),
            "Enable it on the key’s page.",
        ),
        Step::Header => (headers(&walk.gate.refused), "Send it in another header."),
        Step::Customer => (
            "The customer ID is not the one of this account.".to_owned(),
            "Send the right one, or none.",
        ),
        Step::Request => (
            "The path can be read in more than one way, so what is checked might not be what is \
             served."
                .to_owned(),
            "Send it plainly: no //, no dot segments, no ; or \\, nothing percent-encoded that \
             need not be.",
        ),
        Step::Addresses => (
            format!(
                "{} It works only from {}.",
                match walk.asked.ip {
                    Some(_) => format!("{} is not among its allowed addresses.", address(walk)),
                    None => "No address was entered.".to_owned(),
                },
                settings_words::ips(network)
            ),
            match walk.asked.ip {
                Some(_) => "Call from one of these, or add the address when you edit the key.",
                None => "Enter the address of the caller to see whether it passes.",
            },
        ),
        Step::Origins => (
            format!(
                "{} It works only for pages of {}.",
                match origin(walk) {
                    "" => "The call has no Origin header.".to_owned(),
                    origin => format!("{origin} is not among its allowed origins."),
                },
                settings_words::origins(network)
            ),
            "Call from such a page, or add the origin when you edit the key.",
        ),
    };
    (words, remedy.to_owned())
}

fn on(at: Option<String>) -> String {
    at.map_or_else(String::new, |at| format!(" on {at}"))
}

fn since(at: Option<String>) -> String {
    at.map_or_else(String::new, |at| format!(" since {at}"))
}

fn address(walk: &Walk<'_>) -> String {
    let ip = walk.asked.ip.map(|ip| ip.to_canonical().to_string());
    ip.unwrap_or_default()
}

fn origin<'a>(walk: &'a Walk<'_>) -> &'a str {
    &walk.asked.origin
}

/// In which headers the account takes keys.
fn headers(refused: &[CredentialKind]) -> String {
    let named = |refuses: bool| {
        let kinds = CredentialKind::ALL.into_iter();
        let kinds = kinds.filter(|kind| refused.contains(kind) == refuses);
        kinds.map(header).collect::<Vec<_>>().join(", ")
    };
    if refused.is_empty() {
        format!("Each of these will do: {}.", named(false))
    } else {
        format!("Taken: {}. Refused: {}.", named(false), named(true))
    }
}

fn header(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Bearer => "Authorization: Bearer",
        CredentialKind::ApiKey => "Authorization: ApiKey",
        CredentialKind::XApiKey => "x-api-key",
    }
}

pub fn grant(walk: &Walk<'_>, refusal: Option<Refusal>) -> Line {
    let line = |words: String| Line::new(GRANT, words);
    let scope = &walk.key.scope;
    let asked = (walk.asked.method, walk.asked.path.as_str());
    let found = walk.offer.catalogue.route(asked.0, asked.1);
    let needed = found.as_ref().map(|found| {
        let permission = found.permission;
        format!("“{}” ({})", permission.label, permission.slug)
    });
    let Some(refusal) = refusal else {
        return line(match needed {
            Some(needed) => format!("The call needs {needed}, which the scope {scope} has."),
            None => format!("No permission covers this route; the scope {scope} needs none."),
        });
    };
    if refusal.missing.as_deref() == Some(OWNER_LEFT) {
        return line(match &walk.key.owner {
            Some(owner) => format!(
                "It may do what {} may, who is no longer a member of {}: nothing.",
                owner.name, walk.place.workspace
            ),
            None => "It may do what its owner may. It is a service key, which has none: nothing."
                .to_owned(),
        })
        .refused(
            refusal,
            "Give it a scope of its own when you edit it, or replace it.",
        );
    }
    let (Some(needed), Some(found)) = (needed, found) else {
        return line(format!(
            "No permission of the catalogue covers this route, so the scope {scope} cannot have it."
        ))
        .refused(
            refusal,
            "Check the path. Else the operator adds the route to the catalogue, or the key gets \
             Full access.",
        );
    };
    if refusal.missing.as_deref() == Some(found.permission.slug.as_str()) {
        return line(format!(
            "The call needs {needed}, which the scope {scope} does not have."
        ))
        .refused(refusal, remedy(walk));
    }
    line(format!(
        "The scope {scope} has {needed}, but only for the resources {}.",
        settings_words::resources(&walk.key.grant.resources)
    ))
    .refused(
        refusal,
        "Ask for one of these, or add the resource when you edit the key.",
    )
}

fn remedy(walk: &Walk<'_>) -> String {
    match walk.key.grant.scope.as_str() {
        grant::INHERIT => format!(
            "{} needs a role that may do this, or the key a scope of its own.",
            walk.key.owner_name()
        ),
        _ => "Give the key this permission when you edit it, or use a key that has it.".to_owned(),
    }
}

/// What a call would be charged. Asking charges nothing.
pub fn charge(walk: &Walk<'_>, cost: &Cost, refused: bool) -> Line {
    if refused {
        return Line::new(CHARGE, "A refused call is charged to nothing.");
    }
    let mut parts = vec!["1 request".to_owned(), format!("{CREDITS} credit")];
    parts.extend(cost.meters().iter().map(|(slug, amount)| {
        let label = walk.offer.catalogue.meter(slug);
        let label = label.map_or(&**slug, |meter| meter.label.as_str());
        format!(
            "{label}: {}",
            number::grouped(i64::try_from(*amount).unwrap_or(i64::MAX))
        )
    }));
    Line::new(
        CHARGE,
        format!(
            "Such a call would be charged now: {}. Asking here charges nothing.",
            parts.join(", ")
        ),
    )
}
