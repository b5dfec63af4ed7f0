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
        status,
        duration_us: status.map(|_| 1_500),
        credits: 3,
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
