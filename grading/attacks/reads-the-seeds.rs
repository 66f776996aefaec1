// Looks for the secret of the seeds in the memory and files of other processes.
// Graded: any

fn attack(_me: usize) {
    for process in 1..100 {
        for file in ["environ", "cmdline", "maps", "root/etc/passwd"] {
            println!("{:?}", std::fs::read_to_string(format!("/proc/{process}/{file}")));
        }
    }
}
