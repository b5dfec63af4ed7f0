use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Binaries, candidates, choose, parse_version};
use crate::postgres::error::ClusterError;

fn programs(dir: &Path) -> PathBuf {
    fs::create_dir_all(dir).unwrap();
    for name in ["initdb", "postgres"] {
        fs::write(dir.join(name), "").unwrap();
    }
    dir.canonicalize().unwrap()
}

fn of_major(major: u32) -> Binaries {
    Binaries {
        dir: PathBuf::from("/opt"),
        major,
        lib_dir: None,
    }
}

#[test]
fn the_path_comes_first_then_the_newest_and_links_are_followed_once() {
    let temp = tempfile::tempdir().unwrap();
    let debian = temp.path().join("debian");
    let nine = programs(&debian.join("9/bin"));
    let sixteen = programs(&debian.join("16/bin"));
    let fifteen = programs(&debian.join("15/bin"));
    let links = temp.path().join("links");
    fs::create_dir(&links).unwrap();
    std::os::unix::fs::symlink(fifteen.join("initdb"), links.join("initdb")).unwrap();
    let found = candidates(Some(links.as_os_str()), &debian, Some(sixteen.clone()));
    assert_eq!(found, [fifteen, sixteen, nine]);
}

#[test]
fn a_directory_without_both_programs_is_no_candidate() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("initdb"), "").unwrap();
    let path = Some(temp.path().as_os_str());
    assert!(candidates(path, Path::new("/nowhere"), None).is_empty());
    assert!(candidates(Some(OsStr::new("")), Path::new("/nowhere"), None).is_empty());
}

#[test]
fn an_existing_cluster_takes_only_its_own_major_version() {
    let found = || vec![of_major(17), of_major(15)];
    let cluster = Path::new("/data/pg");
    assert_eq!(choose(found(), Some(15), cluster).unwrap().major, 15);
    assert_eq!(choose(found(), None, cluster).unwrap().major, 17);
    let error = choose(found(), Some(16), cluster).unwrap_err();
    assert!(matches!(error, ClusterError::WrongMajor { needed: 16, .. }));
    let error = choose(vec![of_major(13)], None, cluster).unwrap_err();
    assert!(matches!(error, ClusterError::TooOld { .. }));
}

#[test]
fn versions_are_read_from_what_postgres_says() {
    let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
    assert_eq!(parse_version(debian), Some(15));
    assert_eq!(parse_version("postgres (PostgreSQL) 19beta2\n"), Some(19));
    assert_eq!(parse_version("another program 15.1"), None);
}
