// Sets a log of its own for the whole process, whose lines end it.
// Graded: any

struct Ender;

impl tracing::Subscriber for Ender {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        std::process::exit(0)
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let _ = tracing::dispatcher::set_global_default(tracing::Dispatch::new(Ender));
        tracing::callsite::rebuild_interest_cache();
    }
}
