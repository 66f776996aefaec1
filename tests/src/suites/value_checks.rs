//! Checks of what a key holds.

use crate::harness::{Client, server_in_words, show_command};
use crate::runner::{Class, Failure, fail};

/// Fails the test unless a key holds `expected`: every value that was written to it, once and in order. `client` has
/// just got the answer `seen`.
pub(super) fn expect_value(key: &str, expected: &str, seen: &str, client: &Client) {
    if expected == seen {
        return;
    }
    let (expected, seen) = if values(expected).len().max(values(seen).len()) <= 1 {
        let expected_text = format!("a Get of key {key:?} is answered with {}", show(expected));
        (expected_text, format!("{} is {}", the_answer(client), show(seen)))
    } else {
        let expected_text =
            format!("a Get of key {key:?} is answered with each appended value once, in order");
        let acknowledged = |value: &str| acknowledgement(client, value);
        (
            expected_text,
            format!("in {}, {}", the_answer(client), difference(expected, seen, acknowledged)),
        )
    };
    fail(Failure::new(Class::Assertion, expected, seen));
}

/// Has a client read key `k`, and fails the test unless each of these was appended to it once.
pub(super) fn expect_each_once(client: &mut Client, appended: &[&str]) {
    let seen = client.get("k");
    for value in appended {
        let count = seen.matches(value).count();
        if count != 1 {
            fail(Failure::new(
                Class::Assertion,
                format!("{value:?} was appended once: servers recognize a repeated request"),
                format!(
                    "in {} to a Get of key \"k\", {value:?} {}",
                    the_answer(client),
                    appears(count)
                ),
            ));
        }
    }
}

/// The first thing that is wrong with the answer to a Get. `acknowledged` says who has acknowledged a value.
fn difference(expected: &str, seen: &str, acknowledged: impl Fn(&str) -> String) -> String {
    let (expected, seen) = (values(expected), values(seen));
    let count = |value: &str| seen.iter().filter(|other| **other == value).count();
    if let Some(value) = expected.iter().find(|value| count(value) > 1) {
        return format!("{} {}", show(value), appears(count(value)));
    }
    if let Some(value) = expected.iter().find(|value| count(value) == 0) {
        return format!(
            "{} is missing{}: it was lost, or the answer is from an older state",
            show(value),
            acknowledged(value)
        );
    }
    if let Some(value) = seen.iter().find(|value| !expected.contains(value)) {
        return format!(
            "there is {}: it was appended to another key, or replaced by a Put since",
            show(value)
        );
    }
    let mut pairs = expected.iter().zip(&seen);
    let (first, second) = pairs.find(|(left, right)| left != right).expect("the order differs");
    format!("{} comes before {}", show(second), show(first))
}

/// The last answer to a client, with the server that has given it.
pub(super) fn the_answer(client: &Client) -> String {
    let Some(server) = client.answerer() else {
        return "the answer".to_owned();
    };
    let restarted = client
        .answerer_restarted()
        .map(|ago| format!(", which restarted {:.1} s before", ago.as_secs_f64()));
    format!("the answer of {}{}", server_in_words(&server), restarted.unwrap_or_default())
}

/// Who has acknowledged a value and when, if that is known.
fn acknowledgement(client: &Client, value: &str) -> String {
    let Some((server, ago)) = client.acknowledgement(value) else {
        return String::new();
    };
    let ago = ago.as_secs_f64();
    format!(", which {} acknowledged {ago:.1} s before", server_in_words(&server))
}

/// The values in what a key holds. Tests end each value with a letter that occurs nowhere else in it.
fn values(text: &str) -> Vec<&str> {
    text.split_inclusive(['y', 'z']).collect()
}

fn show(value: &str) -> String {
    show_command(value.as_bytes())
}

fn appears(count: usize) -> String {
    match count {
        0 => "does not appear".to_owned(),
        1 => "appears once".to_owned(),
        2 => "appears twice".to_owned(),
        _ => format!("appears {count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::difference;

    const EXPECTED: &str = "x 8 1 yx 8 2 yx 8 3 y";

    #[test]
    fn repeated_value_is_named() {
        let seen = difference(EXPECTED, "x 8 1 yx 8 2 yx 8 1 yx 8 3 y", |_| String::new());
        assert_eq!(seen, r#""x 8 1 y" appears twice"#);
    }

    #[test]
    fn missing_value_is_named() {
        let seen = difference(EXPECTED, "x 8 1 yx 8 3 y", |_| ", which server 1 got".to_owned());
        assert_eq!(
            seen,
            "\"x 8 2 y\" is missing, which server 1 got: it was lost, or the answer is from an older state"
        );
    }

    #[test]
    fn only_value_can_be_repeated() {
        assert_eq!(
            difference("x 8 1 y", "x 8 1 yx 8 1 y", |_| String::new()),
            r#""x 8 1 y" appears twice"#
        );
    }

    #[test]
    fn unknown_value_is_named() {
        let seen = difference(EXPECTED, "x 8 1 yx 8 2 yx 7 2 yx 8 3 y", |_| String::new());
        assert_eq!(
            seen,
            "there is \"x 7 2 y\": it was appended to another key, or replaced by a Put since"
        );
    }

    #[test]
    fn wrong_order_is_named() {
        let seen = difference(EXPECTED, "x 8 2 yx 8 1 yx 8 3 y", |_| String::new());
        assert_eq!(seen, r#""x 8 2 y" comes before "x 8 1 y""#);
    }
}
