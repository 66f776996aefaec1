//! A class that is graded on a Slurm cluster, with one part killed, gets the same gradebook as on one machine.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What the test needs of Slurm.
const PROGRAMS: &[&str] =
    &["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"];

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(1_200);

const OPTIONS: &[&str] = &["--stages", "2A", "--seeds", "2"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("it is in a workspace")
}

fn is_installed(program: &str) -> bool {
    ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]
        .iter()
        .any(|folder| Path::new(folder).join(program).exists())
}

/// Says something that is seen although the test passes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "slurm: {text}");
}

/// A cluster of one node, which is this machine. It ends when this is dropped.
struct Cluster {
    folder: TempDir,
    daemons: Vec<Child>,
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("the disk is writable");
        // The daemon of munge refuses folders that others cannot enter.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut cluster = Cluster { folder, daemons: Vec::new() };
        let key: [u8; 32] = std::array::from_fn(|place| place as u8 ^ 0x5a);
        for inner in ["state", "spool"] {
            fs::create_dir(cluster.path(inner)).expect("the disk is writable");
        }
        fs::write(cluster.path("key"), key.repeat(32)).expect("the disk is writable");
        fs::set_permissions(cluster.path("key"), fs::Permissions::from_mode(0o600))
            .expect("it is ours");
        fs::write(cluster.path("slurm.conf"), cluster.settings()).expect("the disk is writable");
        let show = |name: &str, inner: &str| format!("--{name}={}", cluster.path(inner).display());
        let files = [
            ("key-file", "key"),
            ("socket", "socket"),
            ("pid-file", "munge.pid"),
            ("log-file", "munge.log"),
            ("seed-file", "seed"),
        ];
        let mut munge: Vec<String> = files.iter().map(|(name, inner)| show(name, inner)).collect();
        munge.extend(["--foreground", "--force"].map(str::to_owned));
        cluster.spawn("munged", &munge);
        wait_until("munge answers", || cluster.path("socket").exists());
        cluster.spawn("slurmctld", &["-D".to_owned(), "-c".to_owned()]);
        cluster.spawn("slurmd", &["-D".to_owned()]);
        wait_until("the node is idle", || {
            cluster.output("sinfo", &["--noheader", "--format=%T"]).trim() == "idle"
        });
        cluster
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.folder.path().join(inner)
    }

    fn settings(&self) -> String {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("the machine has a name");
        let (host, folder) = (host.trim(), self.folder.path().display());
        format!(
            "ClusterName=test\nSlurmctldHost={host}\nSlurmUser=root\n\
             AuthType=auth/munge\nAuthInfo=socket={folder}/socket\n\
             StateSaveLocation={folder}/state\nSlurmdSpoolDir={folder}/spool\n\
             SlurmctldPidFile={folder}/slurmctld.pid\nSlurmdPidFile={folder}/slurmd.pid\n\
             SlurmctldLogFile={folder}/slurmctld.log\nSlurmdLogFile={folder}/slurmd.log\n\
             SlurmctldPort=26817\nSlurmdPort=26818\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nReturnToService=2\n\
             SchedulerParameters=batch_sched_delay=0,sched_min_interval=0\nCompleteWait=0\n\
             NodeName={host} CPUs=2 State=UNKNOWN\n\
             PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP\n"
        )
    }

    fn spawn(&mut self, program: &str, arguments: &[String]) {
        let child = self
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.daemons.push(child.expect("it is installed"));
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.path("slurm.conf"));
        let mut path = std::env::var_os("PATH").unwrap_or_default();
        path.push(":/usr/sbin:/usr/local/sbin");
        command.env("PATH", path);
        command
    }

    fn output(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().expect("it is installed");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < LIMIT, "never so: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Two solutions, one of them handed in by two students, and two submissions that cannot run.
fn hand_in(folder: &Path) {
    for (student, source) in [("ann", "actor"), ("ben", "chatty"), ("cem", "actor")] {
        let style = root().join("grading/honest").join(source);
        let files = walkdir::WalkDir::new(&style).into_iter().filter_map(Result::ok);
        for file in files.filter(|file| file.file_type().is_file()) {
            let inner = file.path().strip_prefix(&style).expect("it is inside");
            let to = folder.join(student).join(inner);
            fs::create_dir_all(to.parent().expect("it is in a folder")).expect("it is writable");
            fs::copy(file.path(), to).expect("it is writable");
        }
    }
    fs::write(folder.join("dana.rs"), "fn").expect("it is writable");
    fs::write(folder.join("eve.zip"), "no solution").expect("it is writable");
}

#[test]
fn a_class_on_slurm_gets_the_gradebook_of_one_machine() {
    if let Some(missing) = PROGRAMS.iter().find(|program| !is_installed(program)) {
        return say(&format!("skipped: {missing} is not installed"));
    }
    if !rustix::process::geteuid().is_root() {
        return say("skipped: a cluster can be started by root alone");
    }
    let cluster = Cluster::start();
    let [class, alone, parts] = ["class", "alone", "parts"].map(|name| cluster.path(name));
    hand_in(&class);
    fs::create_dir(&parts).expect("the disk is writable");
    fs::write(parts.join("secret"), "the same secret for both\n").expect("the disk is writable");

    let mut script = cluster.command("bash");
    script.arg(root().join("grading/slurm.sh")).arg(&class).arg(&parts).arg("4").args(OPTIONS);
    let script = script.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bash starts");
    kill_a_part(&cluster, &parts);
    let output = script.wait_with_output().expect("it ends");
    let [said, problems] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{said}\n{problems}");
    assert!(said.contains("4 of 4 parts are done") || said.contains("5 submissions"), "{said}");

    let run = Command::new(env!("CARGO_BIN_EXE_grade"))
        .arg("run")
        .arg(&class)
        .arg("--out")
        .arg(&alone)
        .arg("--secret")
        .arg(parts.join("secret"))
        .args(OPTIONS)
        .output()
        .expect("the program starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    for report in ["gradebook.csv", "summary.json"] {
        let [one, other] = [&alone, &parts].map(|folder| fs::read_to_string(folder.join(report)));
        assert_eq!(one.expect("it is there"), other.expect("it is there"), "{report}");
    }
}

/// Kills the first part that has made some runs, and checks that it is submitted again.
fn kill_a_part(cluster: &Cluster, results: &Path) {
    let runs = |part: u32| {
        let log = results.join("parts").join(part.to_string()).join("runs.jsonl");
        fs::read_to_string(log).map_or(0, |log| log.lines().count())
    };
    let is_at_it = |part: &u32| (6..20).contains(&runs(*part));
    wait_until("a part is at work", || (1..=4).any(|part| is_at_it(&part)));
    let part = (1..=4).find(is_at_it).expect("one is at work");
    let killed = cluster.output("pkill", &["-KILL", "-f", &format!("--part {part}/4")]);
    assert_eq!(killed, "");
    let sealed = results.join("parts").join(part.to_string()).join("seal");
    assert!(!sealed.exists(), "part {part} was done before it was killed");
    say(&format!("killed part {part} after {} lines", runs(part)));
}
