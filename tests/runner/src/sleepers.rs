//! Who is to blame when all processes of a simulation sleep.

use records::Class;
use rustix::process::Pid;

use crate::failure::Failure;
use crate::limits::IDLE;

/// The failure of a simulated run whose processes have all slept for long. `is_held` says whether one of them
/// was stopped or waits for a disk.
pub(crate) fn failure(judge: Pid, is_held: bool) -> Failure {
    let seconds = IDLE.as_secs();
    if !is_held && waits_for_message(judge) {
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

/// Whether the judge waits for a message. If all nodes sleep, one of them has the turn and keeps it.
#[cfg(target_os = "linux")]
fn waits_for_message(judge: Pid) -> bool {
    const WAITS: [i64; 4] =
        [libc::SYS_read, libc::SYS_recvfrom, libc::SYS_recvmsg, libc::SYS_ppoll];
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
fn waits_for_message(_judge: Pid) -> bool {
    false
}
