//! The life of simulated threads: what pthread's functions do for them.

use std::ffi::{CString, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use super::active_simulation::{Destructor, ThreadRecord};
use super::os_thread::OsThread;
use super::real::{self, Start};
use super::stacks::Stack;
use super::states::{Slot, Wait};
use super::{current, switching, token};

/// The size of a stack if the program does not ask for one, in bytes.
const DEFAULT_STACK: usize = 2 << 20;

/// A thread that starts another may be interrupted once in this many times.
const SPAWN_INTERRUPTS: u32 = 4;

/// Creates a thread that waits for the token. `creator` is the calling thread; the first thread has none.
///
/// Returns an error number on failure.
pub(crate) fn create(
    creator: Option<Slot>,
    stack_size: usize,
    start: Start,
    argument: *mut c_void,
) -> Result<Slot, c_int> {
    let stack = token::with(|simulation| simulation.stacks.take(stack_size)).ok_or(libc::EAGAIN)?;
    let os_thread = OsThread::new(run, start, argument);
    let handle = start_os_thread(stack, os_thread)?;
    let record = ThreadRecord {
        os_thread,
        handle,
        stack,
        name: CString::default(),
        detached: false,
        result: ptr::null_mut(),
        destructors: Vec::new(),
        frames: None,
    };
    Ok(token::with(|simulation| {
        let slot = simulation.world.add(creator, record);
        // SAFETY: the new thread does not look at its slot before it has the token.
        unsafe { (*os_thread).slot.set(slot) };
        slot
    }))
}

fn start_os_thread(stack: Stack, os_thread: *mut OsThread) -> Result<libc::pthread_t, c_int> {
    let mut handle = 0;
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the attributes are initialised first and destroyed last; no other thread has the stack;
    // the record of the thread lives until the thread has been joined.
    let error = unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        let bottom = ptr::with_exposed_provenance_mut(stack.bottom());
        libc::pthread_attr_setstack(attributes.as_mut_ptr(), bottom, stack.size());
        let error = real::PTHREAD_CREATE.get()(
            &raw mut handle,
            attributes.as_ptr(),
            switching::main,
            os_thread.cast::<c_void>(),
        );
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        error
    };
    if error == 0 { Ok(handle) } else { Err(error) }
}

/// Runs the calling thread from its beginning to its end. It has just got the token for the first time.
fn run(own: *mut OsThread) {
    token::answer(own);
    current::enter(own);
    // SAFETY: the calling thread's own record.
    let (slot, start, argument) = unsafe { ((*own).slot.get(), (*own).start, (*own).argument) };
    let result = start(argument);
    while let Some((destructor, value)) = token::with(|simulation| {
        let record = &mut simulation.world.thread_mut(slot).record;
        record.result = result;
        record.destructors.pop()
    }) {
        // SAFETY: registered for this: to be called once, by this thread, at its end.
        unsafe { destructor(value) };
    }
    token::end_thread(own);
}

/// Registers a destructor to be called when the calling thread ends.
pub(crate) fn at_thread_end(own: Slot, destructor: Destructor) {
    token::with(|simulation| simulation.world.thread_mut(own).record.destructors.push(destructor));
}

/// Does what `pthread_create` does.
pub(crate) fn spawn(
    creator: Slot,
    attributes: *const libc::pthread_attr_t,
    start: Start,
    argument: *mut c_void,
) -> Result<libc::pthread_t, c_int> {
    let mut size = DEFAULT_STACK;
    if !attributes.is_null() {
        // SAFETY: the caller of `pthread_create` promises that attributes, if given, are initialised.
        unsafe { libc::pthread_attr_getstacksize(attributes, &raw mut size) };
    }
    let slot = create(Some(creator), size, start, argument)?;
    let handle = token::with(|simulation| simulation.world.thread(slot).record.handle);
    token::interrupt(creator, SPAWN_INTERRUPTS);
    Ok(handle)
}

fn find(handle: libc::pthread_t) -> Result<Slot, c_int> {
    token::with(|simulation| {
        let mut threads = simulation.world.threads();
        let found = threads.find(|(_, thread)| thread.record.handle == handle);
        found.map(|(slot, _)| slot).ok_or(libc::ESRCH)
    })
}

/// The stack of a thread; `None` if it is not simulated.
pub(crate) fn stack(handle: libc::pthread_t) -> Option<Stack> {
    let slot = find(handle).ok()?;
    Some(token::with(|simulation| simulation.world.thread(slot).record.stack))
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
            simulation.world.thread_mut(target).record.detached = true;
        }
    });
    Ok(())
}

/// Does what `pthread_setname_np` does.
pub(crate) fn set_name(handle: libc::pthread_t, name: CString) -> Result<(), c_int> {
    let target = find(handle)?;
    token::with(|simulation| simulation.world.thread_mut(target).record.name = name);
    Ok(())
}
