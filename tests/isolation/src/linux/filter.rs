//! Filters of system calls, as programs for the kernel's BPF machine.
//!
//! A filter looks up the number of the call in a table of ranges, by halves, and then checks arguments one after
//! another. It must be short: the kernel translates it anew for each process.

use libc::{c_long, sock_filter};

use super::arch;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is made.
    Allow,
    /// It is not made, and fails with this error number.
    Refuse(i32),
    /// The process is killed.
    Kill,
}

/// A condition for an argument, which is counted from 0. Except for [`Check::Null`], only the lower 32 bits
/// are compared: that is what the kernel takes of a number of type `int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// It is this number.
    Equal(u8, u32),
    /// It has this value in the bits of the mask, which comes first.
    Masked(u8, u32, u32),
    /// It is the number of the process itself.
    Own(u8),
    /// It is a null pointer.
    Null(u8),
}

/// What becomes of calls with one number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) call: c_long,
    /// The first of these whose conditions all hold decides.
    pub(crate) cases: &'static [(&'static [Check], Action)],
    /// What becomes of the call otherwise.
    pub(crate) otherwise: Action,
}

/// The numbers from one on, up to the next range.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: u32,
    answer: Answer,
}

/// What becomes of the calls of a range.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Decide(Action),
    Apply(Rule),
}

/// All numbers, in ranges.
fn ranges(mut rules: Vec<Rule>, otherwise: Action) -> Vec<Range> {
    rules.sort_by_key(|rule| rule.call);
    let mut ranges = vec![Range { start: 0, answer: Answer::Decide(otherwise) }];
    for rule in rules {
        let start = rule.call as u32;
        let answer = match rule.cases {
            [] => Answer::Decide(rule.otherwise),
            _ => Answer::Apply(rule),
        };
        // It replaces what began here, which was to be about the numbers after the last rule.
        ranges.retain(|range| range.start != start);
        ranges.push(Range { start, answer });
        ranges.push(Range { start: start + 1, answer: Answer::Decide(otherwise) });
    }
    let action = |range: &Range| match range.answer {
        Answer::Decide(action) => Some(action),
        Answer::Apply(_) => None,
    };
    ranges.dedup_by(|next, range| action(next).is_some() && action(next) == action(range));
    ranges
}

/// A filter of system calls.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    program: Vec<sock_filter>,
    /// The instructions whose constant is the number of the process.
    own: Vec<usize>,
}

/// Numbers from here on belong to another interface of x86-64. Other kinds of processors have none.
const OTHER_INTERFACE: u32 = 0x4000_0000;

/// Where the kernel's description of a call has its number and its architecture.
const NUMBER: u32 = 0;
const ARCHITECTURE_OFFSET: u32 = 4;

impl Filter {
    /// A filter by these rules; calls that none is about are treated as `otherwise` says.
    pub(crate) fn new(rules: Vec<Rule>, otherwise: Action) -> Self {
        let mut filter = Filter { program: Vec::new(), own: Vec::new() };
        filter.load(ARCHITECTURE_OFFSET);
        filter.unless(libc::BPF_JEQ, arch::NAME, Action::Kill);
        filter.load(NUMBER);
        filter.when(libc::BPF_JGE, OTHER_INTERFACE, Action::Kill);
        filter.search(&ranges(rules, otherwise));
        filter
    }

    /// Installs the filter for this process, which has the number `own`, with these flags of the system call
    /// `seccomp`. Allocates nothing.
    ///
    /// # Errors
    ///
    /// If the kernel refuses it.
    pub(crate) fn install(&mut self, own: u32, flags: libc::c_ulong) -> std::io::Result<()> {
        for index in &self.own {
            self.program[*index].k = own;
        }
        let program =
            libc::sock_fprog { len: self.program.len() as u16, filter: self.program.as_mut_ptr() };
        let mode = libc::c_ulong::from(libc::SECCOMP_SET_MODE_FILTER);
        // SAFETY: the kernel copies the program, which lives until the call returns.
        match unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) } {
            0 => Ok(()),
            -1 => Err(std::io::Error::last_os_error()),
            // The number of a thread that has another filter.
            _ => Err(std::io::Error::from_raw_os_error(libc::EBUSY)),
        }
    }

    /// Emits a search for the number of the call, which has been loaded.
    fn search(&mut self, ranges: &[Range]) {
        let (lower, upper) = ranges.split_at(ranges.len() / 2);
        let Some(first_upper) = upper.first().filter(|_| !lower.is_empty()) else {
            match ranges.first().map(|range| range.answer) {
                Some(Answer::Decide(action)) => self.decide(action),
                Some(Answer::Apply(rule)) => self.apply(&rule),
                None => {}
            }
            return;
        };
        let branch = self.program.len();
        self.jump(libc::BPF_JGE, first_upper.start, 0, 0);
        self.search(lower);
        let distance = self.program.len() - branch - 1;
        match u8::try_from(distance) {
            Ok(distance) => self.program[branch].jt = distance,
            Err(_) => {
                // Only this kind of jump goes so far.
                let far = sock_filter {
                    code: (libc::BPF_JMP | libc::BPF_JA) as u16,
                    jt: 0,
                    jf: 0,
                    k: distance as u32,
                };
                self.program[branch].jf = 1;
                self.program.insert(branch + 1, far);
                self.own.iter_mut().filter(|index| **index > branch).for_each(|index| *index += 1);
            }
        }
        self.search(upper);
    }

    fn apply(&mut self, rule: &Rule) {
        for (checks, action) in rule.cases {
            let mut to_next = Vec::new();
            for check in *checks {
                self.check(*check, &mut to_next);
            }
            self.decide(*action);
            for index in to_next {
                self.program[index].jf = (self.program.len() - index - 1) as u8;
            }
        }
        self.decide(rule.otherwise);
    }

    /// Emits a check. Where it jumps if it fails is noted in `failures` and filled in later.
    fn check(&mut self, check: Check, failures: &mut Vec<usize>) {
        let (argument, value) = match check {
            Check::Equal(argument, value) | Check::Masked(argument, _, value) => (argument, value),
            Check::Own(argument) | Check::Null(argument) => (argument, 0),
        };
        // Eight bytes for each argument, the lower half first.
        let place = 16 + 8 * u32::from(argument);
        self.load(place);
        if let Check::Masked(_, mask, _) = check {
            self.emit(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, mask);
        }
        if let Check::Own(_) = check {
            self.own.push(self.program.len());
        }
        failures.push(self.program.len());
        self.jump(libc::BPF_JEQ, value, 0, 0);
        if let Check::Null(_) = check {
            self.load(place + 4);
            failures.push(self.program.len());
            self.jump(libc::BPF_JEQ, 0, 0, 0);
        }
    }

    fn when(&mut self, comparison: u32, value: u32, action: Action) {
        self.jump(comparison, value, 0, 1);
        self.decide(action);
    }

    fn unless(&mut self, comparison: u32, value: u32, action: Action) {
        self.jump(comparison, value, 1, 0);
        self.decide(action);
    }

    fn decide(&mut self, action: Action) {
        let answer = match action {
            Action::Allow => libc::SECCOMP_RET_ALLOW,
            Action::Refuse(error) => libc::SECCOMP_RET_ERRNO | error as u32,
            Action::Kill => libc::SECCOMP_RET_KILL_PROCESS,
        };
        self.emit(libc::BPF_RET | libc::BPF_K, answer);
    }

    fn load(&mut self, offset: u32) {
        self.emit(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset);
    }

    fn emit(&mut self, code: u32, k: u32) {
        self.program.push(sock_filter { code: code as u16, jt: 0, jf: 0, k });
    }

    fn jump(&mut self, comparison: u32, k: u32, jt: u8, jf: u8) {
        let code = (libc::BPF_JMP | comparison | libc::BPF_K) as u16;
        self.program.push(sock_filter { code, jt, jf, k });
    }
}

#[cfg(test)]
mod tests;
