//! Making simulated threads, and their end.

use std::ffi::{CString, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use super::real::{self, Start};
use super::seat::{self, Seat};
use super::token::{self, Destructor, Keep};
use super::world::{Slot, Wait};

pub(crate) use super::token::answer;

/// The size of a stack that nobody has asked for, in bytes, as glibc has it on most systems.
const DEFAULT_STACK: usize = 2 << 20;

/// How often a new thread goes before its maker goes on: once in this many times.
const SPAWN_INTERRUPTS: u32 = 4;

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
    let seat = Seat::new(start, argument);
    let mut handle = 0;
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the attributes are initialised first and destroyed last; the stack belongs to nobody
    // else; the seat lives until the thread has been joined.
    let error = unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        let bottom = ptr::with_exposed_provenance_mut(stack.bottom());
        libc::pthread_attr_setstack(attributes.as_mut_ptr(), bottom, stack.size());
        let error = real::PTHREAD_CREATE.get()(
            &raw mut handle,
            attributes.as_ptr(),
            seat::main,
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
        stack,
        name: CString::default(),
        detached: false,
        result: ptr::null_mut(),
        destructors: Vec::new(),
        frames: None,
    };
    Ok(token::with(|simulation| {
        let slot = simulation.world.add(maker, keep);
        // SAFETY: the new thread does not look before it has the token.
        unsafe { (*seat).slot.set(slot) };
        slot
    }))
}

/// The life of the thread at `own`, which holds the token.
pub(crate) fn live(own: *mut Seat) {
    // SAFETY: the calling thread's own seat.
    let (slot, start, argument) = unsafe { ((*own).slot.get(), (*own).start, (*own).argument) };
    let result = start(argument);
    while let Some((destructor, value)) = token::with(|simulation| {
        let keep = &mut simulation.world.thread_mut(slot).keep;
        keep.result = result;
        keep.destructors.pop()
    }) {
        // SAFETY: registered for just this: to be called once, by this thread, at its end.
        unsafe { destructor(value) };
    }
    token::leave(own);
}

/// Has a destructor called when the calling thread ends.
pub(crate) fn at_end(own: Slot, destructor: Destructor) {
    token::with(|simulation| simulation.world.thread_mut(own).keep.destructors.push(destructor));
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
    token::interrupt(maker, SPAWN_INTERRUPTS);
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

/// Does what `pthread_setname_np` does.
pub(crate) fn set_name(handle: libc::pthread_t, name: CString) -> Result<(), c_int> {
    let target = find(handle)?;
    token::with(|simulation| simulation.world.thread_mut(target).keep.name = name);
    Ok(())
}
