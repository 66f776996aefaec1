//! The clocks of libc, in virtual time.

use super::token;
use crate::simulation::ClockRate;

const SECOND: u64 = 1_000_000_000;

/// What the wall clock shows when a simulation begins, in nanoseconds: noon of 1 January 2025, UTC.
const WALL_BEGIN: u64 = 1_735_732_800 * SECOND;

/// What the monotonic clock shows then. A program may subtract up to a day from it without an underflow.
const MONOTONIC_BEGIN: u64 = 100_000 * SECOND;

/// What a clock shows when a simulation begins, in nanoseconds.
fn begin_of(clock: libc::clockid_t) -> u64 {
    match clock {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => WALL_BEGIN,
        libc::CLOCK_PROCESS_CPUTIME_ID | libc::CLOCK_THREAD_CPUTIME_ID => 0,
        _ => MONOTONIC_BEGIN,
    }
}

/// What a clock of this rate shows at a virtual time.
pub(crate) fn show(clock: libc::clockid_t, now: u64, rate: ClockRate) -> libc::timespec {
    let time = begin_of(clock) + shown(now, rate);
    libc::timespec {
        tv_sec: (time / SECOND) as libc::time_t,
        tv_nsec: (time % SECOND) as libc::c_long,
    }
}

/// The virtual time at which a wait ends. `time` is a duration, or with `absolute_on` a time of that
/// clock. `None` if the time is too far away to be reached.
///
/// # Safety
///
/// `time` points to a timespec.
pub(crate) unsafe fn deadline(
    time: *const libc::timespec,
    absolute_on: Option<libc::clockid_t>,
) -> Option<u64> {
    // SAFETY: by the contract of this function.
    let time = nanoseconds(unsafe { time.read() })?;
    let (now, rate) =
        token::with(|simulation| (simulation.world.now(), simulation.world.clock_rate));
    Some(match absolute_on {
        Some(clock) => needed(time.saturating_sub(begin_of(clock)), rate),
        None => now.saturating_add(needed(time, rate)),
    })
}

/// How far a clock of this rate gets in a virtual time, in nanoseconds.
fn shown(time: u64, rate: ClockRate) -> u64 {
    scale(time, rate, ClockRate::EXACT)
}

/// The virtual time that a clock of this rate needs to get so far, in nanoseconds.
fn needed(time: u64, rate: ClockRate) -> u64 {
    scale(time, ClockRate::EXACT, rate)
}

/// `time` times one rate divided by another, rounded up: a wait does not end before its clock says so.
fn scale(time: u64, ClockRate(by): ClockRate, ClockRate(of): ClockRate) -> u64 {
    let scaled = (u128::from(time) * u128::from(by)).div_ceil(u128::from(of));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// A time in nanoseconds; 0 if it is negative, `None` if it is too large.
fn nanoseconds(time: libc::timespec) -> Option<u64> {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.checked_mul(SECOND)?.checked_add(time.tv_nsec as u64)
}

#[cfg(test)]
mod tests {
    use super::{needed, shown};
    use crate::simulation::ClockRate;

    #[test]
    fn a_wait_ends_when_its_clock_says_so_and_not_before() {
        for rate in [ClockRate(900), ClockRate::EXACT, ClockRate(1_100)] {
            for time in [0, 1, 7, 999, 1_000, 123_456_789, 86_400_000_000_000] {
                let end = needed(time, rate);
                assert!(shown(end, rate) >= time, "{rate:?}, {time}");
                assert!(end == 0 || shown(end - 1, rate) <= time, "{rate:?}, {time}");
            }
        }
        assert_eq!([shown(1_000, ClockRate(900)), needed(900, ClockRate(900))], [900, 1_000]);
        assert_eq!(needed(u64::MAX, ClockRate(900)), u64::MAX);
    }
}
