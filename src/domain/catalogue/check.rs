//! What only the whole document can have wrong: names taken twice, names of nothing, routes that
//! are in each other's way.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue::Permission;
use crate::domain::catalogue::Preset;
use crate::domain::catalogue::Rights;
use crate::domain::catalogue::fields::Placed;
use crate::domain::catalogue::fields::Reader;
use crate::domain::catalogue::parse::Sections;
use crate::domain::catalogue::routes::Routes;
use crate::domain::catalogue::sections::RawPermission;
use crate::domain::catalogue::sections::RawRoute;
use crate::domain::catalogue::template::Overlap;
use crate::domain::grant;
use crate::domain::grant::Permissions;
use crate::domain::meter::METERS_PER_CALL_MAX;
use crate::domain::plan::Plan;

/// Every two of them are compared.
const ROUTES_MAX: usize = 1_000;
/// Every request counts on these by itself.
const COUNTED_ANYWAY: [&str; 2] = ["requests", "credits"];

/// The catalogue, as far as it could be read; faults go to `reader`.
pub fn assemble(reader: &Reader, sections: Sections<'_>) -> Catalogue {
    once(reader, sections.permissions.iter().map(|one| &one.slug));
    once(reader, sections.presets.iter().map(|one| &one.slug));
    once(reader, sections.plans.iter().map(|one| &one.slug));
    let meter_slugs: Vec<Placed<String>> = sections
        .meters
        .iter()
        .map(|meter| Placed {
            value: meter.value.slug.clone(),
            line: meter.line,
        })
        .collect();
    once(reader, meter_slugs.iter());
    if sections.plans.is_empty() {
        reader.fault(1, "there must be at least one [[plan]]");
    }

    let names = Names {
        reader,
        permissions: sections
            .permissions
            .iter()
            .map(|one| one.slug.value.clone())
            .collect(),
        meters: meter_slugs.into_iter().map(|slug| slug.value).collect(),
    };
    let routes = routes(reader, &sections.permissions);
    let permissions: Vec<Permission> = sections
        .permissions
        .into_iter()
        .map(|raw| names.permission(raw))
        .collect();
    let by_slug: HashMap<_, _, _> = permissions
        .iter()
        .enumerate()
        .map(|(place, permission)| (permission.slug.as_str().into(), place))
        .collect();
    let [viewer, developer, admin] = sections.rights.map(|rights| rights.0).unwrap_or_default();
    Catalogue {
        version: 0,
        permissions,
        presets: sections
            .presets
            .into_iter()
            .map(|raw| Preset {
                permissions: names.spelled_out(&raw.permissions),
                slug: raw.slug.value,
                label: raw.label,
                summary: raw.summary,
                cannot: raw.cannot,
            })
            .collect(),
        meters: sections.meters.into_iter().map(|one| one.value).collect(),
        plans: sections
            .plans
            .into_iter()
            .map(|raw| Plan {
                meters: names.amounts(&raw.meters),
                ..raw.plan
            })
            .collect(),
        rights: Rights {
            viewer: names.rights(&viewer),
            developer: names.rights(&developer),
            admin: names.rights(&admin),
        },
        by_slug,
        routes,
    }
}

fn once<'s>(reader: &Reader, slugs: impl Iterator<Item = &'s Placed<String>>) {
    let mut known: HashMap<&str, usize> = HashMap::new();
    for slug in slugs.filter(|slug| !slug.value.is_empty()) {
        if let Some(line) = known.get(slug.value.as_str()) {
            let words = format!("“{}” is taken by line {line}", slug.value);
            reader.fault(slug.line, words);
        } else {
            known.insert(&slug.value, slug.line);
        }
    }
}

/// Meters that a permission may name, beside those that are counted anyway.
const METERS_MAX: usize = METERS_PER_CALL_MAX - COUNTED_ANYWAY.len();

/// What there is to be named.
struct Names<'r> {
    reader: &'r Reader,
    permissions: Vec<String>,
    meters: Vec<String>,
}

impl Names<'_> {
    fn permission(&self, raw: RawPermission<'_>) -> Permission {
        for meter in &raw.meters {
            if COUNTED_ANYWAY.contains(&meter.value.0) {
                let words = format!("“{}” is counted for every request anyway", meter.value.0);
                self.reader.fault(meter.line, words);
            }
        }
        if let Some(beyond) = raw.meters.get(METERS_MAX) {
            let words = format!("a request counts on at most {METERS_MAX} meters");
            self.reader.fault(beyond.line, words);
        }
        let meters = self.amounts(&raw.meters);
        Permission {
            slug: raw.slug.value,
            label: raw.label,
            help: raw.help,
            risk: raw.risk,
            routes: raw.routes.into_iter().map(|one| one.value.route).collect(),
            meters: meters
                .into_iter()
                .map(|(slug, amount)| (slug.into(), amount))
                .collect(),
        }
    }

    fn amounts(&self, amounts: &[Placed<(&str, u64)>]) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        for amount in amounts {
            let (slug, number) = amount.value;
            if self.meters.iter().any(|meter| meter == slug) {
                found.push((slug.to_owned(), number));
            } else {
                let words = format!("there is no meter “{slug}”");
                self.reader.fault(amount.line, words);
            }
        }
        found
    }

    fn rights(&self, named: &[Placed<&str>]) -> Arc<Permissions> {
        Arc::new(Permissions::new(self.spelled_out(named)))
    }

    /// The permissions that are named; `documents:*` is every one of that resource.
    fn spelled_out(&self, named: &[Placed<&str>]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for name in named {
            let mut of_name: Vec<&String> = Vec::new();
            if let Some(resource) = name.value.strip_suffix(":*") {
                of_name.extend(self.permissions.iter().filter(|known| {
                    let of = known.split_once(':').map(|(of, _)| of);
                    of == Some(resource)
                }));
            } else {
                of_name.extend(self.permissions.iter().find(|known| **known == *name.value));
            }
            if name.value == grant::ANY {
                found.push(grant::ANY.to_owned());
            } else if of_name.is_empty() {
                let words = format!("there is no permission “{}”", name.value);
                self.reader.fault(name.line, words);
            }
            for slug in of_name {
                if !found.contains(slug) {
                    found.push(slug.clone());
                }
            }
        }
        if found.iter().any(|one| one == grant::ANY) {
            found.retain(|one| one == grant::ANY);
        }
        found
    }
}

fn routes(reader: &Reader, permissions: &[RawPermission<'_>]) -> Routes {
    let mut routes = Routes::default();
    let mut known: Vec<&Placed<RawRoute>> = Vec::new();
    for (place, permission) in permissions.iter().enumerate() {
        for route in &permission.routes {
            if known.len() == ROUTES_MAX {
                reader.fault(
                    route.line,
                    format!("there are more than {ROUTES_MAX} routes"),
                );
                return routes;
            }
            if is_free(reader, &known, route) {
                let template = &route.value.template;
                routes.insert(route.value.route.method, template, place);
            }
            known.push(route);
        }
    }
    routes
}

/// Whether no earlier route stands in the way of this one.
fn is_free(reader: &Reader, known: &[&Placed<RawRoute>], route: &Placed<RawRoute>) -> bool {
    let mine = &route.value;
    let text = format!("{} {}", mine.route.method.as_str(), mine.route.template);
    for earlier in known {
        if earlier.value.route.method != mine.route.method {
            continue;
        }
        let line = earlier.line;
        let words = match mine.template.overlap(&earlier.value.template) {
            Overlap::Ordered => continue,
            Overlap::Same => format!("“{text}” is the same route as that of line {line}"),
            Overlap::Ambiguous => {
                format!("“{text}” and the route of line {line} fit some path equally well")
            }
        };
        reader.fault(route.line, words);
        return false;
    }
    true
}
