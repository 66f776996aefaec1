//! Who is to blame when all processes of a simulation sleep.

use records::Class;
use rustix::process::Pid;

use crate::failure::Failure;
use crate::limits::IDLE;

/// The failure of a simulated run whose processes have all slept for long. `is_held` says whether one of them
/// was stopped or waits for a disk.
pub(crate) fn failure(judge: Pid, is_held: bool) -> Failure {
    let seconds = IDLE.as_secs();
    if !is_held && waits_for_node(judge) {
        return Failure::new(
            Class::Forbidden,
            "no thread of a server waits for the operating system".to_owned(),
            format!("a server has done so for {seconds} s, unseen by the simulation"),
        );
    }
    Failure::new(
        Class::Fault,
        "some process of the test runs".to_owned(),
        format!("all of them have slept for {seconds} s"),
    )
}

/// Whether the judge waits until a node says something, or reads what it is told. If all nodes sleep, one of
/// them keeps its turn, or does not read.
#[cfg(target_os = "linux")]
fn waits_for_node(judge: Pid) -> bool {
    const WAITS: [i64; 6] = [
        libc::SYS_read,
        libc::SYS_recvfrom,
        libc::SYS_recvmsg,
        libc::SYS_ppoll,
        libc::SYS_write,
        libc::SYS_writev,
    ];
    let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", judge.as_raw_nonzero())) else {
        return false;
    };
    let mut calls = threads.filter_map(|thread| {
        let call = std::fs::read_to_string(thread.ok()?.path().join("syscall")).ok()?;
        call.split(' ').next()?.parse::<i64>().ok()
    });
    calls.any(|call| WAITS.contains(&call))
}

#[cfg(not(target_os = "linux"))]
fn waits_for_node(_judge: Pid) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::Duration;

    use records::Class;
    use rustix::process::Pid;

    use super::failure;

    /// The verdict about a judge that is a process of this program.
    fn verdict(program: &str, argument: &str, is_held: bool) -> Class {
        let mut command = Command::new(program);
        let mut judge: Child = command
            .arg(argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let pid = Pid::from_child(&judge);
        let sleeps = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", judge.id()));
            stat.is_ok_and(|stat| stat.contains(&format!("({program}) S ")))
        };
        while !sleeps() {
            thread::sleep(Duration::from_millis(1));
        }
        let class = failure(pid, is_held).class;
        judge.kill().expect("it runs");
        judge.wait().expect("it is ours");
        class
    }

    #[test]
    fn a_server_is_to_blame_if_the_judge_waits_for_a_message() {
        assert_eq!(verdict("cat", "-", false), Class::Forbidden);
    }

    #[test]
    fn a_server_is_to_blame_if_it_does_not_read() {
        assert_eq!(verdict("yes", "-", false), Class::Forbidden);
    }

    #[test]
    fn a_judge_that_sleeps_is_to_blame_itself() {
        assert_eq!(verdict("sleep", "1000", false), Class::Fault);
    }

    #[test]
    fn a_process_that_was_stopped_from_outside_is_nobodys_fault() {
        assert_eq!(verdict("cat", "-", true), Class::Fault);
    }
}
