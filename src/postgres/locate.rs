//! Finds the programs of a PostgreSQL server, of the major version that the cluster needs.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::postgres::error::ClusterError;

/// The oldest major version that the migrations are written for.
const OLDEST: u32 = 15;
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

#[derive(Debug, Clone)]
pub(super) struct Binaries {
    pub dir: PathBuf,
    pub major: u32,
    /// Where unpacked archives keep the `libpq` of their programs.
    pub lib_dir: Option<PathBuf>,
}

impl Binaries {
    /// `cluster` is the directory of a cluster; it may not exist yet.
    pub fn locate(wanted: Option<&Path>, cluster: &Path) -> Result<Binaries, ClusterError> {
        let candidates = match wanted {
            Some(dir) => resolve(dir).into_iter().collect(),
            None => candidates(
                env::var_os("PATH").as_deref(),
                Path::new(DEBIAN_VERSIONS),
                pg_config(),
            ),
        };
        let found: Vec<Binaries> = candidates.into_iter().filter_map(Binaries::probe).collect();
        if found.is_empty() {
            let searched = wanted.map_or_else(
                || format!("PATH, {DEBIAN_VERSIONS}/*/bin, pg_config --bindir"),
                |dir| dir.display().to_string(),
            );
            return Err(ClusterError::NotFound { searched });
        }
        choose(found, major_of(cluster), cluster)
    }

    fn probe(dir: PathBuf) -> Option<Binaries> {
        let lib_dir = dir.parent().map(|prefix| prefix.join("lib"));
        let lib_dir = lib_dir.filter(|lib| lib.join("libpq.so.5").exists());
        let mut command = Command::new(dir.join("postgres"));
        command.arg("--version").env_clear();
        if let Some(lib) = &lib_dir {
            command.env("LD_LIBRARY_PATH", lib);
        }
        let output = command.output().ok()?;
        let major = parse_version(&String::from_utf8(output.stdout).ok()?)?;
        Some(Binaries {
            dir,
            major,
            lib_dir,
        })
    }
}

fn choose(
    found: Vec<Binaries>,
    needed: Option<u32>,
    cluster: &Path,
) -> Result<Binaries, ClusterError> {
    let names = found
        .iter()
        .map(|b| format!("PostgreSQL {} in {}", b.major, b.dir.display()))
        .collect();
    let fits = |b: &Binaries| needed.map_or(b.major >= OLDEST, |needed| b.major == needed);
    found.into_iter().find(fits).ok_or_else(|| match needed {
        Some(needed) => ClusterError::WrongMajor {
            data_dir: cluster.to_path_buf(),
            needed,
            found: names,
        },
        None => ClusterError::TooOld {
            oldest: OLDEST,
            found: names,
        },
    })
}

/// The directories that hold both programs, best first, each once.
fn candidates(path: Option<&OsStr>, debian: &Path, pg_config: Option<PathBuf>) -> Vec<PathBuf> {
    let on_path = path.into_iter().flat_map(env::split_paths);
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir(debian)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let major = entry.file_name().to_str()?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect();
    debian.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    let mut dirs = Vec::new();
    for dir in on_path
        .chain(debian.into_iter().map(|(_, dir)| dir))
        .chain(pg_config)
    {
        if let Some(dir) = resolve(&dir).filter(|dir| !dirs.contains(dir)) {
            dirs.push(dir);
        }
    }
    dirs
}

/// Follows `initdb`'s symlink, because the other programs stand beside its target.
fn resolve(dir: &Path) -> Option<PathBuf> {
    let initdb = dir.join("initdb").canonicalize().ok()?;
    let dir = initdb.parent()?;
    dir.join("postgres").is_file().then(|| dir.to_path_buf())
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

fn major_of(cluster: &Path) -> Option<u32> {
    let text = fs::read_to_string(cluster.join("PG_VERSION")).ok()?;
    text.trim().parse().ok()
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, also `16beta1`.
fn parse_version(text: &str) -> Option<u32> {
    let version = text.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests;
