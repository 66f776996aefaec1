//! The functions of libc through which Rust programs block, read the time, start threads and draw random
//! bytes.
//!
//! The dynamic linker prefers an executable's own definition of a symbol to that of a shared library, so
//! all of the program's code, std included, calls these functions. Calls from a thread that is not
//! simulated are passed on to libc.

use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_void};
use std::ptr;
use std::slice;

use super::main_stack::main_stack;
use super::real::{self, Start};
use super::region::GUARD;
use super::states::{Slot, Wait};
use super::trace::Kind;
use super::{arch, clocks, current, futex, threads, token};

/// A thread that reads a clock may be interrupted once in this many times.
const CLOCK_INTERRUPTS: u32 = 32;

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> c_int {
    let Some(own) = current::slot() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::CLOCK_GETTIME.get()(clock, time) };
    };
    let (now, rate) = token::with(|simulation| {
        let world = &mut simulation.world;
        (world.read_clock(own), world.clock_rate)
    });
    // SAFETY: the caller gives a place for the time.
    unsafe { time.write(clocks::show(clock, now, rate)) };
    token::interrupt(own, CLOCK_INTERRUPTS);
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nanosleep(time: *const libc::timespec, left: *mut libc::timespec) -> c_int {
    let Some(own) = current::slot() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::NANOSLEEP.get()(time, left) };
    };
    // SAFETY: the caller gives a time.
    let deadline = unsafe { clocks::deadline(time, None) };
    token::block(own, Wait::Sleep, deadline);
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn clock_nanosleep(
    clock: libc::clockid_t,
    flags: c_int,
    time: *const libc::timespec,
    left: *mut libc::timespec,
) -> c_int {
    let Some(own) = current::slot() else {
        // SAFETY: the caller's own arguments.
        return unsafe { real::CLOCK_NANOSLEEP.get()(clock, flags, time, left) };
    };
    let absolute_on = (flags & libc::TIMER_ABSTIME != 0).then_some(clock);
    // SAFETY: the caller gives a time.
    let deadline = unsafe { clocks::deadline(time, absolute_on) };
    token::block(own, Wait::Sleep, deadline);
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn sched_yield() -> c_int {
    match current::slot() {
        Some(own) => token::let_others_run(own, Kind::Yield),
        None => {
            // SAFETY: takes no arguments.
            unsafe { real::SCHED_YIELD.get()() };
        }
    }
    0
}

/// In C this function takes as many arguments as the system call has. On Linux they are passed like those of a
/// function with a fixed number of arguments. An argument that the caller has not passed is
/// read as some number and not used.
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
    match (current::slot(), number) {
        // SAFETY: the arguments are those of this system call.
        (Some(own), libc::SYS_futex) => unsafe { futex::futex(own, a, b as c_int, c as u32, d) },
        // SAFETY: as above.
        (Some(own), libc::SYS_getrandom) => unsafe {
            fill(own, ptr::with_exposed_provenance_mut(a as usize), b as usize)
        },
        // SAFETY: the caller's own arguments.
        _ => real::libc_result(unsafe { arch::system_call(number, [a, b, c, d, e, f]) }),
    }
}

/// Fills a buffer with random bytes that depend only on the seed.
///
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
    match current::slot() {
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
    if current::is_simulated() && result == 0 && size > 0 {
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
    let Some(own) = current::slot() else {
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
    let Some(own) = current::slot() else {
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
    if current::is_simulated() {
        return threads::detach(thread).err().unwrap_or(0);
    }
    // SAFETY: the caller's own argument.
    unsafe { real::PTHREAD_DETACH.get()(thread) }
}

/// The simulation keeps the names itself: the operating system would name the thread that runs all
/// others.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_setname_np(thread: libc::pthread_t, name: *const c_char) -> c_int {
    if current::is_simulated() {
        // SAFETY: the caller gives a string that ends with a zero byte.
        let name = unsafe { CStr::from_ptr(name) }.to_owned();
        return threads::set_name(thread, name).err().unwrap_or(0);
    }
    // SAFETY: the caller's own arguments.
    unsafe { real::PTHREAD_SETNAME.get()(thread, name) }
}

/// std registers its destructors of thread-locals here, once in each thread. A destructor may block or
/// wake others, so it runs while the thread is still part of the simulation.
#[unsafe(no_mangle)]
unsafe extern "C" fn __cxa_thread_atexit_impl(
    destructor: unsafe extern "C" fn(*mut u8),
    value: *mut u8,
    library: *mut c_void,
) -> c_int {
    match current::slot() {
        Some(own) => {
            threads::at_thread_end(own, (destructor, value));
            0
        }
        // SAFETY: the caller's own arguments.
        None => unsafe { real::CXA_THREAD_ATEXIT.get()(destructor, value, library) },
    }
}

/// std asks every thread where its stack is. glibc would also find out on which processors the thread may run,
/// and allocate memory for that, and first of all what it needs to allocate memory in a thread.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_getattr_np(
    thread: libc::pthread_t,
    attributes: *mut libc::pthread_attr_t,
) -> c_int {
    let stack = if current::is_simulated() { threads::stack(thread) } else { None };
    match stack {
        // SAFETY: the caller gives a place for the attributes.
        Some(stack) => unsafe { describe_stack(attributes, stack.bottom(), stack.size()) },
        None => {
            // SAFETY: the caller's own arguments.
            let error = unsafe { real::PTHREAD_GETATTR.get()(thread, attributes) };
            // std keeps what it knows of stacks in one map, which takes memory for every few threads: confined or not,
            // the main thread must be in it.
            match main_stack() {
                // SAFETY: as above. An error has left nothing in the attributes.
                Some((bottom, size)) if error != 0 && is_main(thread) => unsafe {
                    describe_stack(attributes, bottom, size)
                },
                _ => error,
            }
        }
    }
}

/// Whether this is the main thread, and it asks for itself.
fn is_main(thread: libc::pthread_t) -> bool {
    // SAFETY: these calls take nothing, or numbers.
    unsafe {
        libc::pthread_equal(thread, libc::pthread_self()) != 0 && libc::getpid() == libc::gettid()
    }
}

/// Makes attributes that tell of a stack.
///
/// # Safety
///
/// `attributes` is a place for attributes that holds none.
unsafe fn describe_stack(
    attributes: *mut libc::pthread_attr_t,
    bottom: usize,
    size: usize,
) -> c_int {
    // SAFETY: by the contract of this function; they are initialised first.
    unsafe {
        libc::pthread_attr_init(attributes);
        let bottom = ptr::with_exposed_provenance_mut(bottom);
        libc::pthread_attr_setstack(attributes, bottom, size)
    }
}

/// std asks every thread for the size of its guard. glibc does not know of a guard below a stack
/// that it has not made itself.
#[unsafe(no_mangle)]
unsafe extern "C" fn pthread_attr_getguardsize(
    attributes: *const libc::pthread_attr_t,
    size: *mut usize,
) -> c_int {
    // SAFETY: the caller's own arguments.
    let error = unsafe { real::PTHREAD_ATTR_GETGUARDSIZE.get()(attributes, size) };
    if current::is_simulated() && error == 0 {
        // SAFETY: the caller gives a place for the size.
        unsafe { size.write(GUARD) };
    }
    error
}
