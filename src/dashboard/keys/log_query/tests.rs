use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T09:41:07Z".parse().unwrap()
}

fn bounds(query: &str) -> String {
    let (from, to) = LogAddress::parse(query, now()).bounds(now());
    format!(
        "{} {}",
        from.format("%m-%dT%H:%M"),
        to.format("%m-%dT%H:%M")
    )
}

#[test]
fn a_range_ends_now_and_days_end_at_midnight() {
    assert_eq!(bounds(""), "11-14T09:41 11-21T09:42");
    assert_eq!(bounds("range=1h"), "11-21T08:41 11-21T09:42");
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
fn what_cannot_be_read_is_told_and_ignored() {
    for query in [
        "range=2h",
        "from=soon",
        "from=2026-11-02&to=2026-11-01",
        "to=99999-01-01",
        "code=9xx",
        "code=42",
        "method=BREW",
        "after=x",
        "colour=red",
    ] {
        let log = LogAddress::parse(query, now());
        assert_eq!(log.notices.len(), 1, "{query}");
        assert_eq!(
            log.bounds(now()),
            LogAddress::default().bounds(now()),
            "{query}"
        );
    }
}

#[test]
fn statuses_classes_and_refusals_are_told_apart() {
    assert_eq!(outcome("4xx"), Some(Outcome::Class(4)));
    assert_eq!(outcome("404"), Some(Outcome::Status(404)));
    assert_eq!(
        outcome("expired"),
        Some(Outcome::Denied(DenyReason::Expired))
    );
}

#[test]
fn an_address_reads_back_as_it_was_written() {
    let query = "range=custom&from=2026-11-01&to=2026-11-02&code=4xx&method=POST";
    let log = LogAddress::parse(query, now());
    assert_eq!(log.url("/k", None), format!("/k?{query}#requests"));
    assert_eq!(
        LogAddress::parse("range=7d", now()).url("/k", None),
        "/k#requests"
    );
}
