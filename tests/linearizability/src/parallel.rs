//! Work on several threads.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

/// Calls `work` once for each item: on this thread if one is enough, and otherwise in any order.
pub(crate) fn for_each<T: Send>(
    items: &mut [T],
    threads: NonZero<usize>,
    work: impl Fn(&mut T) + Sync,
) {
    if threads.get() == 1 || items.len() < 2 {
        return items.iter_mut().for_each(work);
    }
    let queue = Mutex::new(items.iter_mut());
    let next = || queue.lock().expect("no holder panics").next();
    thread::scope(|scope| {
        for _ in 0..threads.get().min(items_left(&queue)) {
            scope.spawn(|| {
                while let Some(item) = next() {
                    work(item);
                }
            });
        }
    });
}

fn items_left<T>(queue: &Mutex<std::slice::IterMut<'_, T>>) -> usize {
    queue.lock().expect("no holder panics").len()
}
