use super::*;

const ALL: Takes = Takes {
    keys: true,
    workspaces: true,
    addresses: true,
};

fn now() -> DateTime<Utc> {
    "2026-11-21T09:41:07Z".parse().unwrap()
}

fn parsed(query: &str) -> LogAddress {
    LogAddress::parse(query, ALL, now())
}

fn base(fragment: &'static str) -> Base {
    Base {
        path: "/k".to_owned(),
        fragment,
    }
}

fn bounds(query: &str) -> String {
    let (from, to) = parsed(query).bounds(now());
    format!(
        "{} {}",
        from.format("%m-%dT%H:%M"),
        to.format("%m-%dT%H:%M")
    )
}

#[test]
fn a_range_ends_now_and_days_end_at_midnight() {
    assert_eq!(bounds(""), "11-14T09:41 11-21T09:42");
    assert_eq!(bounds("range=15m"), "11-21T09:26 11-21T09:42");
    assert_eq!(
        bounds("range=custom&from=2026-11-01&to=2026-11-01"),
        "11-01T00:00 11-02T00:00"
    );
    let dates = "from=2026-11-01&to=2026-11-01";
    assert_eq!(
        bounds(&format!("range=7d&{dates}")),
        "11-01T00:00 11-02T00:00",
        "dates were filled in"
    );
    assert_eq!(
        bounds(&format!("range=1h&{dates}&dates=kept")),
        "11-21T08:41 11-21T09:42",
        "a preset was chosen on a page with dates"
    );
    assert_eq!(bounds("from=2026-11-20T10:00"), "11-20T10:00 11-21T09:41");
}

#[test]
fn what_is_not_known_is_told_and_what_is_misread_is_told_at_its_field() {
    for query in ["after=x", "colour=red"] {
        let log = parsed(query);
        assert_eq!(
            (log.notices.len(), log.errors.iter().count()),
            (1, 0),
            "{query}"
        );
    }
    for (query, field) in [
        ("range=2h", "range"),
        ("from=soon", "from"),
        ("from=2026-11-02&to=2026-11-01", "to"),
        ("to=99999-01-01", "to"),
        ("code=9xx", "code"),
        ("code=42", "code"),
        ("method=BREW", "method"),
        ("key=x", "key"),
        ("ip=here", "ip"),
        ("slow=fast", "slow"),
        ("credits=-1", "credits"),
        ("req=req_1", "req"),
    ] {
        let log = parsed(&format!("{query}&path=/v1"));
        let fields: Vec<&str> = log.errors.iter().map(|error| error.field).collect();
        assert_eq!(fields, [field], "{query}");
        assert_eq!(
            log.bounds(now()),
            LogAddress::default().bounds(now()),
            "{query}"
        );
        assert_eq!(log.filter.path.as_deref(), Some("/v1"), "{query}");
        let name = query.split('=').next().unwrap();
        let typed = query.split(['=', '&']).nth(1).unwrap();
        let kept = [log.typed(name), &log.from, &log.to];
        assert!(name == "range" || kept.contains(&typed), "{query}");
        assert_eq!(log.url(&base(""), None).matches("path=").count(), 1);
        assert!(
            !log.url(&base(""), None).contains(&format!("{name}="))
                || name == "from"
                || name == "to"
        );
    }
}

#[test]
fn what_a_page_does_not_take_is_ignored() {
    let takes = Takes {
        keys: false,
        workspaces: false,
        addresses: false,
    };
    let query = "key=4fZk0QpL9aBc&category=x&workspace=y&ip=203.0.113.9";
    let log = LogAddress::parse(query, takes, now());
    assert_eq!(log.filter, LogFilter::default());
    assert_eq!(log.notices.len(), 4);
}

#[test]
fn a_request_is_looked_for_at_its_own_time() {
    let at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
    let id = crate::domain::request_id::RequestId::generate(at, &crate::domain::random::OsRandom);
    let log = parsed(&format!("req={}&range=1h", id.unwrap()));
    let (from, to) = log.bounds(now());
    assert!(from < at && at < to && to - from < TimeDelta::minutes(1));
}

#[test]
fn an_address_reads_back_as_it_was_written() {
    let query = "range=custom&from=2026-11-01&to=2026-11-02&code=4xx&method=POST&path=%2Fv1\
        &workspace=a&key=4fZk0QpL9aBc&key=4fZk0QpL9aBd&category=x+y&ip=203.0.113.0%2F24&slow=5\
        &credits=2";
    let log = parsed(query);
    assert_eq!(log.errors, FormErrors::default());
    assert_eq!(log.url(&base("#r"), None), format!("/k?{query}#r"));
    let back = parsed(&query.replace("&method=POST", ""));
    let without = log
        .active(&base(""))
        .into_iter()
        .find(|(name, ..)| *name == "method");
    assert_eq!(without.unwrap().2, back.url(&base(""), None));
    assert_eq!(log.more().collect::<Vec<_>>(), [("key", "4fZk0QpL9aBd")]);
    assert_eq!(parsed("range=7d").url(&base("#r"), None), "/k#r");
}
