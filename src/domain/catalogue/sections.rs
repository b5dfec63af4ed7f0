//! The tables of a document, each by itself.

use crate::domain::catalogue::Risk;
use crate::domain::catalogue::Route;
use crate::domain::catalogue::fields::Fields;
use crate::domain::catalogue::fields::Placed;
use crate::domain::catalogue::template::Template;
use crate::domain::endpoint::Method;
use crate::domain::grant;
use crate::domain::plan::Meter;
use crate::domain::plan::MeterKind;
use crate::domain::plan::Plan;

const LABEL_MAX: usize = 100;
const HELP_MAX: usize = 500;
const SLUG_MAX: usize = 50;

pub struct RawPermission<'d> {
    pub slug: Placed<String>,
    pub label: String,
    pub help: String,
    pub risk: Risk,
    pub routes: Vec<Placed<RawRoute>>,
    pub meters: Vec<Placed<(&'d str, u64)>>,
}

pub struct RawRoute {
    pub route: Route,
    pub template: Template,
}

pub struct RawPreset<'d> {
    pub slug: Placed<String>,
    pub label: String,
    pub summary: String,
    pub cannot: String,
    pub permissions: Vec<Placed<&'d str>>,
}

pub struct RawPlan<'d> {
    pub slug: Placed<String>,
    pub plan: Plan,
    pub meters: Vec<Placed<(&'d str, u64)>>,
}

pub struct RawRights<'d>(pub [Vec<Placed<&'d str>>; 3]);

pub fn permission(mut fields: Fields<'_>) -> RawPermission<'_> {
    let slug = fields.text("slug", 2 * SLUG_MAX + 1);
    check_permission_slug(&fields, &slug);
    let label = fields.text("label", LABEL_MAX).value;
    let help = fields.text("help", HELP_MAX).value;
    let risk = risk(&mut fields);
    let routes = fields.texts("routes");
    let routes = routes
        .into_iter()
        .filter_map(|text| route(&fields, &text))
        .collect();
    let meters = fields.amounts("meters", 1);
    fields.finish();
    RawPermission {
        slug,
        label,
        help,
        risk,
        routes,
        meters,
    }
}

pub fn preset(mut fields: Fields<'_>) -> RawPreset<'_> {
    let slug = slug(&mut fields);
    if [grant::CUSTOM, grant::INHERIT].contains(&slug.value.as_str()) {
        let words = format!("“{}” is reserved; choose another slug", slug.value);
        fields.reader.fault(slug.line, words);
    }
    let label = fields.text("label", LABEL_MAX).value;
    let summary = fields.text("summary", HELP_MAX).value;
    let cannot = fields.optional_text("cannot", HELP_MAX);
    let permissions = fields.texts("permissions");
    if permissions.is_empty() {
        let words = "“permissions” must name at least one permission";
        fields.reader.fault(fields.line, words);
    }
    fields.finish();
    RawPreset {
        slug,
        label,
        summary,
        cannot,
        permissions,
    }
}

pub fn meter(mut fields: Fields<'_>) -> Placed<Meter> {
    let slug = slug(&mut fields);
    let label = fields.text("label", LABEL_MAX).value;
    let kind = fields.text("kind", SLUG_MAX);
    let known = MeterKind::parse(&kind.value);
    if known.is_none() && !kind.value.is_empty() {
        let words = format!("“{}” is no kind: write period or level", kind.value);
        fields.reader.fault(kind.line, words);
    }
    fields.finish();
    Placed {
        value: Meter {
            slug: slug.value,
            label,
            kind: known.unwrap_or(MeterKind::Period),
        },
        line: slug.line,
    }
}

pub fn plan(mut fields: Fields<'_>) -> RawPlan<'_> {
    let slug = slug(&mut fields);
    let plan = Plan {
        slug: slug.value.clone(),
        name: fields.text("name", LABEL_MAX).value,
        per_second: fields.whole("per_second", 1),
        per_minute: fields.whole("per_minute", 1),
        meters: Vec::new(),
    };
    let meters = fields.amounts("meters", 0);
    fields.finish();
    RawPlan { slug, plan, meters }
}

pub fn rights(mut fields: Fields<'_>) -> RawRights<'_> {
    let lists = ["viewer", "developer", "admin"].map(|role| fields.texts(role));
    fields.finish();
    RawRights(lists)
}

fn slug(fields: &mut Fields<'_>) -> Placed<String> {
    let slug = fields.text("slug", SLUG_MAX);
    if !slug.value.is_empty() && !is_slug(&slug.value) {
        let words = format!("“{}” is no slug: {SLUG_FORM}", slug.value);
        fields.reader.fault(slug.line, words);
    }
    slug
}

const SLUG_FORM: &str =
    "1 to 50 lower-case letters, digits and hyphens, of which the first is a letter";

fn check_permission_slug(fields: &Fields<'_>, slug: &Placed<String>) {
    let text = slug.value.as_str();
    if text.is_empty() {
        return;
    }
    let (resource, action) = text.split_once(':').unwrap_or((text, ""));
    let words = if resource == grant::CONSOLE {
        format!("“{text}”: nothing of the console can be granted to a key")
    } else if is_slug(resource) && is_slug(action) {
        return;
    } else {
        format!("“{text}” must be “resource:action”, each {SLUG_FORM}")
    };
    fields.reader.fault(slug.line, words);
}

fn is_slug(text: &str) -> bool {
    text.len() <= SLUG_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn risk(fields: &mut Fields<'_>) -> Risk {
    let text = fields.text("risk", SLUG_MAX);
    let risk = Risk::ALL
        .into_iter()
        .find(|risk| risk.as_str() == text.value);
    if risk.is_none() && !text.value.is_empty() {
        let words = format!("“{}” is no risk: write low, medium or high", text.value);
        fields.reader.fault(text.line, words);
    }
    risk.unwrap_or(Risk::High)
}

fn route(fields: &Fields<'_>, text: &Placed<&str>) -> Option<Placed<RawRoute>> {
    let line = text.line;
    let fault = |words: &str| {
        let words = format!("“{}”: {words}", text.value);
        fields.reader.fault(line, words);
        None
    };
    let Some((method, template)) = text.value.split_once(' ') else {
        return fault("write a method and a path, such as “GET /v1/documents”");
    };
    let Some(method) = Method::parse(method) else {
        return fault("its method must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
    };
    match Template::parse(template) {
        Ok(parsed) => Some(Placed {
            value: RawRoute {
                route: Route {
                    method,
                    template: template.to_owned(),
                },
                template: parsed,
            },
            line,
        }),
        Err(words) => fault(words),
    }
}
