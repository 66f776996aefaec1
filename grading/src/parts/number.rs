//! Which part of a grading.

use std::fmt;
use std::str::FromStr;

/// The most parts that a grading can have.
pub(crate) const MOST_PARTS: u16 = 1_000;

/// A part of a grading, such as 3/16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartNumber {
    /// From 1 on.
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl FromStr for PartNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| {
            Some(PartNumber { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        match numbers {
            Some(part)
                if (1..=MOST_PARTS.into()).contains(&part.of)
                    && (1..=part.of).contains(&part.number) =>
            {
                Ok(part)
            }
            Some(PartNumber { of, .. }) if (1..=MOST_PARTS.into()).contains(&of) => {
                Err(format!("the parts have the numbers 1 to {of}"))
            }
            Some(_) => Err(format!("a grading has 1 to {MOST_PARTS} parts")),
            None => {
                Err("write the number of the part and how many there are, such as 3/16".to_owned())
            }
        }
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

/// Numbers as clusters write them: `3,17-19`.
pub(crate) fn list(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let show = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    ranges.iter().map(show).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{PartNumber, list};

    #[test]
    fn a_part_has_a_number_among_all() {
        assert_eq!("3/16".parse(), Ok(PartNumber { number: 3, of: 16 }));
        for text in
            ["", "3", "3/", "0/4", "5/4", "-1/4", "1/0", "1/1001", "1/2/3", "a/b", "1/99999999999"]
        {
            assert!(text.parse::<PartNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn neighbours_are_listed_as_ranges() {
        assert_eq!(list(&[]), "");
        assert_eq!(list(&[3, 17, 18, 19]), "3,17-19");
        assert_eq!(list(&[1, 2, 4]), "1-2,4");
    }
}
