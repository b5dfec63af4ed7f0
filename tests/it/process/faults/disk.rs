//! A disk that is full, under the spool of a real process: a file system of 16 MB of its own.

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use reqwest::Client;

use crate::process::faults::Call;
use crate::process::faults::Load;
use crate::process::faults::PATIENT;
use crate::process::faults::Said;
use crate::process::faults::assert_logged;
use crate::process::wait_until;
use crate::support::db::TestDb;
use crate::support::nodes::installation_on;
use crate::support::nodes::key;
use crate::support::process::Installation;
use crate::support::process::Process;

const DISK: &str = "16m";
const PATIENCE: Duration = Duration::from_mins(1);

/// A process whose data directory lies on a small disk, which nobody else sees.
struct Small {
    process: Process,
    installation: Installation,
    credential: String,
    key: String,
    db: TestDb,
}

impl Small {
    fn serve(on_failure: &str) -> Self {
        let db = TestDb::new();
        let mut installation = installation_on(&db.url());
        installation.set("LATCHKEY_LOG_FAILURE", on_failure);
        installation.set(PATIENT.0, PATIENT.1);
        installation.create_account();
        let credential = installation.line(&["service-credential", "create", "tests"], "");
        let key = key(&db, 1).expose().to_owned();
        let data = installation.data_dir();
        std::fs::create_dir_all(&data).unwrap();
        let serve = installation.command(&["serve"]);
        let mut command = Command::new("unshare");
        if !rustix::process::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        // The mount ends with the process.
        let script = format!("mount -t tmpfs -o size={DISK} tmpfs \"$1\" && shift && exec \"$@\"");
        command
            .args(["--mount", "sh", "-c", &script, "sh"])
            .arg(&data)
            .arg(serve.get_program())
            .args(serve.get_args())
            .env_clear()
            .envs(
                serve
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(serve.get_current_dir().unwrap());
        Self {
            process: Process::start(command),
            installation,
            credential,
            key,
            db,
        }
    }

    /// Within the process's view of its files.
    fn ballast(&self) -> std::path::PathBuf {
        let data = self.installation.data_dir();
        let inside = data.strip_prefix("/").unwrap();
        format!("/proc/{}/root", self.process.pid())
            .parse::<std::path::PathBuf>()
            .unwrap()
            .join(inside)
            .join("ballast")
    }

    /// Somebody else takes all the room there is.
    fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.ballast()).unwrap();
        let mut length = 64 * 1024;
        while length > 0 {
            if file.write_all(&vec![7; length]).is_err() {
                length /= 2;
            }
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    async fn metric(&self, name: &str) -> u64 {
        let url = format!("{}/metrics", self.process.api());
        let text = Client::new()
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |value| value.trim().parse().unwrap())
    }

    fn load(&self) -> Load {
        Load::of(&self.key, &self.credential, self.process.api())
    }
}

fn valid(calls: &[Call]) -> Vec<Call> {
    let valid = calls.iter().filter(|call| call.said == Said::Valid);
    valid.cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_every_decision_until_there_is_room() {
    let small = Small::serve("deny");
    let load = small.load();
    load.wait_for(&Said::Valid, 100).await;
    // The shipper makes room by deleting what is in the database; so it is filled again and again.
    let full = Instant::now();
    while load.count(&Said::Unavailable) < 200 {
        small.fill();
        assert!(full.elapsed() < PATIENCE, "it goes on");
        tokio::task::yield_now().await;
    }
    small.empty();
    load.wait_for(&Said::Valid, 100).await;
    let calls = load.end().await;
    for call in &calls {
        assert!(
            matches!(call.said, Said::Valid | Said::Unavailable),
            "{call:?}"
        );
    }
    assert_logged(&mut small.db.connection(), &calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_operator_allows_it_a_full_disk_leaves_a_gap_of_the_right_size() {
    let small = Small::serve("allow");
    let load = small.load();
    load.wait_for(&Said::Valid, 100).await;
    small.fill();
    load.wait_for(&Said::Valid, 500).await;
    small.empty();
    load.wait_for(&Said::Valid, 100).await;
    let calls = load.end().await;
    for call in &calls {
        assert_eq!(call.said, Said::Valid, "{call:?}");
    }
    let answered = valid(&calls).len() as u64;
    let mut connection = small.db.connection();
    let mut told = (0, 0);
    wait_until("rows and gap are shipped", || {
        let rows = crate::process::number(&mut connection, "select count(*) from request_log");
        let missing = crate::process::number(
            &mut connection,
            "select coalesce(sum(records), 0) from log_gaps",
        );
        told = (
            u64::try_from(rows).unwrap(),
            u64::try_from(missing).unwrap(),
        );
        told.0 + told.1 == answered
    })
    .await;
    assert!(told.1 > 0, "{told:?}: the disk was full for a while");
    assert_eq!(
        small.metric("latchkey_log_records_missing_total").await,
        told.1
    );
}
