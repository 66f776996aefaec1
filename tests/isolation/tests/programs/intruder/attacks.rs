//! What a hostile process tries. Each attack is one system call, or a few.

use std::ffi::{CStr, c_char, c_int, c_long};
use std::fs::File;
use std::io::Write;
use std::os::fd::FromRawFd;
use std::ptr::null;

/// The processes that are attacked.
#[derive(Clone, Copy)]
pub(crate) struct Targets {
    pub(crate) parent: c_long,
    pub(crate) sibling: c_long,
}

/// A name, what it does (the result of the kernel: negative if it has failed), and whether it also succeeds
/// on every system when nothing confines it.
pub(crate) type Attack = (&'static str, fn(Targets) -> c_long, bool);

/// Calls the kernel. On failure the result is the negative error number.
fn call(number: c_long, arguments: [c_long; 6]) -> c_long {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: it is not; this is what an attacker does.
    match unsafe { libc::syscall(number, a, b, c, d, e, f) } {
        -1 => -c_long::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(1)),
        result => result,
    }
}

fn open(path: &CStr, flags: c_int) -> c_long {
    call(libc::SYS_openat, [HERE, path.as_ptr() as c_long, c_long::from(flags), 0o600, 0, 0])
}

/// Creates a file, and leaves none if that works.
fn create(path: &CStr) -> c_long {
    let result = open(path, libc::O_WRONLY | libc::O_CREAT);
    if result >= 0 {
        call(libc::SYS_unlinkat, [HERE, path.as_ptr() as c_long, 0, 0, 0, 0])
    } else {
        result
    }
}

fn path_of(pid: c_long, file: &str) -> std::ffi::CString {
    std::ffi::CString::new(format!("/proc/{pid}/{file}")).expect("there is no zero in it")
}

/// A child ends at once.
fn in_child(result: c_long) -> c_long {
    if result == 0 {
        // SAFETY: takes a number.
        unsafe { libc::_exit(0) };
    }
    result
}

fn execute(path: &CStr) -> c_long {
    let arguments: [*const c_char; 4] = [path.as_ptr(), c"-c".as_ptr(), c"exit 0".as_ptr(), null()];
    call(libc::SYS_execve, [path.as_ptr() as c_long, arguments.as_ptr() as c_long, 0, 0, 0, 0])
}

fn map(protection: c_int, flags: c_int, file: c_long) -> c_long {
    let (protection, flags) = (c_long::from(protection), c_long::from(flags));
    call(libc::SYS_mmap, [0, 4096, protection, flags, file, 0])
}

/// Waits or wakes at an address in this program's code, as shared memory would.
fn wake_in_code() -> c_long {
    let code = (wake_in_code as fn() -> c_long as usize & !3) as c_long;
    call(libc::SYS_futex, [code, c_long::from(libc::FUTEX_WAKE), 1, 0, 0, 0])
}

fn clock_of(pid: c_long) -> c_long {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let clock = (!pid << 3) | 2;
    call(libc::SYS_clock_gettime, [clock, &raw mut time as c_long, 0, 0, 0, 0])
}

fn limit(pid: c_long, new: Option<u64>) -> c_long {
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let new = new.map(|value| libc::rlimit { rlim_cur: value, rlim_max: value });
    let new = new.as_ref().map_or(null(), |new| &raw const *new);
    let resource = libc::RLIMIT_CORE as c_long;
    call(libc::SYS_prlimit64, [pid, resource, new as c_long, &raw mut old as c_long, 0, 0])
}

fn send_descriptor() -> c_long {
    let mut byte = 1u8;
    let mut part = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: plain numbers and pointers.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    call(libc::SYS_sendmsg, [0, &raw const message as c_long, 0, 0, 0, 0])
}

fn read_memory(pid: c_long) -> c_long {
    let mut byte = 0u8;
    let own = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    let place = read_memory as fn(c_long) -> c_long as usize;
    let other = libc::iovec { iov_base: place as *mut libc::c_void, iov_len: 1 };
    let (own, other) = (&raw const own as c_long, &raw const other as c_long);
    call(libc::SYS_process_vm_readv, [pid, own, 1, other, 1, 0])
}

/// The survey leaves a descriptor open for its children. The first one that is free may be the program's.
fn more_descriptors() -> c_long {
    // SAFETY: takes numbers.
    let is_open = |descriptor: c_int| unsafe { libc::fcntl(descriptor, libc::F_GETFD) } != -1;
    if (4..1024).any(is_open) { 0 } else { -1 }
}

fn lock() -> c_long {
    let program = open(c"/proc/self/exe", libc::O_RDONLY);
    if program < 0 {
        program
    } else {
        call(libc::SYS_flock, [program, c_long::from(libc::LOCK_SH), 0, 0, 0, 0])
    }
}

fn stat(path: &CStr) -> c_long {
    // SAFETY: plain numbers.
    let mut result: libc::stat64 = unsafe { std::mem::zeroed() };
    call(libc::SYS_newfstatat, [HERE, path.as_ptr() as c_long, &raw mut result as c_long, 0, 0, 0])
}

const HERE: c_long = libc::AT_FDCWD as c_long;
const SHARED: c_int = libc::MAP_SHARED;
const CHILD: c_long = libc::SIGCHLD as c_long;

/// All attacks. Where the kernel or its settings decide whether it works at all, the last part is `false`.
#[rustfmt::skip]
pub(crate) const ATTACKS: &[Attack] = &[
    // Processes and programs.
    #[cfg(target_arch = "x86_64")]
    ("fork", |_| in_child(call(libc::SYS_fork, [0; 6])), true),
    #[cfg(target_arch = "x86_64")]
    ("vfork", |_| in_child(call(libc::SYS_vfork, [0; 6])), false),
    ("clone a process", |_| in_child(call(libc::SYS_clone, [CHILD, 0, 0, 0, 0, 0])), true),
    ("clone with memory", |_| in_child(call(libc::SYS_clone, [CHILD | c_long::from(libc::CLONE_VM | libc::CLONE_VFORK), 0, 0, 0, 0, 0])), false),
    ("clone a thread with files of its own", |_| call(libc::SYS_clone, [c_long::from(libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD), 0, 0, 0, 0, 0]), false),
    ("clone3", |_| { let arguments = [0u64, 0, 0, 0, CHILD as u64, 0, 0, 0]; in_child(call(libc::SYS_clone3, [arguments.as_ptr() as c_long, 64, 0, 0, 0, 0])) }, true),
    ("execute a shell", |_| execute(c"/bin/sh"), false),
    ("execute by descriptor", |_| call(libc::SYS_execveat, [-1, 0, 0, 0, 0, 0]), false),
    ("leave the group", |_| call(libc::SYS_setpgid, [0, 0, 0, 0, 0, 0]), true),
    ("begin a session", |_| call(libc::SYS_setsid, [0; 6]), false),
    // Other processes.
    ("signal the parent", |them| call(libc::SYS_kill, [them.parent, 0, 0, 0, 0, 0]), true),
    ("signal a sibling", |them| call(libc::SYS_kill, [them.sibling, 0, 0, 0, 0, 0]), true),
    ("signal a thread of a sibling", |them| call(libc::SYS_tgkill, [them.sibling, them.sibling, 0, 0, 0, 0]), true),
    ("abort a sibling", |them| call(libc::SYS_tgkill, [them.sibling, them.sibling, c_long::from(libc::SIGURG), 0, 0, 0]), true),
    ("signal by thread", |them| call(libc::SYS_tkill, [them.sibling, 0, 0, 0, 0, 0]), true),
    ("kill itself by an unusual signal", |_| { let own = call(libc::SYS_getpid, [0; 6]); call(libc::SYS_tgkill, [own, own, c_long::from(libc::SIGURG), 0, 0, 0]) }, true),
    ("queue a signal", |them| { let information = [0u64; 16]; call(libc::SYS_rt_sigqueueinfo, [them.sibling, c_long::from(libc::SIGURG), information.as_ptr() as c_long, 0, 0, 0]) }, false),
    ("open a process", |them| call(libc::SYS_pidfd_open, [them.sibling, 0, 0, 0, 0, 0]), true),
    ("trace the parent", |them| call(libc::SYS_ptrace, [0x4206, them.parent, 0, 0, 0, 0]), false),
    ("read the parent's memory", |them| read_memory(them.parent), false),
    ("open the parent's memory", |them| open(&path_of(them.parent, "mem"), libc::O_RDONLY), false),
    ("open a sibling's memory to write", |them| open(&path_of(them.sibling, "mem"), libc::O_RDWR), false),
    ("read the parent's maps", |them| open(&path_of(them.parent, "maps"), libc::O_RDONLY), false),
    ("read a sibling's command line", |them| open(&path_of(them.sibling, "cmdline"), libc::O_RDONLY), true),
    ("read a sibling's limits", |them| limit(them.sibling, None), true),
    ("limit a sibling", |them| limit(them.sibling, Some(0)), true),
    ("limit the parent", |them| limit(them.parent, Some(0)), true),
    ("limit itself", |_| limit(0, Some(0)), true),
    ("read a sibling's processors", |them| { let mut set = [0u64; 16]; call(libc::SYS_sched_getaffinity, [them.sibling, 128, set.as_mut_ptr() as c_long, 0, 0, 0]) }, true),
    ("move a sibling", |them| { let set = [u64::MAX; 16]; call(libc::SYS_sched_setaffinity, [them.sibling, 128, set.as_ptr() as c_long, 0, 0, 0]) }, true),
    ("move the parent", |them| { let set = [u64::MAX; 16]; call(libc::SYS_sched_setaffinity, [them.parent, 128, set.as_ptr() as c_long, 0, 0, 0]) }, true),
    ("move itself", |_| { let set = [u64::MAX; 16]; call(libc::SYS_sched_setaffinity, [0, 128, set.as_ptr() as c_long, 0, 0, 0]) }, true),
    ("slow down a sibling", |them| call(libc::SYS_setpriority, [0, them.sibling, 19, 0, 0, 0]), true),
    ("read a sibling's priority", |them| call(libc::SYS_getpriority, [0, them.sibling, 0, 0, 0, 0]), true),
    ("read a sibling's clock", |them| clock_of(them.sibling), true),
    ("compare processes", |them| call(libc::SYS_kcmp, [them.parent, them.sibling, 0, 0, 0, 0]), false),
    ("look at a sibling's threads", |them| stat(&path_of(them.sibling, "task")), true),
    ("look whether a process is there", |them| { let path = path_of(them.sibling, "task"); call(libc::SYS_faccessat, [HERE, path.as_ptr() as c_long, 0, 0, 0, 0]) }, true),
    ("look by another call", |them| { let path = path_of(them.sibling, "task"); let mut result = [0u64; 32]; call(libc::SYS_statx, [HERE, path.as_ptr() as c_long, 0, 0x7ff, result.as_mut_ptr() as c_long, 0]) }, true),
    ("follow a link", |_| { let mut text = [0u8; 64]; call(libc::SYS_readlinkat, [HERE, c"/proc/self/exe".as_ptr() as c_long, text.as_mut_ptr() as c_long, 64, 0, 0]) }, true),
    ("ask how busy the system is", |_| { let mut result = [0u64; 32]; call(libc::SYS_sysinfo, [result.as_mut_ptr() as c_long, 0, 0, 0, 0, 0]) }, true),
    ("outlive the parent", |_| call(libc::SYS_prctl, [c_long::from(libc::PR_SET_PDEATHSIG), 0, 0, 0, 0, 0]), true),
    ("show its memory", |_| call(libc::SYS_prctl, [c_long::from(libc::PR_SET_DUMPABLE), 1, 0, 0, 0, 0]), true),
    // Files.
    ("read a file", |_| open(c"/etc/passwd", libc::O_RDONLY), true),
    ("read a folder", |_| open(c"/", libc::O_RDONLY | libc::O_DIRECTORY), true),
    ("name a folder", |_| open(c"/", libc::O_PATH), true),
    ("create a file", |_| create(c"/tmp/intruder-was-here"), true),
    ("create a file without a name", |_| open(c"/tmp", libc::O_WRONLY | libc::O_TMPFILE), false),
    ("write to a device", |_| open(c"/dev/null", libc::O_WRONLY), true),
    ("write to the program", |_| open(c"/proc/self/exe", libc::O_WRONLY), false),
    ("write to its own memory", |_| open(c"/proc/self/mem", libc::O_WRONLY), true),
    ("make a folder", |_| call(libc::SYS_mkdirat, [HERE, c"/tmp/intruder-folder".as_ptr() as c_long, 0o700, 0, 0, 0]), false),
    ("remove a file", |_| call(libc::SYS_unlinkat, [HERE, c"/tmp/intruder-was-here".as_ptr() as c_long, 0, 0, 0, 0]), false),
    ("change a mode", |_| call(libc::SYS_fchmod, [1, 0o600, 0, 0, 0, 0]), true),
    ("lock its program", |_| lock(), true),
    ("inherit a descriptor", |_| more_descriptors(), true),
    // What carries messages.
    ("make a socket", |_| call(libc::SYS_socket, [c_long::from(libc::AF_UNIX), c_long::from(libc::SOCK_STREAM), 0, 0, 0, 0]), true),
    ("make a pair of sockets", |_| { let mut pair = [0; 2]; call(libc::SYS_socketpair, [c_long::from(libc::AF_UNIX), c_long::from(libc::SOCK_STREAM), 0, pair.as_mut_ptr() as c_long, 0, 0]) }, true),
    ("connect", |_| call(libc::SYS_connect, [0, 0, 0, 0, 0, 0]), false),
    ("send descriptors", |_| send_descriptor(), true),
    ("make a pipe", |_| { let mut pair = [0; 2]; call(libc::SYS_pipe2, [pair.as_mut_ptr() as c_long, 0, 0, 0, 0, 0]) }, true),
    ("share memory", |_| map(libc::PROT_READ | libc::PROT_WRITE, SHARED | libc::MAP_ANONYMOUS, -1), true),
    ("share memory, validated", |_| map(libc::PROT_READ, 3 | libc::MAP_ANONYMOUS, -1), false),
    ("share its program", |_| { let program = open(c"/proc/self/exe", libc::O_RDONLY); if program < 0 { program } else { map(libc::PROT_READ, SHARED, program) } }, true),
    ("lock memory", |_| map(libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_LOCKED, -1), false),
    ("make a file in memory", |_| call(libc::SYS_memfd_create, [c"x".as_ptr() as c_long, 0, 0, 0, 0, 0]), true),
    ("open shared memory", |_| open(c"/dev/shm/intruder", libc::O_RDWR | libc::O_CREAT), false),
    ("get System V memory", |_| call(libc::SYS_shmget, [4242, 4096, 0o1600, 0, 0, 0]), false),
    ("get a System V queue", |_| call(libc::SYS_msgget, [4242, 0o1600, 0, 0, 0, 0]), false),
    ("get a semaphore", |_| call(libc::SYS_semget, [4242, 1, 0o1600, 0, 0, 0]), false),
    ("open a queue", |_| call(libc::SYS_mq_open, [c"intruder".as_ptr() as c_long, c_long::from(libc::O_RDWR | libc::O_CREAT), 0o600, 0, 0, 0]), false),
    ("wake another process", |_| wake_in_code(), true),
    ("read the mode of a descriptor", |_| call(libc::SYS_fcntl, [1, c_long::from(libc::F_GETFL), 0, 0, 0, 0]), true),
    ("change the mode of a descriptor", |_| call(libc::SYS_fcntl, [1, c_long::from(libc::F_SETFL), c_long::from(libc::O_APPEND), 0, 0, 0]), true),
    ("change the size of a pipe", |_| call(libc::SYS_fcntl, [1, 1031, 8192, 0, 0, 0]), true),
    ("read how full a pipe is", |_| { let mut count = 0; call(libc::SYS_ioctl, [1, libc::FIONREAD as c_long, &raw mut count as c_long, 0, 0, 0]) }, true),
    ("count events", |_| call(libc::SYS_eventfd2, [0, 0, 0, 0, 0, 0]), true),
    ("watch files", |_| call(libc::SYS_inotify_init1, [0, 0, 0, 0, 0, 0]), true),
    ("set a timer", |_| call(libc::SYS_timerfd_create, [1, 0, 0, 0, 0, 0]), true),
    ("set an alarm", |_| { let time = [0u64, 0, 100, 0]; call(libc::SYS_setitimer, [0, time.as_ptr() as c_long, 0, 0, 0, 0]) }, true),
    // The kernel.
    ("set up a ring", |_| { let mut parameters = [0u64; 32]; call(libc::SYS_io_uring_setup, [1, parameters.as_mut_ptr() as c_long, 0, 0, 0, 0]) }, false),
    ("change its personality", |_| call(libc::SYS_personality, [0x0040_0000, 0, 0, 0, 0, 0]), true),
    ("handle faults of memory", |_| call(libc::SYS_userfaultfd, [1, 0, 0, 0, 0, 0]), false),
    ("load a program into the kernel", |_| call(libc::SYS_bpf, [0, 0, 0, 0, 0, 0]), false),
    ("measure others", |_| call(libc::SYS_perf_event_open, [0, 0, -1, -1, 0, 0]), false),
    ("make a namespace", |_| call(libc::SYS_unshare, [c_long::from(libc::CLONE_NEWUSER), 0, 0, 0, 0, 0]), false),
    ("mount", |_| call(libc::SYS_mount, [0; 6]), false),
    ("change the root", |_| call(libc::SYS_chroot, [c"/".as_ptr() as c_long, 0, 0, 0, 0, 0]), false),
    ("become root", |_| call(libc::SYS_setresuid, [0, 0, 0, 0, 0, 0]), false),
    ("add a key", |_| call(libc::SYS_add_key, [c"user".as_ptr() as c_long, c"x".as_ptr() as c_long, c"y".as_ptr() as c_long, 1, -3, 0]), false),
    ("use the calls of another machine", |_| call(0x4000_0000 + libc::SYS_getpid, [0; 6]), false),
];

/// Makes the attack that the arguments name, if it is for this phase, tells the result and ends the process.
pub(crate) fn run(arguments: &[String], phase: &str) {
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse().ok());
    if arguments.get(1).map(String::as_str) != Some(phase) {
        return;
    }
    let Some((_, attack, _)) =
        ATTACKS.iter().find(|(name, ..)| Some(*name) == arguments.get(3).map(String::as_str))
    else {
        return;
    };
    let targets = Targets { parent: number(4).unwrap_or(0), sibling: number(5).unwrap_or(0) };
    let result = attack(targets);
    let text = if result < 0 { format!("refused {}", -result) } else { "done".to_owned() };
    // SAFETY: standard output, which nothing else uses now.
    let mut output = unsafe { File::from_raw_fd(1) };
    let _ = output.write_all(text.as_bytes());
    // SAFETY: takes a number.
    unsafe { libc::_exit(0) }
}

/// Runs before `main`: the loader calls it with the arguments of the program.
extern "C" fn before_main(
    count: c_int,
    arguments: *const *const c_char,
    _environment: *const *const c_char,
) {
    let arguments: Vec<String> = (0..count as usize)
        .map(|index| {
            // SAFETY: glibc passes as many arguments as it says.
            unsafe { CStr::from_ptr(*arguments.add(index)) }.to_string_lossy().into_owned()
        })
        .collect();
    run(&arguments, "before");
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn(c_int, *const *const c_char, *const *const c_char) = before_main;
