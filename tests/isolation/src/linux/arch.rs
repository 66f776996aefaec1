//! What depends on the kind of processor: how the kernel names its system calls, and which of them others do not
//! have.

pub(crate) use own::{DANGEROUS, NAME, NEEDED};

#[cfg(target_arch = "x86_64")]
mod own {
    use libc::c_long;

    /// The kernel's name for the numbers of system calls.
    pub(crate) const NAME: u32 = 0xc000_003e;

    /// What a program with threads needs besides.
    pub(crate) const NEEDED: &[c_long] = &[libc::SYS_arch_prctl, libc::SYS_dup2, libc::SYS_poll];

    /// What no honest submission calls besides.
    pub(crate) const DANGEROUS: &[c_long] = &[libc::SYS_fork, libc::SYS_vfork];
}

/// Here libc makes newer calls in place of `dup2`, `poll` and `fork`: `dup3`, `ppoll` and `clone`.
#[cfg(target_arch = "aarch64")]
mod own {
    use libc::c_long;

    /// The kernel's name for the numbers of system calls.
    pub(crate) const NAME: u32 = 0xc000_00b7;

    /// What a program with threads needs besides.
    pub(crate) const NEEDED: &[c_long] = &[];

    /// What no honest submission calls besides.
    pub(crate) const DANGEROUS: &[c_long] = &[];
}
