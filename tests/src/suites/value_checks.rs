//! Checks of what a key holds.

use std::time::Duration;

use crate::harness::{Client, describe_answer, server_in_words, show_command};
use crate::runner::{Class, Failure, fail};

/// Fails the test unless a key holds `expected`: every value that was written to it, once and in order. `client` has
/// just got the answer `seen`.
pub(super) fn expect_value(key: &str, expected: &str, seen: &str, client: &Client) {
    if expected == seen {
        return;
    }
    let answer = the_answer(client);
    let (expected, seen) = if values(expected).len().max(values(seen).len()) <= 1 {
        let about = about(client, key, expected);
        let expected_text =
            format!("a Get of key {key:?} is answered with {}{about}", show(expected));
        let lost = lost(client, key, expected, &[seen]);
        (expected_text, format!("{answer} is {}{lost}", show(seen)))
    } else {
        let expected_text =
            format!("a Get of key {key:?} is answered with each appended value once, in order");
        let difference = difference(
            expected,
            seen,
            |value| about(client, key, value),
            |value| lost(client, key, value, &values(seen)),
            |value| client.repeats(value) + &restarted_since(client, key, value),
        );
        (expected_text, format!("in {answer}, {difference}"))
    };
    let owner = client.explain_owner(key);
    let owner = owner.map_or_else(String::new, |owner| format!("; the key is in {owner}"));
    fail(Failure::new(Class::Assertion, expected, format!("{seen}{owner}")));
}

/// Fails the test unless a key holds what was put, and what was appended to it before the clerk repeated the Put.
pub(super) fn expect_put_once(key: &str, put: &str, appended: &str, client: &mut Client) {
    let seen = client.get(key);
    if seen == put {
        fail(Failure::new(
            Class::Assertion,
            format!(
                "a Put of {} has no second effect when its clerk repeats it: servers recognize a repeated request, also a \
                 leader that has applied nothing when it comes",
                show(put)
            ),
            format!(
                "{} is {}, and {}{}, is missing{}",
                the_answer(client),
                show(put),
                show(appended),
                about(client, key, appended),
                client.repeats(put)
            ),
        ));
    }
    expect_value(key, &format!("{put}{appended}"), &seen, client);
}

/// Has a client read key `k`, and fails the test unless each of these was appended to it once.
pub(super) fn expect_each_once(client: &mut Client, appended: &[&str]) {
    expect_once(client, appended, "servers recognize a repeated request");
}

/// The same after servers have got their state from snapshots.
pub(super) fn expect_each_once_by_snapshot(client: &mut Client, appended: &[&str]) {
    let rule = "servers recognize a repeated request, also after a snapshot, which tells them of all clerks";
    expect_once(client, appended, rule);
}

fn expect_once(client: &mut Client, appended: &[&str], repeated: &str) {
    let seen = client.get("k");
    for value in appended {
        let count = seen.matches(value).count();
        if count != 1 {
            let reason = match count {
                0 => {
                    "an Append is answered when it was applied itself, and not another request at its place in the log"
                }
                _ => repeated,
            };
            fail(Failure::new(
                Class::Assertion,
                format!("{value:?} was appended once: {reason}"),
                format!(
                    "for a Get of key \"k\", {value:?} {} in {}",
                    appears(count),
                    the_answer(client)
                ),
            ));
        }
    }
}

/// The first thing that is wrong with the answer to a Get. `about` says who knew of a value that is missing, `lost`
/// what else is known of it, and `repeated` what is known of one that is there twice.
fn difference(
    expected: &str,
    seen: &str,
    about: impl Fn(&str) -> String,
    lost: impl Fn(&str) -> String,
    repeated: impl Fn(&str) -> String,
) -> String {
    let (expected, seen) = (values(expected), values(seen));
    let count = |value: &str| seen.iter().filter(|other| **other == value).count();
    if let Some(value) = expected.iter().find(|value| count(value) > 1) {
        return format!("{} {}{}", show(value), appears(count(value)), repeated(value));
    }
    if let Some(at) = expected.iter().position(|value| count(value) == 0) {
        let (value, later) = (expected[at], &expected[at + 1..]);
        let mut about = about(value);
        if !about.is_empty() {
            about.push(',');
        }
        let rest = match later.iter().find(|value| count(value) > 0) {
            Some(later) => format!("; {}, which was written later, is there", show(later)),
            None if later.is_empty() => "; it was written last".to_owned(),
            None => "; so is all that was written later: it is an old value, or these writes have had no effect".to_owned(),
        };
        return format!("{}{about} is missing{rest}{}", show(value), lost(value));
    }
    if let Some(value) = seen.iter().find(|value| !expected.contains(value)) {
        return format!(
            "there is {}: it was appended to another key, or before the last Put, which has had no effect",
            show(value)
        );
    }
    let mut pairs = expected.iter().zip(&seen);
    let (first, second) = pairs.find(|(left, right)| left != right).expect("the order differs");
    format!("{} comes before {}", show(second), show(first))
}

/// The last answer to a client, with the server that has given it.
pub(super) fn the_answer(client: &Client) -> String {
    describe_answer(client.answerer().as_deref())
}

/// After a semicolon: how a value that is missing in the last answer may have been lost. `others` are not missing.
fn lost(client: &Client, key: &str, value: &str, others: &[&str]) -> String {
    let unreplicated = client.describe_unreplicated(value, others);
    if !unreplicated.is_empty() {
        return unreplicated.to_owned();
    }
    let attempt = client.lost_attempt().map_or_else(String::new, |(server, ago)| {
        format!(
            "; the same Get had reached {} {:.1} s before, and no reply came from there",
            server_in_words(&server),
            ago.as_secs_f64()
        )
    });
    attempt + &restarted_since(client, key, value) + &client.describe_place(value)
}

/// After a semicolon: when the server that has given the last answer restarted, unless that was before a value was
/// acknowledged. It may have lost what was acknowledged earlier.
fn restarted_since(client: &Client, key: &str, value: &str) -> String {
    let acknowledged = client.acknowledgement(key, value).map(|(_, ago)| ago);
    match client.answerer_restarted() {
        Some(ago) if acknowledged.is_none_or(|acknowledged| ago < acknowledged) => {
            format!("; that server restarted {:.1} s before", ago.as_secs_f64())
        }
        _ => String::new(),
    }
}

/// After a comma: who has acknowledged a value, who has answered a Get of the key with it, and when; as far as that is
/// known.
pub(super) fn about(client: &Client, key: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let told = |what: &str, known: Option<(String, Duration)>| {
        let (server, ago) = known?;
        let ago = ago.as_secs_f64();
        Some(format!("which {} {what} {ago:.1} s before", server_in_words(&server)))
    };
    let acknowledged = told("acknowledged", client.acknowledgement(key, value));
    let is_such = |seen: &str| seen == value || values(seen).contains(&value);
    let read = told("answered a Get with", client.reading(key, is_such));
    let known: Vec<String> = acknowledged.into_iter().chain(read).collect();
    if known.is_empty() { String::new() } else { format!(", {}", known.join(" and ")) }
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

    fn nothing(_: &str) -> String {
        String::new()
    }

    const EXPECTED: &str = "x 8 1 yx 8 2 yx 8 3 y";

    #[test]
    fn repeated_value_is_named() {
        let seen = difference(EXPECTED, "x 8 1 yx 8 2 yx 8 1 yx 8 3 y", nothing, nothing, nothing);
        assert_eq!(seen, r#""x 8 1 y" appears twice"#);
    }

    #[test]
    fn missing_value_is_named() {
        let seen = difference(
            EXPECTED,
            "x 8 1 yx 8 3 y",
            |_| ", which server 1 got".to_owned(),
            nothing,
            nothing,
        );
        assert_eq!(
            seen,
            r#""x 8 2 y", which server 1 got, is missing; "x 8 3 y", which was written later, is there"#
        );
    }

    #[test]
    fn all_that_is_missing_at_the_end_is_told() {
        let seen = difference(EXPECTED, "x 8 1 y", nothing, nothing, nothing);
        assert_eq!(
            seen,
            r#""x 8 2 y" is missing; so is all that was written later: it is an old value, or these writes have had no effect"#
        );
        let seen = difference(EXPECTED, "x 8 1 yx 8 2 y", nothing, nothing, nothing);
        assert_eq!(seen, r#""x 8 3 y" is missing; it was written last"#);
    }

    #[test]
    fn only_value_can_be_repeated() {
        assert_eq!(
            difference("x 8 1 y", "x 8 1 yx 8 1 y", nothing, nothing, |_| "; so".to_owned()),
            r#""x 8 1 y" appears twice; so"#
        );
    }

    #[test]
    fn unknown_value_is_named() {
        let seen = difference(EXPECTED, "x 8 1 yx 8 2 yx 7 2 yx 8 3 y", nothing, nothing, nothing);
        assert_eq!(
            seen,
            "there is \"x 7 2 y\": it was appended to another key, or before the last Put, which has had no effect"
        );
    }

    #[test]
    fn wrong_order_is_named() {
        let seen = difference(EXPECTED, "x 8 2 yx 8 1 yx 8 3 y", nothing, nothing, nothing);
        assert_eq!(seen, r#""x 8 2 y" comes before "x 8 1 y""#);
    }
}
