//! Which tests are selected.

use crate::case::Case;

/// Selects tests by their names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// A test is selected if one of these is part of its name; without any, all tests are but optional ones.
    pub(crate) filters: Vec<String>,
    /// A test with one of these in its name is left out.
    pub(crate) skip: Vec<String>,
    /// Whether filters and skips are whole names.
    pub(crate) exact: bool,
}

impl Selection {
    /// The selected tests; perhaps none.
    pub(crate) fn apply(&self, cases: &[Case]) -> Vec<Case> {
        let matches = |name: &str, pattern: &String| {
            if self.exact { name == pattern } else { name.contains(pattern.as_str()) }
        };
        let is_selected = |case: &&Case| {
            let name = case.id();
            let is_named = self.filters.iter().any(|filter| matches(&name, filter));
            (is_named || self.filters.is_empty() && !case.optional)
                && !self.skip.iter().any(|skip| matches(&name, skip))
        };
        cases.iter().filter(is_selected).copied().collect()
    }

    /// The selected tests.
    ///
    /// # Errors
    ///
    /// If there are none.
    pub(crate) fn select(&self, cases: &[Case]) -> Result<Vec<Case>, String> {
        let selected = self.apply(cases);
        if selected.is_empty() { Err(self.nothing_matches(cases)) } else { Ok(selected) }
    }

    /// The only test with this name, or with this in its name.
    ///
    /// # Errors
    ///
    /// If there is none, or more than one.
    pub(crate) fn only(name: &str, cases: &[Case]) -> Result<Case, String> {
        let filters = vec![name.to_owned()];
        let selection = Selection { exact: name.contains("::"), filters, skip: Vec::new() };
        match selection.select(cases)?[..] {
            [case] => Ok(case),
            _ => Err(format!("\"{name}\" is the name of several tests: write all of it")),
        }
    }

    /// Says that no test is selected, and which stages there are.
    pub(crate) fn nothing_matches(&self, cases: &[Case]) -> String {
        let mut stages: Vec<&str> = cases.iter().map(|case| case.stage).collect();
        stages.dedup();
        let filters = self.filters.join("\", \"");
        format!(
            "no test matches \"{filters}\"; the stages are {}\n`cargo lab list` lists all tests",
            stages.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Selection;
    use crate::case::Case;

    #[test]
    fn an_optional_test_is_selected_only_if_it_is_named() {
        let case = |stage, optional| Case {
            stage,
            name: "works",
            title: "",
            limit: Duration::from_secs(1),
            optional,
            run: |_| unreachable!("nothing is run"),
        };
        let cases = [case("0A", false), case("0B", true)];
        let selected = |filters: &[&str]| -> Vec<&str> {
            let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
            let selection = Selection { filters, ..Selection::default() };
            selection.apply(&cases).iter().map(|case| case.stage).collect()
        };
        assert_eq!(selected(&[]), ["0A"]);
        assert_eq!(selected(&["0B"]), ["0B"]);
        assert_eq!(selected(&["works"]), ["0A", "0B"]);
    }
}
