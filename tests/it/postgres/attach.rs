use std::path::Path;
use std::thread;

use latchkey::postgres::{Access, DATABASE, attach};

use super::crash::spawn_owner;
use super::{Place, connect};

#[test]
fn nobody_to_attach_to_is_no_error() {
    let place = Place::new();
    assert!(attach(&place.config()).expect("an answer").is_none());
    place.start().stop();
    assert!(attach(&place.config()).expect("an answer").is_none());
}

#[test]
fn a_subcommand_attaches_to_the_cluster_of_a_running_latchkey() {
    let place = Place::new();
    let mut owner = spawn_owner(&place);
    let attachment = attach(&place.config())
        .expect("an answer")
        .expect("an owner");
    assert!(connect(&attachment.url(DATABASE)).is_some());
    drop(attachment);
    owner.kill().expect("to kill it");
    owner.wait().expect("its end");
    assert!(attach(&place.config()).expect("an answer").is_none());
}

#[test]
fn subcommands_at_once_on_a_new_directory_all_get_in() {
    let place = Place::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let access = Access::open(&place.config()).expect("access");
                assert!(connect(&access.url(DATABASE)).is_some());
            });
        }
    });
    assert!(!Path::new(&place.pg().join("postmaster.pid")).exists());
}

#[test]
fn an_owner_waits_for_its_guests_before_it_stops() {
    let place = Place::new();
    let cluster = place.start();
    let guest = attach(&place.config())
        .expect("an answer")
        .expect("an owner");
    thread::scope(|scope| {
        let stopping = scope.spawn(|| cluster.stop());
        for _ in 0..20 {
            assert!(connect(&guest.url(DATABASE)).is_some());
        }
        assert!(!stopping.is_finished());
        drop(guest);
        stopping.join().expect("the stop");
    });
    assert!(!place.pg().join("postmaster.pid").exists());
}
