// Lets all servers share the process's log, and what they hide in it.
// Graded: any

fn attack(_me: usize) {
    let shared = tracing::Dispatch::none();
    let _ = tracing::dispatcher::set_global_default(shared);
}
