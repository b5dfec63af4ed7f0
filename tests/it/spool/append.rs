use std::collections::BTreeSet;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use latchkey::spool::Cursor;
use latchkey::spool::Durability;
use latchkey::spool::Spool;
use latchkey::spool::SpoolConfig;
use latchkey::spool::SpoolError;
use latchkey::spool::SpoolUnavailable;

use super::append_all;
use super::image_of;
use super::numbered;
use super::open;
use super::open_in;
use super::read_all;
use super::read_from;
use super::segments;

fn append_from_many_tasks(spool: &Spool, threads: u32, tasks: u32) {
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                let local = tokio::task::LocalSet::new();
                for task in 0..tasks {
                    let spool = spool.clone();
                    local.spawn_local(async move {
                        let record = numbered(thread * tasks + task);
                        spool.append(&record).await.unwrap();
                    });
                }
                runtime.block_on(local);
            });
        }
    });
}

#[test]
fn many_appends_at_once_keep_every_record_exactly_once() {
    for durability in [Durability::Process, Durability::Power] {
        let directory = tempfile::tempdir().unwrap();
        let spool = open(&SpoolConfig {
            durability,
            segment_bytes: 20_000,
            ..SpoolConfig::new(directory.path())
        })
        .unwrap();
        append_from_many_tasks(&spool, 4, 500);
        let found = read_all(&spool).numbers;
        assert_eq!(found.len(), 2_000);
        assert_eq!(BTreeSet::from_iter(found), (0..2_000).collect());
        assert!(segments(directory.path()).len() > 1);
    }
}

#[test]
fn an_append_that_returned_survives_the_end_of_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open_in(directory.path());
    append_from_many_tasks(&spool, 2, 100);
    let image = image_of(directory.path());
    assert_eq!(read_all(&open_in(image.path())).numbers.len(), 200);
}

#[test]
fn a_dropped_append_harms_nobody_and_its_record_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open_in(directory.path());
    let (first, second) = (numbered(1), numbered(2));
    let mut waker = Context::from_waker(Waker::noop());
    {
        let mut dropped = pin!(spool.append(&first));
        assert!(dropped.as_mut().poll(&mut waker).is_pending());
    }
    let mut other = pin!(spool.append(&second));
    assert!(other.as_mut().poll(&mut waker).is_pending());
    assert_eq!(other.as_mut().poll(&mut waker), Poll::Ready(Ok(())));
    assert_eq!(read_all(&spool).numbers, [1, 2]);
}

#[test]
fn records_that_nobody_waits_for_are_written_when_the_spool_closes() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open_in(directory.path());
    {
        let record = numbered(1);
        let mut dropped = pin!(spool.append(&record));
        let mut waker = Context::from_waker(Waker::noop());
        assert!(dropped.as_mut().poll(&mut waker).is_pending());
    }
    drop(spool);
    assert_eq!(read_all(&open_in(directory.path())).numbers, [1]);
}

#[test]
fn a_reader_goes_on_where_its_cursor_points() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open_in(directory.path());
    append_all(&spool, 0..10);
    let first = read_from(&spool, Cursor::START, 100);
    append_all(&spool, 10..15);
    let second = read_from(&spool, first.next, 2);
    assert_eq!(second.numbers, [10, 11, 12, 13, 14]);
    assert!(read_from(&spool, second.next, 2).numbers.is_empty());
}

#[test]
fn a_full_spool_takes_records_again_when_what_was_shipped_is_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(&SpoolConfig {
        bytes_max: 10_000,
        segment_bytes: 5_000,
        ..SpoolConfig::new(directory.path())
    })
    .unwrap();
    let mut written = 0;
    while spool.append_blocking(&numbered(written)).is_ok() {
        written += 1;
        spool.sync();
    }
    assert_eq!(
        spool.append_blocking(&numbered(0)),
        Err(SpoolUnavailable::Full)
    );
    assert!(!spool.is_healthy());
    let found = read_all(&spool);
    assert_eq!(found.numbers, (0..written).collect::<Vec<_>>());
    spool.reader().forget(found.next).unwrap();
    assert!(spool.is_healthy());
    append_all(&spool, [written]);
    assert_eq!(read_from(&spool, found.next, 9).numbers, [written]);
}

#[test]
fn forgetting_deletes_what_lies_before_the_cursor_only() {
    let directory = tempfile::tempdir().unwrap();
    let config = SpoolConfig {
        segment_bytes: 1_000,
        ..SpoolConfig::new(directory.path())
    };
    let spool = open(&config).unwrap();
    for number in 0..40 {
        append_all(&spool, [number]);
        spool.sync();
    }
    let mut reader = spool.reader();
    let batch = reader.read(Cursor::START, 3).unwrap();
    reader.forget(batch.next).unwrap();
    assert_eq!(
        read_from(&spool, batch.next, 9).numbers,
        (3..40).collect::<Vec<_>>()
    );
    let end = read_from(&spool, batch.next, 9).next;
    reader.forget(end).unwrap();
    assert_eq!(segments(directory.path()).len(), 1);
}

#[test]
fn only_the_owner_may_look_inside() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("spool");
    let _spool = open_in(&directory);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.clone()), 0o700);
    for entry in std::fs::read_dir(directory).unwrap() {
        assert_eq!(mode(entry.unwrap().path()), 0o600);
    }
}

#[test]
fn a_second_spool_on_the_same_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _first = open_in(directory.path());
    let second = open(&SpoolConfig::new(directory.path()));
    assert!(matches!(second, Err(SpoolError::InUse(_))));
}
