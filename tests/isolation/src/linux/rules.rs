//! Which system calls a confined process may make.

use libc::c_long;

use super::arch;
use super::filter::{Action, Check, Rule};
use Action::{Allow, Kill, Refuse};
use Check::{Equal, Masked, Null, Own};

/// What becomes of all calls that no rule is about: none of them is needed.
pub(crate) const UNKNOWN: Action = REFUSE;

const REFUSE: Action = Refuse(libc::EPERM);

/// What a caller takes for a kernel that does not have the call; it makes another one then.
const MISSING: Action = Refuse(libc::ENOSYS);

/// What a program with threads needs: memory, threads and their synchronisation, time, its own signals, and
/// files that are open already.
const NEEDED: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_shutdown,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_ppoll,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_set_tid_address,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_membarrier,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// What no honest submission calls. Most of these reach other processes.
const DANGEROUS: &[c_long] = &[
    libc::SYS_execveat,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_setpriority,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setattr,
    libc::SYS_ioprio_set,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_memfd_create,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_mq_open,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
    libc::SYS_bpf,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_setup,
    libc::SYS_setuid,
    libc::SYS_setresuid,
    libc::SYS_setgroups,
];

/// What glibc and musl ask for when they start a thread: all that threads share, and no namespace.
const THREAD: u32 = (libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD
    | libc::CLONE_SYSVSEM
    | libc::CLONE_SETTLS
    | libc::CLONE_PARENT_SETTID
    | libc::CLONE_CHILD_CLEARTID) as u32;
const THREAD_IN_MUSL: u32 = THREAD | libc::CLONE_DETACHED as u32;

/// The flags of a mapping that decide whether it is private, and whether it takes memory that is scarce.
const MAPPING: u32 = 0x0f | (libc::MAP_HUGETLB | libc::MAP_LOCKED) as u32;

/// A file that is opened to be read, and nothing else. `open64` adds a flag that libc does not show, one of these
/// two; the other one says that a link is not followed.
const LARGE_FILE: u32 = 0o100_000 | 0o400_000;
const READ: u32 = !(libc::O_CLOEXEC as u32 | LARGE_FILE);

const PRIVATE: u32 = libc::FUTEX_PRIVATE_FLAG as u32;
/// How glibc waits for the end of a thread, which the kernel tells in the way of shared memory.
const WAIT_FOR_THREAD: [u32; 3] = [
    libc::FUTEX_WAIT as u32,
    libc::FUTEX_WAIT_BITSET as u32,
    (libc::FUTEX_WAIT_BITSET | libc::FUTEX_CLOCK_REALTIME) as u32,
];

/// A clock of a process has a negative number, which tells of which process.
const CLOCK: (&[Check], Action) = (&[Masked(0, 0x8000_0000, 0)], Allow);

/// What depends on arguments.
const CONDITIONAL: &[Rule] = &[
    // The second stage forbids it. The files that can be executed are this program and the loader.
    Rule { call: libc::SYS_execve, cases: &[], otherwise: Allow },
    Rule {
        call: libc::SYS_clone,
        cases: &[(&[Equal(0, THREAD)], Allow), (&[Equal(0, THREAD_IN_MUSL)], Allow)],
        otherwise: Kill,
    },
    // A filter cannot see the flags of clone3; if it is missing, libc calls clone.
    Rule { call: libc::SYS_clone3, cases: &[], otherwise: MISSING },
    // These show and change other processes, and name them by their number.
    Rule {
        call: libc::SYS_tgkill,
        cases: &[
            (&[Own(0), Equal(2, libc::SIGABRT as u32)], Allow),
            // The simulation stops a thread that spins.
            (&[Own(0), Equal(2, libc::SIGUSR2 as u32)], Allow),
            (&[Own(0)], REFUSE),
        ],
        otherwise: Kill,
    },
    Rule {
        call: libc::SYS_prlimit64,
        cases: &[(&[Equal(0, 0), Null(2)], Allow), (&[Own(0), Null(2)], Allow)],
        otherwise: Kill,
    },
    Rule {
        call: libc::SYS_sched_setaffinity,
        cases: &[(&[Equal(0, 0)], REFUSE), (&[Own(0)], REFUSE)],
        otherwise: Kill,
    },
    // libc asks for the processors of each new thread, and does without.
    Rule {
        call: libc::SYS_sched_getaffinity,
        cases: &[(&[Equal(0, 0)], Allow), (&[Own(0)], Allow)],
        otherwise: MISSING,
    },
    Rule { call: libc::SYS_clock_gettime, cases: &[CLOCK], otherwise: REFUSE },
    Rule { call: libc::SYS_clock_getres, cases: &[CLOCK], otherwise: REFUSE },
    Rule { call: libc::SYS_clock_nanosleep, cases: &[CLOCK], otherwise: REFUSE },
    // Nothing is shared with another process: no memory, and no word to wait for.
    Rule {
        call: libc::SYS_mmap,
        cases: &[(&[Masked(3, MAPPING, libc::MAP_PRIVATE as u32)], Allow)],
        otherwise: REFUSE,
    },
    Rule {
        call: libc::SYS_futex,
        cases: &[
            (&[Masked(1, PRIVATE, PRIVATE)], Allow),
            (&[Equal(1, WAIT_FOR_THREAD[0])], Allow),
            (&[Equal(1, WAIT_FOR_THREAD[1])], Allow),
            (&[Equal(1, WAIT_FOR_THREAD[2])], Allow),
        ],
        otherwise: REFUSE,
    },
    Rule {
        call: libc::SYS_madvise,
        cases: &[
            (&[Equal(2, libc::MADV_NORMAL as u32)], Allow),
            (&[Equal(2, libc::MADV_DONTNEED as u32)], Allow),
            (&[Equal(2, libc::MADV_FREE as u32)], Allow),
            (&[Equal(2, libc::MADV_HUGEPAGE as u32)], Allow),
            (&[Equal(2, libc::MADV_NOHUGEPAGE as u32)], Allow),
        ],
        otherwise: REFUSE,
    },
    // Locks, modes and sizes of an open file are seen by all who have it open: they carry messages.
    Rule {
        call: libc::SYS_fcntl,
        cases: &[
            (&[Equal(1, libc::F_GETFD as u32)], Allow),
            (&[Equal(1, libc::F_SETFD as u32)], Allow),
            (&[Equal(1, libc::F_DUPFD_CLOEXEC as u32)], Allow),
        ],
        otherwise: REFUSE,
    },
    Rule {
        call: libc::SYS_ioctl,
        cases: &[(&[Equal(1, libc::FIONBIO as u32)], Allow)],
        otherwise: REFUSE,
    },
    // The loader opens libraries. Landlock limits which files can be read.
    Rule {
        call: libc::SYS_openat,
        cases: &[(&[Masked(2, READ, libc::O_RDONLY as u32)], Allow)],
        otherwise: REFUSE,
    },
    // Of an open file. What is known of a path tells of other processes, too: /proc has their threads.
    Rule {
        call: libc::SYS_newfstatat,
        cases: &[(&[Equal(3, libc::AT_EMPTY_PATH as u32)], Allow)],
        otherwise: REFUSE,
    },
    // If it were missing, libc would make the call above in its place; Rust's standard library does better.
    Rule { call: libc::SYS_statx, cases: &[], otherwise: REFUSE },
    Rule {
        call: libc::SYS_prctl,
        cases: &[
            (&[Equal(0, libc::PR_SET_NAME as u32)], Allow),
            (&[Equal(0, libc::PR_SET_VMA as u32)], Allow),
            (&[Equal(0, libc::PR_SET_DUMPABLE as u32), Equal(1, 0)], Allow),
        ],
        otherwise: REFUSE,
    },
    Rule {
        call: libc::SYS_personality,
        cases: &[(&[Equal(0, 0xffff_ffff)], Allow)],
        otherwise: REFUSE,
    },
    // For the second stage.
    Rule {
        call: libc::SYS_seccomp,
        cases: &[(
            &[
                Equal(0, libc::SECCOMP_SET_MODE_FILTER),
                Equal(1, libc::SECCOMP_FILTER_FLAG_TSYNC as u32),
            ],
            Allow,
        )],
        otherwise: REFUSE,
    },
];

/// What the second stage forbids besides; all else is left to the first.
const LATER: &[Rule] = &[
    Rule { call: libc::SYS_execve, cases: &[], otherwise: Kill },
    // Even a file that cannot be opened tells whether it is there.
    Rule { call: libc::SYS_openat, cases: &[], otherwise: REFUSE },
    Rule { call: libc::SYS_newfstatat, cases: &[], otherwise: REFUSE },
    Rule { call: libc::SYS_seccomp, cases: &[], otherwise: REFUSE },
    Rule { call: libc::SYS_set_tid_address, cases: &[], otherwise: REFUSE },
    Rule {
        call: libc::SYS_mmap,
        cases: &[(&[Masked(2, libc::PROT_EXEC as u32, 0)], Allow)],
        otherwise: REFUSE,
    },
    Rule {
        call: libc::SYS_mprotect,
        cases: &[(&[Masked(2, libc::PROT_EXEC as u32, 0)], Allow)],
        otherwise: REFUSE,
    },
];

/// The rules of the first stage; see [`UNKNOWN`] for all other calls.
pub(crate) fn first_stage() -> Vec<Rule> {
    let always = |calls: &[c_long], otherwise: Action| -> Vec<Rule> {
        calls.iter().map(|call| Rule { call: *call, cases: &[], otherwise }).collect()
    };
    let needed = [NEEDED, arch::NEEDED].concat();
    let dangerous = [DANGEROUS, arch::DANGEROUS].concat();
    [always(&needed, Allow), always(&dangerous, Kill), CONDITIONAL.to_vec()].concat()
}

/// The rules of the second stage; all other calls are allowed, as far as the first stage allows them.
pub(crate) fn second_stage() -> Vec<Rule> {
    LATER.to_vec()
}
