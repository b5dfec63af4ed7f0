use std::borrow::Cow;

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::domain::random::OsRandom;

fn decision(path: &str, agent: &str, status: Option<u16>) -> DecisionRecord<'static> {
    let at = DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap();
    DecisionRecord {
        at,
        request_id: RequestId::generate(at, &OsRandom).unwrap(),
        account: AccountId(7),
        workspace: WorkspaceId(9),
        key: ApiKeyId::generate(&OsRandom).unwrap(),
        generation: 2,
        surface: Surface::Gateway,
        method: Some(Method::Post),
        path: Cow::Owned(path.to_owned()),
        agent: Cow::Owned(agent.to_owned()),
        ip: Some("2001:db8::1".parse().unwrap()),
        denied: None,
        detail: Cow::Borrowed(""),
        status,
        duration_us: status.map(|_| 1_500),
        credits: 3,
        meters: Vec::new(),
    }
}

fn written_and_read(record: &Record<'_>) -> Record<'static> {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    assert!(bytes.len() <= RECORD_BYTES_MAX);
    decode(&bytes).unwrap()
}

proptest! {
    #[test]
    fn a_record_reads_back_as_it_was_written(
        path in "/[a-zäß/]{0,200}", agent in "[^?#\0]{0,60}", status in proptest::option::of(100_u16..600)
    ) {
        let record = Record::Decision(decision(&path, &agent, status));
        prop_assert_eq!(written_and_read(&record), record);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
    }
}

#[test]
fn a_completion_and_a_gap_read_back_as_they_were_written() {
    let decision = decision("/", "", None);
    let completion = Record::Completion(CompletionRecord {
        at: decision.at,
        request_id: decision.request_id,
        account: decision.account,
        workspace: decision.workspace,
        key: decision.key,
        status: 201,
        duration_us: 42,
        credits: 5,
        meters: Vec::new(),
    });
    assert_eq!(written_and_read(&completion), completion);
    let gap = Record::Gap(GapRecord {
        from: decision.at,
        to: decision.at,
        records: 12,
    });
    assert_eq!(written_and_read(&gap), gap);
}

#[test]
fn a_query_and_a_nul_are_not_written() {
    let record = Record::Decision(decision("/a\0b?key=lk_secret#x", "curl", None));
    let Record::Decision(read) = written_and_read(&record) else {
        panic!("a decision stays one");
    };
    assert_eq!(read.path, "/a\u{fffd}b");
}

#[test]
fn long_texts_are_cut_between_letters() {
    let record = Record::Decision(decision(&"ä".repeat(3_000), &"x€".repeat(3_000), None));
    let Record::Decision(read) = written_and_read(&record) else {
        panic!("a decision stays one");
    };
    assert_eq!(read.path, "ä".repeat(PATH_BYTES_MAX / 2));
    assert_eq!(read.agent.len(), AGENT_BYTES_MAX);
}

fn with_meters(meters: Vec<MeterUse<'static>>) -> Record<'static> {
    Record::Decision(DecisionRecord {
        meters,
        ..decision("/v1/imports", "curl", Some(200))
    })
}

fn meter(name: &str, used: i64, charged: i64) -> MeterUse<'static> {
    MeterUse {
        meter: Cow::Owned(name.to_owned()),
        used,
        charged,
    }
}

proptest! {
    #[test]
    fn meters_read_back_as_they_were_written(
        uses in proptest::collection::vec(("[a-z][a-z0-9-]{0,49}", any::<i64>(), any::<i64>()), 0..=8)
    ) {
        let meters = uses.iter().map(|(name, used, charged)| meter(name, *used, *charged)).collect();
        let record = with_meters(meters);
        prop_assert_eq!(written_and_read(&record), record);
    }
}

#[test]
fn the_meters_of_nearly_every_plan_take_a_few_bytes() {
    let size = |record: &Record<'_>| {
        let mut bytes = Vec::new();
        encode(record, &mut bytes);
        bytes.len()
    };
    let plain = size(&with_meters(Vec::new()));
    let both = with_meters(vec![meter("requests", 0, 1), meter("credits", 0, 3)]);
    assert_eq!(size(&both) - plain, 7);
    assert_eq!(written_and_read(&both), both);
}

#[test]
fn no_record_is_longer_than_the_longest() {
    let name = "m".repeat(50);
    let meters = vec![meter(&name, i64::MIN, i64::MAX); 20];
    let record = Record::Decision(DecisionRecord {
        meters,
        ..decision(&"p".repeat(3_000), &"a".repeat(3_000), None)
    });
    let Record::Decision(read) = written_and_read(&record) else {
        panic!("a decision stays one");
    };
    assert_eq!(read.meters.len(), 8);
}

#[test]
fn what_a_refusal_missed_reads_back_and_a_long_one_is_cut() {
    for (detail, read_back) in [
        ("documents:write".to_owned(), "documents:write".to_owned()),
        ("ä".repeat(300), "ä".repeat(DETAIL_BYTES_MAX / 2)),
    ] {
        let record = Record::Decision(DecisionRecord {
            denied: Some(DenyReason::InsufficientScope),
            detail: Cow::Owned(detail),
            ..decision("/v1/documents", "curl", Some(403))
        });
        let Record::Decision(read) = written_and_read(&record) else {
            panic!("a decision stays one");
        };
        assert_eq!(read.detail, read_back);
        assert_eq!(read.denied, Some(DenyReason::InsufficientScope));
    }
}

/// Bytes as version 1 wrote them, before there were meters.
#[test]
fn records_of_the_version_before_are_read() {
    let Record::Decision(mut old) = with_meters(Vec::new()) else {
        panic!("a decision stays one");
    };
    old.at = DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap();
    let mut bytes = vec![0x11];
    bytes.extend(old.at.timestamp_micros().to_le_bytes());
    bytes.extend(old.request_id.as_str().as_bytes());
    bytes.extend(7_i32.to_le_bytes());
    bytes.extend(9_i32.to_le_bytes());
    bytes.extend(old.key.as_str().as_bytes());
    bytes.extend(2_i16.to_le_bytes());
    bytes.extend([Surface::Gateway.number(), Method::Post.number(), 0]);
    bytes.extend(200_u16.to_le_bytes());
    bytes.extend(1_500_u32.to_le_bytes());
    bytes.extend(3_u32.to_le_bytes());
    bytes.push(6);
    bytes.extend(
        "2001:db8::1"
            .parse::<std::net::Ipv6Addr>()
            .unwrap()
            .octets(),
    );
    bytes.extend(11_u16.to_le_bytes());
    bytes.extend(b"/v1/imports");
    bytes.extend(4_u16.to_le_bytes());
    bytes.extend(b"curl");
    assert_eq!(decode(&bytes), Some(Record::Decision(old.clone())));
    let mut now = Vec::new();
    encode(&Record::Decision(old), &mut now);
    assert_eq!(now, bytes, "without meters nothing has changed");
}
