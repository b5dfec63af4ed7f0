use super::*;

fn faults(document: &str) -> Vec<String> {
    let faults = Catalogue::parse(1, document).unwrap_err();
    faults.to_string().lines().map(str::to_owned).collect()
}

const PLAN: &str = "[[plan]]\nslug = \"standard\"\nname = \"Standard\"\n";

fn permission(slug: &str, routes: &str) -> String {
    format!(
        "[[permission]]\nslug = \"{slug}\"\nlabel = \"L\"\nhelp = \"H\"\nrisk = \"low\"\n\
         routes = [{routes}]\n"
    )
}

#[test]
fn the_built_in_catalogue_is_valid_and_offers_what_the_contract_names() {
    let catalogue = Catalogue::parse(1, BUILT_IN).unwrap();
    let presets: Vec<_> = catalogue
        .presets
        .iter()
        .map(|one| one.slug.as_str())
        .collect();
    assert_eq!(presets, ["full", "widget", "routine", "query", "index"]);
    assert_eq!(catalogue.preset("full").unwrap().permissions, ["*"]);
    let standard = catalogue.plan("standard").unwrap();
    assert_eq!(standard.meters, [("imports".to_owned(), 2_000)]);
    assert!(catalogue.rights.viewer.allow("documents:read"));
    assert!(!catalogue.rights.viewer.allow("documents:write"));
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let document = r#"
colour = "red"
[[permission]]
slug = "documents:read"
label = "Read"
help = ""
risk = "none"
routes = ["GET documents", "LOOK /v1", 7]
meters = { pages = 1, requests = 1 }
shade = 1
[[permission]]
slug = "documents:read"
help = "x"
risk = "low"
[[permission]]
slug = "console:keys"
label = "Keys"
help = "x"
risk = "high"
[[preset]]
slug = "custom"
label = "Custom"
summary = "x"
permissions = ["documents:write", "chats:*"]
[[meter]]
slug = "Pages"
label = "Pages"
kind = "sum"
[[plan]]
slug = "standard"
name = "Standard"
per_second = 0
meters = { pages = -1 }
[rights]
viewer = ["nothing:here"]
owner = ["*"]
"#;
    let expected = [
        "line 2: unknown field “colour”",
        "line 6: “help”: Fill this in.",
        "line 7: “none” is no risk: write low, medium or high",
        "line 8: “GET documents”: its path must start with “/”",
        "line 8: “LOOK /v1”: its method must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS",
        "line 8: “routes” must hold texts only",
        "line 9: there is no meter “pages”",
        "line 9: there is no meter “requests”",
        "line 9: “requests” is counted for every request anyway",
        "line 10: unknown field “shade”",
        "line 11: “label” is missing",
        "line 12: “documents:read” is taken by line 4",
        "line 16: “console:keys”: nothing of the console can be granted to a key",
        "line 21: “custom” is reserved; choose another slug",
        "line 24: there is no permission “chats:*”",
        "line 24: there is no permission “documents:write”",
        "line 26: “Pages” is no slug: 1 to 50 lower-case letters, digits and hyphens, of which \
         the first is a letter",
        "line 28: “sum” is no kind: write period or level",
        "line 32: “per_second” must be a whole number of at least 1",
        "line 33: “meters.pages” must be a whole number of at least 0",
        "line 35: there is no permission “nothing:here”",
        "line 36: unknown field “owner”",
    ];
    assert_eq!(faults(document), expected);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let told = faults("[[plan]]\nslug = \"a\"\nslug = \"b\"\nname = \n");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("line 3: "), "{told:?}");
    assert!(told[1].starts_with("line 4: "), "{told:?}");
}

#[test]
fn a_document_that_is_too_large_is_not_read() {
    let long = "#".repeat(DOCUMENT_BYTES_MAX + 1);
    assert_eq!(
        faults(&long),
        [format!(
            "line 1: the document is longer than {DOCUMENT_BYTES_MAX} bytes"
        )]
    );
    assert_eq!(faults(""), ["line 1: there must be at least one [[plan]]"]);
    assert_eq!(
        faults(&format!("preset = 3\n{PLAN}")),
        ["line 1: write [[preset]] tables"]
    );
}

#[test]
fn routes_in_each_others_way_are_refused() {
    let cases = [
        (
            "GET /a/{x}",
            "GET /a/{y}",
            Some("is the same route as that of line 6"),
        ),
        (
            "GET /a/{x}/c",
            "GET /a/b/{y}",
            Some("fit some path equally well"),
        ),
        (
            "GET /{x}/b",
            "GET /a/{*rest}",
            Some("fit some path equally well"),
        ),
        ("GET /a/{x}", "POST /a/{y}", None),
        ("GET /a/{x}", "GET /a/b", None),
        ("GET /a/{x}", "GET /a/{x}/b", None),
        ("GET /a/{*x}", "GET /a/{x}", None),
        ("GET /a", "GET /a/", None),
    ];
    for (one, two, expected) in cases {
        let document = format!(
            "{}{}{PLAN}",
            permission("a:one", &format!("\"{one}\"")),
            permission("a:two", &format!("\"{two}\"")),
        );
        match (Catalogue::parse(1, &document), expected) {
            (Ok(_), None) => {}
            (Err(faults), Some(words)) => {
                let told = faults.to_string();
                assert!(told.starts_with("line 12: "), "{told}");
                assert!(told.contains(words), "{told}");
            }
            (parsed, _) => panic!("{one} and {two}: {parsed:?}"),
        }
    }
}

#[test]
fn templates_that_servers_may_read_differently_are_refused() {
    for bad in [
        "v1",
        "/v1//a",
        "/v1/../a",
        "/v1/a%2e",
        "/v1/{a}b",
        "/v1/{*a}/b",
        "/v1/{A}",
        "/v1/{a}/{a}",
        "/v1/{}",
        "/v1/*",
        "/v1/a;b",
        "/v1/ä",
    ] {
        let document = format!("{}{PLAN}", permission("a:b", &format!("\"GET {bad}\"")));
        assert!(Catalogue::parse(1, &document).is_err(), "{bad}");
    }
}

#[test]
fn the_closest_route_is_found_with_its_resource() {
    let routes = r#""GET /v1/documents/{resource}", "GET /v1/{kind}/import", "GET /f/{*resource}""#;
    let document = format!(
        "{}{}{}{PLAN}",
        permission(
            "a:one",
            r#""GET /v1/documents/{resource}/pages/{page}", "GET /f/{*resource}""#
        ),
        permission(
            "a:two",
            r#""GET /v1/documents/latest/pages/{page}", "HEAD /h", "GET /""#
        ),
        permission("a:three", r#""GET /h", "GET /v1/{*rest}""#),
    );
    assert!(Catalogue::parse(1, &format!("{}{PLAN}", permission("a:b", routes))).is_err());
    let catalogue = Catalogue::parse(1, &document).unwrap();
    let found = |method, path| {
        let found = catalogue.route(method, path)?;
        Some((found.permission.slug.as_str(), found.resource))
    };
    let cases = [
        ("/v1/documents/7/pages/1", Some(("a:one", Some("7")))),
        ("/v1/documents/latest/pages/1", Some(("a:two", None))),
        ("/v1/documents/latest/page", Some(("a:three", None))),
        ("/v1/documents//pages/1", Some(("a:three", None))),
        ("/f/a/b", Some(("a:one", Some("a/b")))),
        ("/f/", None),
        ("/f", None),
        ("/v1", None),
        ("/", Some(("a:two", None))),
        ("", None),
        ("v1/x", None),
    ];
    for (path, expected) in cases {
        assert_eq!(found(Method::Get, path), expected, "{path}");
    }
    assert_eq!(found(Method::Head, "/h"), Some(("a:two", None)));
    assert_eq!(found(Method::Head, "/f/x"), Some(("a:one", Some("x"))));
    assert_eq!(found(Method::Post, "/h"), None);
}

#[test]
fn a_preset_spells_its_permissions_out() {
    let document = format!(
        "{}{}[[preset]]\nslug = \"all\"\nlabel = \"A\"\nsummary = \"S\"\n\
         permissions = [\"a:*\", \"a:one\"]\n{PLAN}",
        permission("a:one", ""),
        permission("a:two", ""),
    );
    let catalogue = Catalogue::parse(3, &document).unwrap();
    assert_eq!(catalogue.version, 3);
    assert_eq!(
        catalogue.preset("all").unwrap().permissions,
        ["a:one", "a:two"]
    );
}

#[test]
fn a_permission_counts_on_six_meters_and_no_more() {
    let meter = |n: u32| format!("[[meter]]\nslug = \"m{n}\"\nlabel = \"M\"\nkind = \"period\"\n");
    let meters: String = (1..=7).map(meter).collect();
    let of = |count: u32| {
        let named: Vec<String> = (1..=count).map(|n| format!("m{n} = 1")).collect();
        let named = named.join(", ");
        faults(&format!(
            "[[permission]]\nslug = \"a:b\"\nlabel = \"A\"\nhelp = \"x\"\nrisk = \"low\"\n\
             meters = {{ {named} }}\n{meters}"
        ))
    };
    assert_eq!(of(6).len() + 1, of(7).len());
    let expected = "line 6: a request counts on at most 6 meters".to_owned();
    assert!(of(7).contains(&expected), "{:?}", of(7));
}
