//! The keys, in no order that matters.

use crate::cli::demo::cast::CastKey;
use crate::cli::demo::cast::DAY_H;
use crate::cli::demo::cast::Fate;
use crate::cli::demo::cast::Lifetime;
use crate::cli::demo::cast::Person;
use crate::cli::demo::cast::Place;
use crate::cli::demo::cast::Scope;
use crate::cli::demo::cast::Traffic;
use crate::cli::demo::history::calls::App;
use crate::cli::demo::history::rhythm::Rhythm;

/// As long as a name may be, to the letter.
const LONG_NAME: &str = "Nightly regression suite of the document pipeline, run by the shared \
    continuous-integration runners in Frankfurt and Dublin for every release branch of the last \
    three versions, owned by team Ingestion";

/// What most keys are; each says how it differs.
const PLAIN: CastKey = CastKey {
    slug: "",
    name: "",
    place: Place::Default,
    creator: Person::Owner,
    category: "production",
    note: "",
    scope: Scope::Preset("full"),
    daily: None,
    monthly: None,
    allowed_ips: "",
    age_h: 90 * DAY_H,
    lifetime: Lifetime::Never,
    fate: Fate::Kept,
    traffic: None,
    live: false,
};

/// What an `App::Importer` calls.
const IMPORTS: Scope = Scope::Custom(&[
    "documents:delete",
    "documents:import",
    "documents:read",
    "documents:write",
]);
/// What an `App::Automation` calls.
const AUTOMATES: Scope = Scope::Custom(&[
    "chats:open",
    "chats:read",
    "routine:trigger",
    "widget:archive",
]);

const fn traffic(share: u64, rhythm: Rhythm, app: App) -> Traffic {
    Traffic { share, rhythm, app }
}

pub const KEYS: [CastKey; 16] = [
    CastKey {
        slug: "backend",
        name: "Production backend",
        note: "Used by api.acme.example. Owner: platform team.",
        daily: Some(15_000),
        monthly: Some(150_000),
        age_h: 212 * DAY_H,
        traffic: Some(traffic(900, Rhythm::Office, App::Backend)),
        live: true,
        ..PLAIN
    },
    CastKey {
        slug: "widget",
        name: "Website widget",
        creator: Person::Admin,
        scope: Scope::Preset("widget"),
        daily: Some(9_000),
        age_h: 140 * DAY_H,
        lifetime: Lifetime::EndsIn { hours: 225 * DAY_H },
        traffic: Some(traffic(420, Rhythm::Visitors, App::Widget)),
        live: true,
        ..PLAIN
    },
    CastKey {
        slug: "import",
        name: "Nightly import",
        note: "Renew before it expires; the import stops without a word.",
        scope: IMPORTS,
        allowed_ips: "203.0.113.40",
        age_h: 85 * DAY_H,
        lifetime: Lifetime::EndsIn { hours: 5 * DAY_H },
        traffic: Some(traffic(500, Rhythm::Nightly, App::Importer)),
        ..PLAIN
    },
    CastKey {
        slug: "zapier",
        name: "Zapier integration",
        creator: Person::Admin,
        scope: AUTOMATES,
        monthly: Some(12_000),
        age_h: 61 * DAY_H + 5,
        lifetime: Lifetime::EndsIn { hours: 304 * DAY_H },
        traffic: Some(traffic(70, Rhythm::Steady, App::Automation)),
        live: true,
        ..PLAIN
    },
    CastKey {
        slug: "translation",
        name: "Übersetzung – 翻訳 – الترجمة 🗂",
        creator: Person::Admin,
        scope: Scope::Inherit,
        age_h: 44 * DAY_H,
        traffic: Some(traffic(60, Rhythm::Office, App::Backend)),
        ..PLAIN
    },
    CastKey {
        slug: "reporting",
        name: "Reporting dashboard",
        age_h: 120 * DAY_H,
        fate: Fate::Rotating {
            ago_h: 6,
            left_h: 18,
        },
        traffic: Some(traffic(110, Rhythm::Office, App::Backend)),
        ..PLAIN
    },
    CastKey {
        slug: "vendor",
        name: "Support bot (former vendor)",
        category: "partner",
        note: "Switched off until the contract is renewed.",
        scope: AUTOMATES,
        age_h: 180 * DAY_H,
        fate: Fate::Disabled {
            ago_h: 3 * DAY_H + 4,
        },
        traffic: Some(traffic(130, Rhythm::Visitors, App::Automation)),
        live: true,
        ..PLAIN
    },
    CastKey {
        slug: "migration",
        name: "Archive migration",
        creator: Person::Admin,
        scope: IMPORTS,
        age_h: 39 * DAY_H,
        lifetime: Lifetime::Ended { ago_h: 9 * DAY_H },
        traffic: Some(traffic(190, Rhythm::Steady, App::Importer)),
        live: true,
        ..PLAIN
    },
    CastKey {
        slug: "laptop",
        name: "Ada’s laptop",
        category: "development",
        age_h: 73 * DAY_H,
        fate: Fate::Revoked {
            ago_h: 12 * DAY_H + 3,
            reason: "Pushed to a public repository by mistake",
        },
        traffic: Some(traffic(40, Rhythm::Office, App::Terminal)),
        ..PLAIN
    },
    // Made anew under the name that the revoked one gave free.
    CastKey {
        slug: "blog-old",
        name: "Blog ingest",
        scope: IMPORTS,
        age_h: 160 * DAY_H,
        fate: Fate::Revoked {
            ago_h: 20 * DAY_H,
            reason: "Replaced by a new key",
        },
        traffic: Some(traffic(30, Rhythm::Office, App::Importer)),
        ..PLAIN
    },
    CastKey {
        slug: "blog",
        name: "Blog ingest",
        scope: IMPORTS,
        daily: Some(500),
        age_h: 20 * DAY_H - 1,
        lifetime: Lifetime::EndsIn { hours: 70 * DAY_H },
        traffic: Some(traffic(30, Rhythm::Office, App::Importer)),
        ..PLAIN
    },
    CastKey {
        slug: "quickstart",
        name: "Quick start",
        category: "development",
        note: "The key that the demo prints.",
        age_h: 10 * DAY_H,
        traffic: Some(traffic(12, Rhythm::Steady, App::Terminal)),
        live: true,
        ..PLAIN
    },
    CastKey {
        slug: "partner",
        name: "Partner: Northwind Logistics",
        category: "partner-northwind",
        scope: Scope::Preset("query"),
        daily: Some(2_000),
        age_h: 260 * DAY_H,
        fate: Fate::LongIdle {
            ago_h: 104 * DAY_H,
            requests: 1_204,
        },
        ..PLAIN
    },
    CastKey {
        slug: "e2e",
        name: "End-to-end tests",
        place: Place::Staging,
        creator: Person::Admin,
        category: "staging",
        age_h: 100 * DAY_H,
        traffic: Some(traffic(160, Rhythm::Bursts, App::Tests)),
        ..PLAIN
    },
    CastKey {
        slug: "regression",
        name: LONG_NAME,
        place: Place::Staging,
        category: "staging",
        age_h: 33 * DAY_H,
        traffic: Some(traffic(50, Rhythm::Nightly, App::Tests)),
        ..PLAIN
    },
    CastKey {
        slug: "qa",
        name: "QA bot",
        place: Place::Staging,
        creator: Person::Admin,
        category: "development",
        scope: Scope::Custom(&["chats:read", "documents:read"]),
        daily: Some(500),
        allowed_ips: "203.0.113.128/25",
        age_h: 2 * DAY_H,
        lifetime: Lifetime::EndsIn { hours: 28 * DAY_H },
        ..PLAIN
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api_key::KEY_NAME_LENGTH_MAX;

    #[test]
    fn the_long_name_is_as_long_as_a_name_may_be() {
        assert_eq!(LONG_NAME.chars().count(), KEY_NAME_LENGTH_MAX);
    }
}
