//! Scenes of tests that chance keeps from their end in every run.

use std::collections::BTreeMap;

use crate::Unplayed;

/// With so many runs, a scene that none has come to the end of is hardly one that chance has prevented each time.
const ENOUGH_RUNS: u64 = 5;

/// The scenes of a test that no run has come to the end of.
#[derive(Debug, Clone, Default)]
pub struct NeverPlayed {
    runs: u64,
    /// Where each is written, and the step that was prevented last.
    scenes: BTreeMap<String, String>,
}

impl NeverPlayed {
    /// Adds a run that has passed.
    pub fn add(&mut self, unplayed: &[Unplayed]) {
        self.runs += 1;
        let in_run: BTreeMap<&str, &str> =
            unplayed.iter().map(|it| (it.scene.as_str(), it.step.as_str())).collect();
        if self.runs == 1 {
            let owned = in_run.into_iter().map(|(scene, step)| (scene.to_owned(), step.to_owned()));
            self.scenes = owned.collect();
        } else {
            self.scenes.retain(|scene, _| in_run.contains_key(scene.as_str()));
        }
    }

    /// A line for each scene of the test with this name, if there were enough runs to tell.
    fn lines(&self, test: &str) -> impl Iterator<Item = String> {
        let scenes = self.scenes.iter().filter(|_| self.runs >= ENOUGH_RUNS);
        scenes.map(move |(scene, step)| format!("  {test} at {scene}: that {step}"))
    }
}

/// Names the scenes that no run of these tests has come to the end of, below a sentence about them; empty if there are
/// none, or too few runs to tell.
pub fn never_played<'a>(
    tests: impl IntoIterator<Item = (&'a str, &'a NeverPlayed)>,
) -> Vec<String> {
    let scenes = tests.into_iter().flat_map(|(test, never_played)| never_played.lines(test));
    let mut lines: Vec<String> = scenes.collect();
    if !lines.is_empty() {
        let head = "scenes that no run has come to the end of, so that nothing of them was tested, with the step that \
                    was missing:";
        lines.insert(0, head.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unplayed(scenes: &[&str]) -> Vec<Unplayed> {
        let of =
            |scene: &&str| Unplayed { scene: (*scene).to_owned(), step: "one leads".to_owned() };
        scenes.iter().map(of).collect()
    }

    #[test]
    fn scene_that_no_run_has_played_is_named() {
        let mut scenes = NeverPlayed::default();
        for others in [&["a:1", "b:2"][..], &["b:2"], &["a:1", "b:2"], &["b:2", "c:3"]] {
            scenes.add(&unplayed(others));
        }
        assert!(never_played([("2A::x", &scenes)]).is_empty(), "there are too few runs");
        scenes.add(&unplayed(&["b:2"]));
        assert_eq!(never_played([("2A::x", &scenes)])[1..], ["  2A::x at b:2: that one leads"]);
        scenes.add(&[]);
        assert!(never_played([("2A::x", &scenes)]).is_empty());
    }
}
