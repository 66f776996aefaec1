//! Checks the colours of the style sheet: words can be read on each of its grounds.

use std::collections::HashMap;

use super::STYLE;

type Colours<'a> = HashMap<&'a str, [f64; 3]>;

/// The colours that the rule at this place of the style sheet defines.
fn colours(rule: &str) -> Colours<'_> {
    let rule = rule.split_once('}').map_or(rule, |(rule, _)| rule);
    let pairs = rule.split(';').filter_map(|pair| pair.split_once(':'));
    pairs
        .filter_map(|(name, value)| Some((name.trim().strip_prefix("--")?, parse(value)?)))
        .collect()
}

fn parse(value: &str) -> Option<[f64; 3]> {
    let number = u32::from_str_radix(value.trim().strip_prefix('#')?, 16).ok()?;
    let part = |shift: u32| f64::from((number >> shift) & 255) / 255.0;
    Some([part(16), part(8), part(0)])
}

/// The relative luminance of the Web Content Accessibility Guidelines.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |part: f64| match part {
        part if part <= 0.04045 => part / 12.92,
        part => ((part + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

/// Level AA of the guidelines: 4.5 for words, 3 for marks.
#[test]
fn words_and_marks_stand_out_in_light_and_dark() {
    let mut rules = STYLE.split(":root {").skip(1);
    for theme in ["light", "dark"] {
        let colours = colours(rules.next().expect(theme));
        for ground in ["paper", "panel", "band0", "band1", "band2", "band3"] {
            let against = |ink: &str| contrast(colours[ink], colours[ground]);
            for ink in [
                "ink",
                "muted",
                "votes",
                "appends",
                "snapshots",
                "others",
                "leads",
                "lost",
                "failure",
            ] {
                assert!(against(ink) >= 4.5, "{theme}: {ink} on {ground}: {:.2}", against(ink));
            }
            for mark in ["held", "found"] {
                assert!(against(mark) >= 3.0, "{theme}: {mark} on {ground}: {:.2}", against(mark));
            }
        }
        let failure = contrast(colours["failure"], colours["failure-paper"]);
        assert!(failure >= 4.5, "{theme}: {failure:.2}");
    }
}
