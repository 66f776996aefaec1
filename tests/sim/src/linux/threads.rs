//! Making simulated threads, and their end.

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

use super::real::{self, Start};
use super::token::{self, Keep, Seat};
use crate::world::{Slot, Wait};

/// The size of a stack that nobody has asked for, in bytes, as glibc has it on most systems.
const DEFAULT_STACK: usize = 2 << 20;

/// A key whose destructor is the last that a thread runs.
static EXIT: OnceLock<libc::pthread_key_t> = OnceLock::new();

/// Prepares the process for simulated threads.
pub(crate) fn prepare() -> std::io::Result<()> {
    let mut key = 0;
    // SAFETY: the key is written to a local; the destructor has the type that is asked for.
    let error = unsafe { libc::pthread_key_create(&raw mut key, Some(at_exit)) };
    if error != 0 {
        return Err(std::io::Error::from_raw_os_error(error));
    }
    let _ = EXIT.set(key);
    Ok(())
}

/// Makes a thread that waits for the token. `maker` is the calling thread, or none for the first.
///
/// Returns an error number on failure.
pub(crate) fn create(
    maker: Option<Slot>,
    stack_size: usize,
    start: Start,
    argument: *mut c_void,
) -> Result<Slot, c_int> {
    let stack = token::with(|simulation| simulation.stacks.take(stack_size)).ok_or(libc::EAGAIN)?;
    let seat = Seat::new(token::with(|simulation| simulation.world.next_slot()), start, argument);
    let mut handle = 0;
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the attributes are initialised first and destroyed last; the stack belongs to nobody
    // else; the seat lives until the simulation removes the thread.
    let error = unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        let bottom = ptr::with_exposed_provenance_mut(stack.bottom());
        libc::pthread_attr_setstack(attributes.as_mut_ptr(), bottom, stack.size());
        let error = real::PTHREAD_CREATE.get()(
            &raw mut handle,
            attributes.as_ptr(),
            main,
            seat.cast::<c_void>(),
        );
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        error
    };
    if error != 0 {
        return Err(error);
    }
    let keep = Keep {
        seat,
        handle,
        kernel_id: 0,
        stack,
        detached: false,
        result: ptr::null_mut(),
        frames: None,
    };
    Ok(token::with(|simulation| simulation.world.add(maker, keep)))
}

/// What every simulated thread runs.
extern "C" fn main(seat: *mut c_void) -> *mut c_void {
    let seat = seat.cast::<Seat>();
    // Until this thread has the token it must not look at anything that others may change.
    token::take(seat);
    // SAFETY: the thread's own seat.
    let (slot, start, argument) = unsafe { ((*seat).slot, (*seat).start, (*seat).argument) };
    // SAFETY: takes no arguments and cannot fail.
    let kernel_id = unsafe { libc::gettid() };
    token::with(|simulation| simulation.world.thread_mut(slot).keep.kernel_id = kernel_id);
    arm(seat.cast::<c_void>());
    let result = start(argument);
    token::with(|simulation| simulation.world.thread_mut(slot).keep.result = result);
    result
}

fn arm(value: *mut c_void) {
    let key = EXIT.get().expect("made before the first thread");
    // SAFETY: the key exists. Without memory for the value the thread would never give up the token.
    let error = unsafe { libc::pthread_setspecific(*key, value) };
    assert!(error == 0, "no memory for the end of a thread");
}

/// Runs when the thread-locals of Rust are gone, after the first round of all keys' destructors: the
/// second round is ours alone.
unsafe extern "C" fn at_exit(value: *mut c_void) {
    let seat = value.cast::<Seat>();
    if seat.addr() & 1 == 0 {
        arm(value.map_addr(|address| address | 1));
    } else if let Some(slot) = token::current() {
        token::leave(slot);
    }
}

/// Does what `pthread_create` does.
pub(crate) fn spawn(
    maker: Slot,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> Result<libc::pthread_t, c_int> {
    let mut size = DEFAULT_STACK;
    if !attributes.is_null() {
        // SAFETY: attributes that are not null are initialised, says the caller of `pthread_create`.
        unsafe { libc::pthread_attr_getstacksize(attributes, &raw mut size) };
    }
    let slot = create(Some(maker), size, start, argument)?;
    let handle = token::with(|simulation| simulation.world.thread(slot).keep.handle);
    token::interrupt(maker, 4);
    Ok(handle)
}

fn find(handle: libc::pthread_t) -> Result<Slot, c_int> {
    token::with(|simulation| {
        let mut threads = simulation.world.threads();
        let found = threads.find(|(_, thread)| thread.keep.handle == handle);
        found.map(|(slot, _)| slot).ok_or(libc::ESRCH)
    })
}

/// Does what `pthread_join` does.
pub(crate) fn join(own: Slot, handle: libc::pthread_t) -> Result<*mut c_void, c_int> {
    let target = find(handle)?;
    if !token::with(|simulation| simulation.world.has_ended(target)) {
        token::block(own, Wait::Join(target), None);
    }
    Ok(token::with(|simulation| simulation.remove(target)))
}

/// Does what `pthread_detach` does.
pub(crate) fn detach(handle: libc::pthread_t) -> Result<(), c_int> {
    let target = find(handle)?;
    token::with(|simulation| {
        if simulation.world.has_ended(target) {
            simulation.remove(target);
        } else {
            simulation.world.thread_mut(target).keep.detached = true;
        }
    });
    Ok(())
}
