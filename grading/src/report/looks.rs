//! What the pages look like, as far as the rules for accessible pages (WCAG 2.2, AA) can be computed.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::Seeds;
use super::page::STYLE;
use super::tests::written;

/// The colours of text.
const TEXT: &[&str] = &["ink", "soft", "ok", "flaky", "failed", "skipped"];

/// The colours of bars, of the focus, and of the edges of controls.
const SHAPES: &[&str] = &["bar", "edge", "ok", "flaky", "failed"];

/// The colours of the light theme, and those of the dark one.
fn themes() -> [BTreeMap<&'static str, [f64; 3]>; 2] {
    let (light, dark) = STYLE.split_once("prefers-color-scheme: dark").expect("there is one");
    [light, dark].map(|theme| theme.split([';', '{', '}']).filter_map(colour).collect())
}

/// The name and value of a colour that is declared so, such as `--ink: #22262b`.
fn colour(declaration: &str) -> Option<(&str, [f64; 3])> {
    let (name, value) = declaration.trim().strip_prefix("--")?.split_once(": #")?;
    let part = |start| u8::from_str_radix(value.get(start..start + 2)?, 16).ok();
    Some((name, [part(0)?, part(2)?, part(4)?].map(|part| f64::from(part) / 255.0)))
}

/// The contrast of two colours as WCAG defines it, from 1 to 21.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |part: f64| match part {
        dark if dark <= 0.04045 => dark / 12.92,
        bright => ((bright + 0.055) / 1.055).powf(2.4),
    };
    let luminance = |colour: [f64; 3]| {
        let [red, green, blue] = colour.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[test]
fn contrast_is_that_of_the_rules() {
    let grey = |part: f64| [part / 255.0; 3];
    assert!((contrast(grey(0.0), grey(255.0)) - 21.0).abs() < 1e-9);
    // The darkest grey on white that passes.
    assert!(contrast(grey(118.0), grey(255.0)) > 4.5 && contrast(grey(119.0), grey(255.0)) < 4.5);
}

#[test]
fn text_and_shapes_stand_out_in_both_themes() {
    for theme in themes() {
        for (names, least) in [(TEXT, 4.5), (SHAPES, 3.0)] {
            for (name, background) in
                names.iter().flat_map(|name| ["page", "card"].map(|back| (name, back)))
            {
                let found = contrast(theme[name], theme[background]);
                assert!(found >= least, "{name} on {background}: {found:.2} in {theme:?}");
            }
        }
    }
}

/// Otherwise the contrast of the text is not known.
#[test]
fn text_has_no_other_colours() {
    for declaration in STYLE.split([';', '{', '}']) {
        let known = match declaration.trim().split_once(": ") {
            Some(("color", value)) => (value, TEXT),
            Some(("background", value)) => (value, &["page", "card"][..]),
            _ => continue,
        };
        let variable = known.0.strip_prefix("var(--").and_then(|rest| rest.strip_suffix(')'));
        let is_known = variable
            .map_or(matches!(known.0, "inherit" | "none"), |variable| known.1.contains(&variable));
        assert!(is_known, "the contrast of this is not checked: {declaration}");
    }
    assert!(!STYLE.contains("opacity"));
}

#[test]
fn pages_can_be_read_without_seeing_them() {
    let (_guard, folder) = written(Seeds::Revealed);
    for page in ["dashboard.html", "students/flaky/feedback.html", "students/cheat/feedback.html"] {
        let text = std::fs::read_to_string(folder.join(page)).expect("it is there");
        assert!(text.contains("<html lang=\"en\">") && text.contains("<main>"), "{page}");
        let count = |part: &str| text.matches(part).count();
        assert_eq!(count("<th "), count("<th scope=\""), "{page}: a head without a scope");
        assert_eq!(count("<th>"), 0, "{page}: a head without a scope");
        assert_eq!(count("<table"), count("<caption id="), "{page}: a table without a caption");
        assert_eq!(count("class=\"wide\""), count("<table"), "{page}: what scrolls the page");
        let reached = count("class=\"wide\"") + count("<pre");
        assert_eq!(count("tabindex=\"0\""), reached, "{page}: what scrolls is reached by keyboard");
        assert_eq!(count("<h1>"), 1, "{page}");
        assert_eq!(count(" title=\"") + count(" style=\""), 0, "{page}");
    }
}

/// A browser runs nothing but the script of the page, and asks nobody for anything.
#[test]
fn pages_load_nothing() {
    let (_guard, folder) = written(Seeds::Revealed);
    for (page, scripts) in [("dashboard.html", 1), ("students/flaky/feedback.html", 0)] {
        let text = std::fs::read_to_string(folder.join(page)).expect("it is there");
        assert!(text.contains("content=\"default-src &#39;none&#39;; "), "{page}: {text}");
        assert!(text.contains("style-src &#39;sha256-") && !text.contains("unsafe"), "{page}");
        assert_eq!(text.matches("script-src &#39;sha256-").count(), scripts, "{page}");
        assert_eq!(text.matches("<script>").count(), scripts, "{page}");
        for element in ["style", "script"] {
            let inside = text.split(&format!("<{element}>")).nth(1);
            let inside = inside.and_then(|rest| rest.split(&format!("</{element}>")).next());
            let hash = inside.map(|text| BASE64_STANDARD.encode(Sha256::digest(text)));
            assert!(hash.is_none_or(|hash| text.contains(&hash)), "{page}: {element}");
        }
        for part in ["http://", "https://", " src=\"", "url(", "@import", "<link", " onclick"] {
            assert!(!text.contains(part), "{page}: {part}");
        }
    }
}
