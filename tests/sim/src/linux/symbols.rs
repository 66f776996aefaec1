//! The symbols of libc by which Rust programs block, tell the time, make threads and draw random bytes.
//!
//! An executable's own definition of a symbol takes precedence over that of a shared library, so all of
//! the program's code, std's included, arrives here. A thread outside of the simulation is passed on at
//! once to what libc has.

use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_void};
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use super::real::{self, Start};
use super::region::PAGE;
use super::trace::Kind;
use super::world::{Slot, Wait, Woken};
use super::{threads, token};

const SECOND: u64 = 1_000_000_000;

/// What the wall clock shows when a simulation begins, in nanoseconds: noon of 1 January 2025, UTC.
const WALL_BEGIN: u64 = 1_735_732_800 * SECOND;

/// What the monotonic clock shows then: a program may go back from there without an underflow.
const MONOTONIC_BEGIN: u64 = 100_000 * SECOND;

/// Whoever reads a clock or wakes another may be interrupted once in this many times.
const CLOCK_INTERRUPTS: u32 = 32;
const WAKE_INTERRUPTS: u32 = 4;

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> c_int {
    let Some(own) = token::current() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::CLOCK_GETTIME.get()(clock, time) };
    };
    let now = token::with(|simulation| simulation.world.read_clock(own));
    // SAFETY: the caller gives a place for the time.
    unsafe { time.write(timespec(begin_of(clock) + now)) };
    token::interrupt(own, CLOCK_INTERRUPTS);
    0
}

fn begin_of(clock: libc::clockid_t) -> u64 {
    match clock {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => WALL_BEGIN,
        libc::CLOCK_PROCESS_CPUTIME_ID | libc::CLOCK_THREAD_CPUTIME_ID => 0,
        _ => MONOTONIC_BEGIN,
    }
}

fn timespec(nanoseconds: u64) -> libc::timespec {
    libc::timespec {
        tv_sec: (nanoseconds / SECOND) as libc::time_t,
        tv_nsec: (nanoseconds % SECOND) as libc::c_long,
    }
}

/// Reads a time; one before the epoch of its clock is taken as 0, one too far away as never.
///
/// # Safety
///
/// `time` points to a timespec.
unsafe fn nanoseconds(time: *const libc::timespec) -> Option<u64> {
    // SAFETY: by the contract of this function.
    let time = unsafe { time.read() };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.checked_mul(SECOND)?.checked_add(time.tv_nsec as u64)
}

/// When a wait ends that lasts for a time or until a time of a clock.
fn deadline(time: u64, absolute_on: Option<libc::clockid_t>) -> u64 {
    let now = token::with(|simulation| simulation.world.now());
    match absolute_on {
        Some(clock) => time.saturating_sub(begin_of(clock)),
        None => now.saturating_add(time),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nanosleep(time: *const libc::timespec, left: *mut libc::timespec) -> c_int {
    let Some(own) = token::current() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::NANOSLEEP.get()(time, left) };
    };
    // SAFETY: the caller gives a time.
    let time = unsafe { nanoseconds(time) };
    token::block(own, Wait::Sleep, time.map(|time| deadline(time, None)));
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_nanosleep(
    clock: libc::clockid_t,
    flags: c_int,
    time: *const libc::timespec,
    left: *mut libc::timespec,
) -> c_int {
    let Some(own) = token::current() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::CLOCK_NANOSLEEP.get()(clock, flags, time, left) };
    };
    let absolute_on = (flags & libc::TIMER_ABSTIME != 0).then_some(clock);
    // SAFETY: the caller gives a time.
    let time = unsafe { nanoseconds(time) };
    token::block(own, Wait::Sleep, time.map(|time| deadline(time, absolute_on)));
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sched_yield() -> c_int {
    match token::current() {
        Some(own) => token::step_aside(own, Kind::Yield),
        None => {
            // SAFETY: takes no arguments.
            unsafe { real::SCHED_YIELD.get()() };
        }
    }
    0
}

/// In C this function takes as many arguments as the system call has. On x86-64 Linux they are passed
/// like those of a function with a fixed number; what the caller has not passed is read as some number
/// and not used.
#[unsafe(no_mangle)]
unsafe extern "C" fn syscall(
    number: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    match (token::current(), number) {
        // SAFETY: the arguments are those of this system call.
        (Some(own), libc::SYS_futex) => unsafe { futex(own, a, b as c_int, c as u32, d) },
        // SAFETY: as above.
        (Some(own), libc::SYS_getrandom) => unsafe {
            fill(own, ptr::with_exposed_provenance_mut(a as usize), b as usize)
        },
        // SAFETY: the caller's own arguments.
        _ => real::libc_result(unsafe { real::system_call(number, [a, b, c, d, e, f]) }),
    }
}

/// # Safety
///
/// The arguments are those of the futex system call; the address and the timeout are valid.
unsafe fn futex(
    own: Slot,
    address: c_long,
    operation: c_int,
    value: u32,
    timeout: c_long,
) -> c_long {
    let command = operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    let address = address as usize;
    match command {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => {
            let word = ptr::with_exposed_provenance::<AtomicU32>(address);
            // SAFETY: the caller gives the address of a futex word.
            if unsafe { (*word).load(Ordering::SeqCst) } != value {
                return real::fail_with(libc::EAGAIN);
            }
            let clock = if operation & libc::FUTEX_CLOCK_REALTIME != 0 {
                libc::CLOCK_REALTIME
            } else {
                libc::CLOCK_MONOTONIC
            };
            let absolute_on = (command == libc::FUTEX_WAIT_BITSET).then_some(clock);
            let timeout = ptr::with_exposed_provenance::<libc::timespec>(timeout as usize);
            let until = if timeout.is_null() {
                None
            } else {
                // SAFETY: a timeout that is not null is one.
                unsafe { nanoseconds(timeout) }.map(|time| deadline(time, absolute_on))
            };
            match token::block(own, Wait::Futex(address), until) {
                Woken::Event => 0,
                Woken::Deadline => real::fail_with(libc::ETIMEDOUT),
            }
        }
        libc::FUTEX_WAKE | libc::FUTEX_WAKE_BITSET => {
            let most = value as usize;
            let woken = token::with(|simulation| simulation.world.wake(own, address, most));
            if woken > 0 {
                token::interrupt(own, WAKE_INTERRUPTS);
            }
            woken as c_long
        }
        _ => real::fail_with(libc::ENOSYS),
    }
}

/// # Safety
///
/// `buffer` is valid for writes of `length` bytes.
unsafe fn fill(own: Slot, buffer: *mut u8, length: usize) -> c_long {
    // SAFETY: by the contract of this function; zeros make the bytes initialised.
    let bytes = unsafe {
        buffer.write_bytes(0, length);
        slice::from_raw_parts_mut(buffer, length)
    };
    token::with(|simulation| simulation.world.fill_random(own, bytes));
    length as c_long
}

#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, flags: c_uint) -> isize {
    match token::current() {
        // SAFETY: the caller's own buffer.
        Some(own) => unsafe { fill(own, buffer.cast::<u8>(), length) as isize },
        // SAFETY: the caller's own arguments.
        None => unsafe { real::GETRANDOM.get()(buffer, length, flags) },
    }
}

/// A simulated program sees one processor, on every machine.
#[unsafe(no_mangle)]
unsafe extern "C" fn sched_getaffinity(
    process: libc::pid_t,
    size: usize,
    set: *mut libc::cpu_set_t,
) -> c_int {
    // SAFETY: the caller's own arguments.
    let result = unsafe { real::SCHED_GETAFFINITY.get()(process, size, set) };
    if token::is_simulated() && result == 0 && size > 0 {
        // SAFETY: the caller's set has `size` bytes.
        unsafe {
            set.cast::<u8>().write_bytes(0, size);
            set.cast::<u8>().write(1);
        }
    }
    result
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> c_int {
    let Some(own) = token::current() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::PTHREAD_CREATE.get()(thread, attributes, start, argument) };
    };
    match threads::spawn(own, attributes, start, argument) {
        Ok(handle) => {
            // SAFETY: the caller gives a place for the handle.
            unsafe { thread.write(handle) };
            0
        }
        Err(error) => error,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_join(thread: libc::pthread_t, result: *mut *mut c_void) -> c_int {
    let Some(own) = token::current() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::PTHREAD_JOIN.get()(thread, result) };
    };
    match threads::join(own, thread) {
        Ok(value) => {
            if !result.is_null() {
                // SAFETY: a result that is not null is a place for it.
                unsafe { result.write(value) };
            }
            0
        }
        Err(error) => error,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_detach(thread: libc::pthread_t) -> c_int {
    if token::is_simulated() {
        return threads::detach(thread).err().unwrap_or(0);
    }
    // SAFETY: the caller's own argument.
    unsafe { real::PTHREAD_DETACH.get()(thread) }
}

/// Names are kept in the books: the system would name the thread that carries all others.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_setname_np(thread: libc::pthread_t, name: *const c_char) -> c_int {
    if token::is_simulated() {
        // SAFETY: the caller gives a text that ends with a zero.
        let name = unsafe { CStr::from_ptr(name) }.to_owned();
        return threads::set_name(thread, name).err().unwrap_or(0);
    }
    // SAFETY: the caller's own arguments.
    unsafe { real::PTHREAD_SETNAME.get()(thread, name) }
}

/// Thread-locals with destructors are registered here, by std once a thread. They may block and wake
/// others: they run while the thread is still part of the simulation.
#[unsafe(no_mangle)]
unsafe extern "C" fn __cxa_thread_atexit_impl(
    destructor: unsafe extern "C" fn(*mut u8),
    value: *mut u8,
    library: *mut c_void,
) -> c_int {
    match token::current() {
        Some(own) => {
            threads::at_end(own, (destructor, value));
            0
        }
        // SAFETY: the caller's own arguments.
        None => unsafe { real::CXA_THREAD_ATEXIT.get()(destructor, value, library) },
    }
}

/// std asks every thread for its guard page, and glibc knows of none below a stack that it has not made.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_attr_getguardsize(
    attributes: *const libc::pthread_attr_t,
    size: *mut usize,
) -> c_int {
    // SAFETY: the caller's own arguments.
    let error = unsafe { real::PTHREAD_ATTR_GETGUARDSIZE.get()(attributes, size) };
    if token::is_simulated() && error == 0 {
        // SAFETY: the caller gives a place for the size.
        unsafe { size.write(PAGE) };
    }
    error
}
