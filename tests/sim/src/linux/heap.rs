//! The allocator: simulated threads get memory from the fixed region, all others from the system.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr;

use super::region::{HEAP, HEAP_SIZE};
use super::token;

/// The smallest block, in bytes, as a power of two: room for the link of a free list.
const SMALLEST: u32 = 4;

/// How many allocations lie between two at which a thread is interrupted, at most. Programs allocate
/// while they hold locks, too: that is where others come to wait for them.
const DISTANCE: u32 = 16;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator { heap: UnsafeCell::new(Heap::new()) };

struct Allocator {
    heap: UnsafeCell<Heap>,
}

// SAFETY: only the thread that holds the token of the simulation uses the heap.
unsafe impl Sync for Allocator {}

/// Blocks of powers of two, each kept for its size when it is freed: where a block lies depends on
/// nothing but the allocations before it.
struct Heap {
    /// The first free block of each size; it holds the address of the next.
    free: [*mut u8; 64],
    /// How much of the region has been used.
    used: usize,
    /// How many more allocations until a thread is interrupted at one.
    left: u32,
}

impl Heap {
    const fn new() -> Self {
        Heap { free: [ptr::null_mut(); 64], used: 0, left: DISTANCE }
    }

    /// Counts an allocation. Says whether a thread is to be interrupted at it.
    fn count_down(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left == 0
    }

    fn take(&mut self, class: u32) -> *mut u8 {
        let block = self.free[class as usize];
        if block.is_null() {
            return self.carve(1 << class);
        }
        // SAFETY: a free block holds the link that `give` wrote, and nobody else has it.
        self.free[class as usize] = unsafe { block.cast::<*mut u8>().read() };
        block
    }

    fn give(&mut self, block: *mut u8, class: u32) {
        // SAFETY: the block was handed out for this size, at least that of a pointer, and is no longer
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

fn class_of(layout: Layout) -> u32 {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    size.checked_next_power_of_two().map_or(63, usize::trailing_zeros)
}

// SAFETY: blocks from the region are as large as asked for, aligned to their size, which is not below
// the alignment, and handed out once until freed; all others are the system's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(own) = token::current() {
            // SAFETY: this thread holds the token.
            let (block, is_interrupted) = unsafe {
                let heap = &mut *self.heap.get();
                (heap.take(class_of(layout)), heap.count_down())
            };
            if is_interrupted && !token::is_open() {
                let next = token::with(|simulation| simulation.world.draw_distance(DISTANCE));
                // SAFETY: this thread holds the token.
                unsafe { (*self.heap.get()).left = next };
                token::interrupt(own, 1);
            }
            block
        } else {
            // SAFETY: the caller keeps the contract of this very method.
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !(HEAP..HEAP + HEAP_SIZE).contains(&block.addr()) {
            // SAFETY: a block outside the region came from the system, with this layout.
            unsafe { System.dealloc(block, layout) }
        } else if token::is_simulated() {
            // SAFETY: this thread holds the token.
            unsafe { (*self.heap.get()).give(block, class_of(layout)) }
        }
        // A thread outside must not touch the heap of the simulation: the block is lost.
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let inside = (HEAP..HEAP + HEAP_SIZE).contains(&block.addr());
        if !inside && !token::is_simulated() {
            // SAFETY: a block outside the region came from the system, with this layout.
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: the caller promises that the new size is fit for a layout.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        if inside && class_of(layout) == class_of(new_layout) {
            return block;
        }
        // SAFETY: both blocks are valid for what is copied, and distinct.
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
