//! The real functions of libc and the kernel, behind the symbols that this crate defines itself.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::marker::PhantomData;
use std::mem::transmute_copy;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use super::arch::system_call;

/// A function of libc that this crate replaces with one of its own.
pub(crate) struct Original<F> {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
    signature: PhantomData<F>,
}

impl<F: Copy> Original<F> {
    /// # Safety
    ///
    /// `F` is the type of a pointer to the C function `name`.
    const unsafe fn new(name: &'static CStr) -> Self {
        Original { name, found: AtomicPtr::new(ptr::null_mut()), signature: PhantomData }
    }

    pub(crate) fn get(&self) -> F {
        let mut found = self.found.load(Ordering::Relaxed);
        if found.is_null() {
            // SAFETY: the name ends with a zero byte, and `RTLD_NEXT` asks for the definition after ours.
            found = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr().cast::<c_char>()) };
            if found.is_null() {
                // This program cannot have started with a libc that lacks the function.
                std::process::abort();
            }
            self.found.store(found, Ordering::Relaxed);
        }
        // SAFETY: the caller of `new` promised that this is the function's type, a pointer.
        unsafe { transmute_copy(&found) }
    }
}

/// What a thread does, as `pthread_create` takes it.
pub(crate) type Start = extern "C" fn(*mut c_void) -> *mut c_void;

type ClockGettime = unsafe extern "C" fn(libc::clockid_t, *mut libc::timespec) -> c_int;
type Nanosleep = unsafe extern "C" fn(*const libc::timespec, *mut libc::timespec) -> c_int;
type ClockNanosleep = unsafe extern "C" fn(
    libc::clockid_t,
    c_int,
    *const libc::timespec,
    *mut libc::timespec,
) -> c_int;
type SchedYield = unsafe extern "C" fn() -> c_int;
type PthreadCreate = unsafe extern "C" fn(
    *mut libc::pthread_t,
    *const libc::pthread_attr_t,
    Start,
    *mut c_void,
) -> c_int;
type PthreadJoin = unsafe extern "C" fn(libc::pthread_t, *mut *mut c_void) -> c_int;
type PthreadDetach = unsafe extern "C" fn(libc::pthread_t) -> c_int;
type PthreadSetname = unsafe extern "C" fn(libc::pthread_t, *const c_char) -> c_int;
type CxaThreadAtexit =
    unsafe extern "C" fn(unsafe extern "C" fn(*mut u8), *mut u8, *mut c_void) -> c_int;
type PthreadGetattr = unsafe extern "C" fn(libc::pthread_t, *mut libc::pthread_attr_t) -> c_int;
type PthreadAttrGetguardsize =
    unsafe extern "C" fn(*const libc::pthread_attr_t, *mut usize) -> c_int;
type Getrandom = unsafe extern "C" fn(*mut c_void, usize, u32) -> isize;
type SchedGetaffinity = unsafe extern "C" fn(libc::pid_t, usize, *mut libc::cpu_set_t) -> c_int;

macro_rules! originals {
    ($($name:ident = $symbol:literal: $type:ty;)*) => {
        $(
            // SAFETY: the type is that of the function's manual page.
            pub(crate) static $name: Original<$type> = unsafe { Original::new($symbol) };
        )*
    };
}

originals! {
    CLOCK_GETTIME = c"clock_gettime": ClockGettime;
    NANOSLEEP = c"nanosleep": Nanosleep;
    CLOCK_NANOSLEEP = c"clock_nanosleep": ClockNanosleep;
    SCHED_YIELD = c"sched_yield": SchedYield;
    SCHED_GETAFFINITY = c"sched_getaffinity": SchedGetaffinity;
    GETRANDOM = c"getrandom": Getrandom;
    PTHREAD_CREATE = c"pthread_create": PthreadCreate;
    PTHREAD_JOIN = c"pthread_join": PthreadJoin;
    PTHREAD_DETACH = c"pthread_detach": PthreadDetach;
    PTHREAD_SETNAME = c"pthread_setname_np": PthreadSetname;
    PTHREAD_GETATTR = c"pthread_getattr_np": PthreadGetattr;
    PTHREAD_ATTR_GETGUARDSIZE = c"pthread_attr_getguardsize": PthreadAttrGetguardsize;
    CXA_THREAD_ATEXIT = c"__cxa_thread_atexit_impl": CxaThreadAtexit;
}

/// Sleeps in the kernel if `word` is `expected`, until [`futex_wake`]. It may return early.
pub(crate) fn futex_wait(word: &AtomicU32, expected: u32) {
    let address = word.as_ptr() as c_long;
    let operation = c_long::from(libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG);
    // SAFETY: the word outlives the call, and a null timeout means none.
    unsafe {
        system_call(libc::SYS_futex, [address, operation, c_long::from(expected), 0, 0, 0]);
    }
}

/// Wakes one thread that sleeps on `word`.
pub(crate) fn futex_wake(word: *const AtomicU32) {
    let operation = c_long::from(libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG);
    // SAFETY: the kernel only compares the address; it does not read the word.
    unsafe {
        system_call(libc::SYS_futex, [word as c_long, operation, 1, 0, 0, 0]);
    }
}

/// Converts a result of the kernel to one of libc: -1 with `errno` set on failure.
pub(crate) fn libc_result(result: c_long) -> c_long {
    if (-4095..0).contains(&result) { fail_with(-result as c_int) } else { result }
}

/// Sets `errno` and returns -1.
pub(crate) fn fail_with(errno: c_int) -> c_long {
    // SAFETY: this is the address of the calling thread's own `errno`.
    unsafe { *libc::__errno_location() = errno };
    -1
}
