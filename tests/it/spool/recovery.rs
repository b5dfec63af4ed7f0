use std::borrow::Cow;
use std::fs;
use std::path::Path;

use latchkey::spool::Cursor;
use latchkey::spool::SpoolConfig;
use latchkey::spool::reader::Damage;
use latchkey::spool::record::Record;
use proptest::prelude::*;

use super::append_all;
use super::image_of;
use super::numbered;
use super::open;
use super::open_in;
use super::read_all;
use super::segments;

#[test]
fn a_torn_tail_is_stepped_over_and_told() {
    let directory = tempfile::tempdir().unwrap();
    append_all(&open_in(directory.path()), 0..5);
    let segment = segments(directory.path()).remove(0);
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 3]).unwrap();

    let spool = open_in(directory.path());
    append_all(&spool, 5..8);
    let found = read_all(&spool);
    assert_eq!(found.numbers, [0, 1, 2, 3, 5, 6, 7]);
    assert_eq!(found.damage.places, 1);
}

/// Its last bytes are zeros: the length of a text that is not there.
fn ends_in_zeros(number: u32) -> Record<'static> {
    let Record::Decision(mut record) = numbered(number) else {
        panic!("another record");
    };
    record.agent = Cow::Borrowed("");
    Record::Decision(record)
}

#[test]
fn the_room_that_a_killed_writer_left_ahead_of_its_records_is_no_damage_and_is_given_back() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open_in(directory.path());
    for number in 0..5 {
        spool.append_blocking(&ends_in_zeros(number)).unwrap();
    }
    let image = image_of(directory.path());
    drop(spool);
    let length = |directory: &Path| fs::metadata(&segments(directory)[0]).unwrap().len();
    let (records, killed) = (length(directory.path()), length(image.path()));
    assert!(
        killed > records,
        "{killed} bytes, {records} of them records"
    );

    let again = open_in(image.path());
    let found = read_all(&again);
    assert_eq!(found.numbers, [0, 1, 2, 3, 4]);
    assert_eq!(found.damage, Damage::default());
    let kept = length(image.path());
    assert!((records..records + 8 * 1024).contains(&kept), "{kept}");
    let bytes = segments(image.path());
    let bytes = bytes.iter().map(|path| fs::metadata(path).unwrap().len());
    assert_eq!(again.backlog_bytes(), bytes.sum::<u64>());
}

#[test]
fn a_record_torn_before_the_room_ahead_is_one_damage() {
    let directory = tempfile::tempdir().unwrap();
    append_all(&open_in(directory.path()), 0..5);
    let segment = segments(directory.path()).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    bytes.truncate(bytes.len() - 3);
    bytes.resize(bytes.len() + 1024 * 1024, 0);
    fs::write(&segment, &bytes).unwrap();

    let found = read_all(&open_in(directory.path()));
    assert_eq!(found.numbers, [0, 1, 2, 3]);
    assert_eq!(found.damage.places, 1);
}

#[test]
fn a_flipped_bit_costs_one_record() {
    let directory = tempfile::tempdir().unwrap();
    append_all(&open_in(directory.path()), 0..100);
    let segment = segments(directory.path()).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();

    let found = read_all(&open_in(directory.path()));
    assert_eq!(found.numbers.len(), 99);
    assert_eq!(found.damage.places, 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to a stretch of bytes, the records before and behind it are found, in
    /// order, and nothing else is.
    #[test]
    fn damage_anywhere_costs_no_record_beside_it(
        at in 0_usize..4_000, noise in proptest::collection::vec(any::<u8>(), 1..300)
    ) {
        let directory = tempfile::tempdir().unwrap();
        append_all(&open_in(directory.path()), 0..40);
        let segment = segments(directory.path()).remove(0);
        let mut bytes = fs::read(&segment).unwrap();
        let record = (bytes.len() - 28) / 40;
        let at = at.min(bytes.len());
        let end = (at + noise.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&noise[..end - at]);
        fs::write(&segment, &bytes).unwrap();

        let found = read_all(&open_in(directory.path())).numbers;
        let touched = noise.len().div_ceil(record) + 1;
        prop_assert!(found.len() >= 40 - touched.min(40));
        prop_assert!(found.is_sorted());
        prop_assert!(found.iter().all(|number| *number < 40));
    }
}

#[test]
fn every_start_opens_a_new_segment_under_the_same_name() {
    let directory = tempfile::tempdir().unwrap();
    let first = open_in(directory.path());
    let id = first.id();
    append_all(&first, [1]);
    drop(first);
    let second = open_in(directory.path());
    append_all(&second, [2]);
    assert_eq!(second.id(), id);
    assert_eq!(segments(directory.path()).len(), 2);
    assert_eq!(read_all(&second).numbers, [1, 2]);
}

#[test]
fn a_spool_whose_segments_are_gone_is_a_new_spool() {
    let directory = tempfile::tempdir().unwrap();
    let first = open_in(directory.path());
    let id = first.id();
    drop(first);
    for segment in segments(directory.path()) {
        fs::remove_file(segment).unwrap();
    }
    assert_ne!(open_in(directory.path()).id(), id);
}

#[test]
fn a_cursor_into_a_deleted_segment_goes_on_at_the_next_one() {
    let directory = tempfile::tempdir().unwrap();
    append_all(&open_in(directory.path()), [1]);
    let spool = open(&SpoolConfig::new(directory.path())).unwrap();
    append_all(&spool, [2]);
    fs::remove_file(&segments(directory.path())[0]).unwrap();
    spool.sync();
    let lost = Cursor {
        segment: 1,
        position: 60,
    };
    assert_eq!(super::read_from(&spool, lost, 9).numbers, [2]);
}
