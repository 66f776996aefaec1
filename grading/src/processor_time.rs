//! How much processor time and memory a process and all that it has started use.

use std::collections::HashMap;
use std::time::Duration;

/// What the system says of one process.
struct Process {
    parent: u32,
    /// Clock ticks of the process itself, and of those it has started and waited for.
    ticks: u64,
    /// Pages of memory that it holds now.
    pages: u64,
}

/// What a process and all of its descendants use.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    /// The processor time, with that of the ended ones.
    pub(crate) processor: Duration,
    /// Bytes of memory. Pages that several share count several times.
    pub(crate) memory: u64,
}

/// The processor time of a process and all of its descendants, the ended ones included.
///
/// A descendant whose parents have all ended is missed if nobody below `root` has inherited it.
pub(crate) fn of_tree(root: u32) -> Duration {
    use_of_tree(root).processor
}

/// The same with the memory.
pub(crate) fn use_of_tree(root: u32) -> Use {
    let processes = read_all();
    let own = || processes.iter().filter(|(pid, _)| is_below(root, **pid, &processes));
    let ticks: u64 = own().map(|(_, process)| process.ticks).sum();
    let pages: u64 = own().map(|(_, process)| process.pages).sum();
    let ticks_per_second = rustix::param::clock_ticks_per_second() as f64;
    Use {
        processor: Duration::from_secs_f64(ticks as f64 / ticks_per_second),
        memory: pages.saturating_mul(rustix::param::page_size() as u64),
    }
}

/// The processes whose parent a process is.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let processes = read_all().into_iter();
    let own = processes.filter(|(_, process)| process.parent == parent);
    own.map(|(pid, _)| pid).collect()
}

fn is_below(root: u32, pid: u32, processes: &HashMap<u32, Process>) -> bool {
    let mut above = Some(pid);
    // The parents are read one after the other, so that they might form a ring.
    for _ in 0..=processes.len() {
        match above {
            Some(pid) if pid == root => return true,
            Some(pid) => above = processes.get(&pid).map(|process| process.parent),
            None => return false,
        }
    }
    false
}

fn read_all() -> HashMap<u32, Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return HashMap::new();
    };
    let process = |name: &str| {
        let pid: u32 = name.parse().ok()?;
        let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        Some((pid, parse(&String::from_utf8_lossy(&stat))?))
    };
    entries.filter_map(|entry| process(entry.ok()?.file_name().to_str()?)).collect()
}

/// Reads a line of `/proc/PID/stat`. The name in it, in brackets, may hold anything.
fn parse(stat: &str) -> Option<Process> {
    let (_, fields) = stat.rsplit_once(')')?;
    // The first field here is number 3 of proc(5).
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let ticks = [14, 15, 16, 17].into_iter().map(number).sum::<Option<u64>>()?;
    let pages = number(24).unwrap_or(0);
    Some(Process { parent: u32::try_from(number(4)?).ok()?, ticks, pages })
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::{of_tree, parse};

    #[test]
    fn a_name_cannot_pass_for_the_fields() {
        let line = "7 (a) R 9 9 9) S 3 7 7 0 -1 0 0 0 0 0 11 12 13 14 20 0 1 0 5";
        let process = parse(line).expect("the line is complete");
        assert_eq!((process.parent, process.ticks), (3, 50));
    }

    #[test]
    fn what_children_have_used_counts_after_their_end() {
        let busy = "i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done";
        let script = format!("sh -c '{busy}'; echo done; read end");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("there is a shell");
        let mut said = [0; 5];
        let mut output = child.stdout.take().expect("it is piped");
        output.read_exact(&mut said).expect("it says that it is done");
        let used = of_tree(child.id());
        child.kill().expect("it waits for its input");
        child.wait().expect("it was killed");
        assert!(used > Duration::ZERO);
        assert_eq!(of_tree(child.id()), Duration::ZERO);
    }
}
