//! The script of the page, joined from its files.

/// Joins files into one script. They share one scope, and run in this order: at once a file may only use what
/// an earlier one defines, in its functions also what a later one does.
macro_rules! join {
    ($($file:literal)*) => {
        concat!("(() => {\n\"use strict\";\n", $(include_str!(concat!("js/", $file, ".js")), "\n",)* "})();\n")
    };
}

/// The whole script.
pub(super) const SCRIPT: &str = join!(
    "model" "messages" "spans" "words" "filter" "layout" "theme" "marks" "arrows" "lanes" "draw"
    "overview" "view" "selection" "links" "folds" "details" "list" "search" "legend" "controls" "keys"
    "print" "timeline" "main"
);
