use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use latchkey::postgres::{Cluster, ClusterConfig, ClusterError};

use super::{Place, is_root};

/// Every refusal is one line.
fn refusal(config: &ClusterConfig) -> ClusterError {
    let error = Cluster::start(config).err().expect("a refusal");
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

#[test]
fn a_second_start_on_the_same_directory_is_refused_with_the_pid() {
    let place = Place::new();
    let _cluster = place.start();
    let error = refusal(&place.config());
    let ours = std::process::id();
    assert!(matches!(error, ClusterError::AlreadyRunning { pid: Some(pid), .. } if pid == ours));
    assert!(
        error
            .to_string()
            .contains(&format!("another latchkey (pid {ours})"))
    );
}

#[test]
fn a_second_server_started_by_hand_is_refused_by_postgresql() {
    let place = Place::new();
    let cluster = place.start();
    let output = by_hand(&place, &program(&place)).output();
    let text = String::from_utf8(output.expect("a second server").stderr).expect("text");
    assert!(text.contains("already exists"), "{text}");
    super::execute(&cluster, "select 1");
}

#[test]
fn a_server_started_by_hand_is_left_alone_until_it_ends() {
    let place = Place::new();
    let cluster = place.start();
    let program = program(&place);
    cluster.stop();
    let mut server = by_hand(&place, &program).spawn().expect("a server");
    super::wait_for("its pid file", || {
        // It exists before its first line does.
        fs::read_to_string(place.pg().join("postmaster.pid")).is_ok_and(|text| !text.is_empty())
    });
    std::thread::scope(|scope| {
        let starting = scope.spawn(|| place.start());
        for _ in 0..100 {
            let found = super::as_user("true", place.server_user()).status();
            assert!(found.expect("a process").success() && !starting.is_finished());
        }
        assert_eq!(place.postmaster().unsigned_abs(), server.id());
        let pid = rustix::process::Pid::from_child(&server);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("to end it");
        assert!(server.wait().expect("its end").success());
        super::execute(&starting.join().expect("a start"), "select 1");
    });
}

fn program(place: &Place) -> String {
    let line = fs::read_to_string(format!("/proc/{}/cmdline", place.postmaster()));
    let line = line.expect("its command line");
    line.split('\0').next().expect("its program").to_owned()
}

fn by_hand(place: &Place, program: &str) -> Command {
    let mut command = super::as_user(program, place.server_user());
    let run = place.config().data_dir.join("run");
    command.arg("-D").arg(place.pg());
    command.args(["-h", "", "-k"]).arg(run);
    command.stderr(Stdio::piped());
    command
}

#[test]
fn a_socket_path_that_is_too_long_is_refused_before_anything_is_made() {
    let place = Place::new();
    let mut config = place.config();
    config.data_dir = place.dir.path().join("x".repeat(90));
    let error = refusal(&config);
    assert!(matches!(
        error,
        ClusterError::SocketPathTooLong { limit: 107, .. }
    ));
    assert!(!config.data_dir.exists());
}

#[test]
fn a_path_with_a_comma_is_refused() {
    let place = Place::new();
    let mut config = place.config();
    config.data_dir = place.dir.path().join("a,b");
    assert!(matches!(refusal(&config), ClusterError::CommaInPath { .. }));
}

#[test]
fn a_cluster_of_another_major_version_is_refused() {
    let place = Place::new();
    place.start().stop();
    fs::write(place.pg().join("PG_VERSION"), "99\n").expect("another version");
    let error = refusal(&place.config());
    assert!(matches!(error, ClusterError::WrongMajor { needed: 99, .. }));
    assert!(
        error.to_string().contains("Install PostgreSQL 99"),
        "{error}"
    );
}

#[test]
fn without_server_programs_it_says_what_to_install() {
    let place = Place::new();
    let mut config = place.config();
    config.bin_dir = Some(place.dir.path().to_path_buf());
    let error = refusal(&config);
    assert!(matches!(error, ClusterError::NotFound { .. }));
    assert!(
        error.to_string().contains("apt install postgresql"),
        "{error}"
    );
    assert!(!config.data_dir.exists());
}

#[test]
fn a_directory_that_every_user_may_change_is_refused() {
    let place = Place::new();
    let config = place.config();
    fs::create_dir(&config.data_dir).expect("a directory");
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(&config.data_dir, open).expect("to open it");
    assert!(matches!(
        refusal(&config),
        ClusterError::OpenToOthers { .. }
    ));
}

#[test]
fn a_closed_ancestor_is_refused_under_root_and_none_of_our_business_otherwise() {
    let place = Place::new();
    let closed = fs::Permissions::from_mode(0o700);
    fs::set_permissions(place.dir.path(), closed).expect("to close it");
    if is_root() {
        let error = refusal(&place.config());
        assert!(
            matches!(&error, ClusterError::Unreachable { ancestor, .. } if ancestor == place.dir.path()),
            "{error}"
        );
        assert!(!place.config().data_dir.exists());
    } else {
        super::execute(&place.start(), "select 1");
    }
}

#[test]
fn a_server_user_who_does_not_exist_or_is_root_is_refused_under_root() {
    let place = Place::new();
    for name in ["no-such-user", "root"] {
        let mut config = place.config();
        config.os_user = Some(name.to_owned());
        if is_root() {
            assert!(matches!(
                refusal(&config),
                ClusterError::NoServerUser { .. }
            ));
        } else {
            // The setting is for root alone.
            super::execute(&Cluster::start(&config).expect("a cluster"), "select 1");
        }
    }
}
