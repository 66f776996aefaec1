//! What the process of a test gives up before any code of the submission runs in it.
//!
//! The process can no longer start another or reach the network, and the only file it can read is its own
//! program. Threads, locks, sleeping, channels and panics still work. This needs neither privileges nor
//! tools, so it also protects where a grader has no sandbox, such as in a container.

#[cfg(not(target_os = "linux"))]
pub(crate) fn confine() -> Result<Vec<String>, String> {
    Err("processes are confined on Linux only".to_owned())
}

#[cfg(target_os = "linux")]
pub(crate) use linux::confine;

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus, Scope,
    };
    use libc::c_long;
    use rustix::process::{Resource, Rlimit, setrlimit};
    use seccompiler::{
        SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };

    /// The newest rules used here; an older kernel enforces those that it knows.
    const LANDLOCK: ABI = ABI::V6;

    /// What a program with threads needs: memory, threads and their synchronisation, time, its own
    /// signals, and files that are open already.
    const NEEDED: &[c_long] = &[
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_recvfrom,
        libc::SYS_sendto,
        libc::SYS_close,
        libc::SYS_lseek,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_fcntl,
        libc::SYS_ppoll,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_clone3,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_set_tid_address,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_setaffinity,
        libc::SYS_membarrier,
        libc::SYS_clock_gettime,
        libc::SYS_clock_getres,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_prlimit64,
        libc::SYS_prctl,
        libc::SYS_personality,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_tgkill,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_arch_prctl,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
    ];

    /// What no honest submission calls: the process is killed.
    const FATAL: &[c_long] = &[
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_bpf,
        libc::SYS_keyctl,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_fork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_vfork,
    ];

    type Rules = BTreeMap<i64, Vec<SeccompRule>>;

    /// Confines this thread and all that it starts. Returns what confines them: `seccomp`, and `landlock`
    /// if the kernel has it.
    pub(crate) fn confine() -> Result<Vec<String>, String> {
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        // If this fails, nothing is lost: there is no directory to dump a core to.
        let _ = setrlimit(Resource::Core, none);
        let files_are_out_of_reach = restrict_files().unwrap_or(false);
        filter_calls(files_are_out_of_reach).map_err(|error| error.to_string())?;
        let mut layers = vec!["seccomp".to_owned()];
        if files_are_out_of_reach {
            layers.push("landlock".to_owned());
        }
        Ok(layers)
    }

    /// Makes all files unreadable but this program's own, which backtraces need.
    fn restrict_files() -> Result<bool, Box<dyn std::error::Error>> {
        let program = PathFd::new("/proc/self/exe")?;
        let map = PathFd::new("/proc/self")?;
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(LANDLOCK))?
            .handle_access(AccessNet::from_all(LANDLOCK))?
            .scope(Scope::from_all(LANDLOCK))?
            .create()?
            .add_rule(PathBeneath::new(program, AccessFs::ReadFile))?
            .add_rule(PathBeneath::new(map, AccessFs::ReadFile))?
            .restrict_self()?;
        Ok(status.ruleset != RulesetStatus::NotEnforced)
    }

    fn filter_calls(may_open: bool) -> Result<(), Box<dyn std::error::Error>> {
        let mut allowed: Rules = NEEDED.iter().map(|call| (*call, Vec::new())).collect();
        // Threads, but no processes.
        let threads = libc::CLONE_THREAD as u64;
        allowed.insert(libc::SYS_clone, when(0, SeccompCmpOp::MaskedEq(threads), threads)?);
        if may_open {
            let mode = libc::O_ACCMODE as u64;
            let read = libc::O_RDONLY as u64;
            allowed.insert(libc::SYS_openat, when(2, SeccompCmpOp::MaskedEq(mode), read)?);
        }
        let mut fatal: Rules = FATAL.iter().map(|call| (*call, Vec::new())).collect();
        fatal.insert(libc::SYS_clone, when(0, SeccompCmpOp::MaskedEq(threads), 0)?);
        // A filter cannot see the flags of clone3; if it is missing, libc calls clone.
        let absent = Rules::from([(libc::SYS_clone3, Vec::new())]);
        let refused = |error: i32| SeccompAction::Errno(error as u32);
        install(fatal, SeccompAction::Allow, SeccompAction::KillProcess)?;
        install(absent, SeccompAction::Allow, refused(libc::ENOSYS))?;
        // This comes last, because it allows no further filter. Of several answers the strictest counts.
        install(allowed, refused(libc::EPERM), SeccompAction::Allow)
    }

    fn when(
        argument: u8,
        operator: SeccompCmpOp,
        value: u64,
    ) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Qword, operator, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    }

    fn install(
        rules: Rules,
        otherwise: SeccompAction,
        matched: SeccompAction,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let architecture = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(rules, otherwise, matched, architecture)?;
        let program: seccompiler::BpfProgram = filter.try_into()?;
        Ok(apply_filter(&program)?)
    }
}
