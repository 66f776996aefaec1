//! What filters decide, without a kernel: so they can be tried in an emulator that has none.

use libc::c_long;

use super::{Filter, OTHER_INTERFACE};
use crate::linux::{arch, rules};

const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// What a kernel would do with a call, by the first stage.
fn decided(kind: u32, number: c_long, arguments: &[u64]) -> u32 {
    let filter = Filter::new(rules::first_stage(), rules::UNKNOWN);
    // As the kernel describes the call; the words of which no filter here asks are left out.
    let mut description = vec![number as u32, kind, 0, 0];
    description.extend(arguments.iter().flat_map(|value| [*value as u32, (value >> 32) as u32]));
    let (mut next, mut value) = (0, 0);
    loop {
        let instruction = &filter.program[next];
        next += 1;
        let code = u32::from(instruction.code);
        let jump = |holds: bool| usize::from(if holds { instruction.jt } else { instruction.jf });
        match (code & 7, code & 0xf0) {
            (libc::BPF_LD, _) => value = description[instruction.k as usize / 4],
            (libc::BPF_ALU, libc::BPF_AND) => value &= instruction.k,
            (libc::BPF_JMP, libc::BPF_JA) => next += instruction.k as usize,
            (libc::BPF_JMP, libc::BPF_JEQ) => next += jump(value == instruction.k),
            (libc::BPF_JMP, libc::BPF_JGE) => next += jump(value >= instruction.k),
            (libc::BPF_RET, _) => return instruction.k,
            other => panic!("no filter has such an instruction: {other:?}"),
        }
    }
}

#[test]
fn calls_are_decided_by_their_numbers_on_this_kind_of_processor() {
    for (number, decision) in [
        (libc::SYS_read, ALLOW),
        (libc::SYS_ppoll, ALLOW),
        (libc::SYS_exit_group, ALLOW),
        (libc::SYS_faccessat, REFUSE),
        (libc::SYS_unlinkat, REFUSE),
        (libc::SYS_kill, KILL),
        (libc::SYS_socket, KILL),
        (libc::SYS_setgroups, KILL),
    ] {
        assert_eq!(decided(arch::NAME, number, &[0; 6]), decision, "{number}");
    }
    for number in arch::NEEDED {
        assert_eq!(decided(arch::NAME, *number, &[0; 6]), ALLOW, "{number}");
    }
    for number in arch::DANGEROUS {
        assert_eq!(decided(arch::NAME, *number, &[0; 6]), KILL, "{number}");
    }
}

#[test]
fn calls_are_decided_by_their_arguments() {
    let thread = 0x003d_0f00;
    let readable = libc::O_CLOEXEC as u64;
    for (number, arguments, decision) in [
        (libc::SYS_clone, [thread, 0, 0, 0], ALLOW),
        (libc::SYS_clone, [libc::SIGCHLD as u64, 0, 0, 0], KILL),
        (libc::SYS_mmap, [0, 4096, 3, libc::MAP_PRIVATE as u64], ALLOW),
        (libc::SYS_mmap, [0, 4096, 3, libc::MAP_SHARED as u64], REFUSE),
        (libc::SYS_openat, [0, 0, readable, 0], ALLOW),
        (libc::SYS_openat, [0, 0, readable | libc::O_RDWR as u64, 0], REFUSE),
        (libc::SYS_openat, [0, 0, readable | libc::O_DIRECTORY as u64, 0], REFUSE),
        (libc::SYS_prlimit64, [0, 7, 0, 0], ALLOW),
        (libc::SYS_prlimit64, [0, 7, 1 << 32, 0], KILL),
    ] {
        assert_eq!(decided(arch::NAME, number, &arguments), decision, "{number} {arguments:x?}");
    }
}

#[test]
fn numbers_of_other_interfaces_are_refused() {
    assert_eq!(decided(arch::NAME ^ 1, libc::SYS_read, &[0; 6]), KILL);
    assert_eq!(decided(arch::NAME, c_long::from(OTHER_INTERFACE), &[0; 6]), KILL);
}
