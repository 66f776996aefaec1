//! The allocator: simulated threads get memory from the fixed region, all others from libc.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;

use super::region::{HEAP, HEAP_SIZE};
use super::{current, token};

/// The exponent of the smallest block's size, which is a power of two: 16 bytes, enough for the link of a
/// free list.
const SMALLEST: u32 = 4;

/// The largest number of allocations from one interruption of a thread to the next. Programs also allocate
/// while they hold locks; an interruption there makes other threads wait for the lock.
const DISTANCE: u32 = 16;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator { heap: UnsafeCell::new(Heap::new()) };

struct Allocator {
    heap: UnsafeCell<Heap>,
}

// SAFETY: only the thread that holds the token of the simulation uses the heap.
unsafe impl Sync for Allocator {}

/// Blocks whose sizes are powers of two. A freed block is used again for its size, so the address of a
/// block depends only on the allocations before it.
struct Heap {
    /// The first free block of each size. A free block holds the address of the next one.
    free: [*mut u8; 64],
    /// How much of the region has been given out, in bytes.
    used: usize,
    /// The number of allocations until one is interrupted.
    left: u32,
}

impl Heap {
    const fn new() -> Self {
        Heap { free: [ptr::null_mut(); 64], used: 0, left: DISTANCE }
    }

    /// Counts an allocation, and says whether to interrupt the thread there.
    fn count_down(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left == 0
    }

    /// A block of the size 2 to the power of `class`; null if there is no memory left.
    fn take(&mut self, class: u32) -> *mut u8 {
        let block = self.free[class as usize];
        if block.is_null() {
            return self.carve(1 << class);
        }
        // SAFETY: a free block holds the link that `give_back` wrote, and nobody else uses it.
        self.free[class as usize] = unsafe { block.cast::<*mut u8>().read() };
        block
    }

    fn give_back(&mut self, block: *mut u8, class: u32) {
        // SAFETY: the block was given out with this size, at least that of a pointer, and is no longer
        // used; blocks are aligned to their size.
        unsafe { block.cast::<*mut u8>().write(self.free[class as usize]) };
        self.free[class as usize] = block;
    }

    fn carve(&mut self, size: usize) -> *mut u8 {
        let start = (HEAP + self.used).next_multiple_of(size) - HEAP;
        match start.checked_add(size) {
            Some(end) if end <= HEAP_SIZE => {
                self.used = end;
                ptr::with_exposed_provenance_mut(HEAP + start)
            }
            _ => ptr::null_mut(),
        }
    }
}

/// Lets all threads get memory of libc from one place. libc would prepare a place for each simulated thread that
/// needs some outside of the simulation, which takes longer than the whole start of a thread.
pub(crate) fn keep_to_one_arena() {
    // SAFETY: takes numbers. Where a version of libc cannot do it, threads start more slowly, and that is all.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}

fn class_of(layout: Layout) -> u32 {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    size.checked_next_power_of_two().map_or(63, usize::trailing_zeros)
}

// SAFETY: blocks from the region are at least as large as the layout, are aligned to their size, which is
// at least the alignment, and are given out once until they are freed; all others are those of `System`.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(own) = current::slot() {
            // SAFETY: this thread holds the token.
            let (block, is_interrupted) = unsafe {
                let heap = &mut *self.heap.get();
                (heap.take(class_of(layout)), heap.count_down())
            };
            if is_interrupted && !token::is_in_use() {
                let next = token::with(|simulation| simulation.world.draw_distance(DISTANCE));
                // SAFETY: this thread holds the token.
                unsafe { (*self.heap.get()).left = next };
                token::interrupt(own, 1);
            }
            block
        } else {
            // SAFETY: the caller keeps the contract of this method.
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !(HEAP..HEAP + HEAP_SIZE).contains(&block.addr()) {
            // SAFETY: a block outside the region came from `System`, with this layout.
            unsafe { System.dealloc(block, layout) }
        } else if current::is_simulated() {
            // SAFETY: this thread holds the token.
            unsafe { (*self.heap.get()).give_back(block, class_of(layout)) }
        }
        // A thread outside of the simulation must not touch its heap: the block is leaked.
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let inside = (HEAP..HEAP + HEAP_SIZE).contains(&block.addr());
        if !inside && !current::is_simulated() {
            // SAFETY: a block outside the region came from `System`, with this layout.
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: the caller promises that the new size makes a valid layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        if inside && class_of(layout) == class_of(new_layout) {
            return block;
        }
        // SAFETY: both blocks are valid for the bytes copied, and do not overlap.
        unsafe {
            let moved = self.alloc(new_layout);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
