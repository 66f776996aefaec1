// Has a macro make the static.
// Graded: any

macro_rules! share {
    ($keyword:tt $name:ident) => { $keyword $name: std::sync::OnceLock<usize> = std::sync::OnceLock::new(); };
}
share!(static SHARED);

fn attack(me: usize) {
    SHARED.get_or_init(|| me);
}
