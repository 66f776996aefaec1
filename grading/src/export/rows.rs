//! Which row of a course system's table is whose.

use std::collections::{BTreeMap, BTreeSet};

use super::class::{Member, key};
use super::table::Table;

/// What a course system says of a student, in a row of its table.
pub(super) struct RowKeys {
    /// The place of the row in the table.
    pub(super) row: usize,
    /// Its numbers, addresses and accounts; blank ones do not count.
    pub(super) keys: Vec<String>,
    /// The full name, in any order.
    pub(super) name: String,
}

/// The members with their rows.
pub(super) struct Found<'a> {
    pub(super) rows: Vec<(usize, Member<'a>)>,
    /// Those who are in no row.
    pub(super) missing: Vec<Member<'a>>,
}

/// Finds the row of each member: by the id or the address in the roster or, if it has neither, by the name of the
/// submission or by a full name that nobody else has.
///
/// # Errors
///
/// If a member fits several rows, or several members one row: a line for each problem.
pub(super) fn find<'a>(
    table: &Table,
    rows: &[RowKeys],
    members: &[Member<'a>],
) -> Result<Found<'a>, String> {
    let index = Index::of(rows, members);
    let mut found = Found { rows: Vec::new(), missing: Vec::new() };
    let mut owners: BTreeMap<usize, String> = BTreeMap::new();
    let mut problems = Vec::new();
    for member in members {
        let name = member.name();
        match Vec::from_iter(index.rows_of(member)).as_slice() {
            [] => found.missing.push(*member),
            [row] => {
                found.rows.push((*row, *member));
                if let Some(other) = owners.insert(*row, name.clone()) {
                    let Table { file, rows, .. } = table;
                    let line = rows[*row].line;
                    problems.push(format!(
                        "{file}, line {line}: it fits both {other} and {name}: correct their ids in the roster"
                    ));
                }
            }
            several => problems.push(fits_several(table, &name, several)),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems.join("\n")) }
}

fn fits_several(table: &Table, name: &str, rows: &[usize]) -> String {
    let lines: Vec<String> = rows.iter().map(|row| table.rows[*row].line.to_string()).collect();
    let (file, lines) = (&table.file, lines.join(" and "));
    format!("{file}: {name} fits the lines {lines}: give the roster an id that only one has")
}

/// Places of rows by text.
type Places = BTreeMap<String, Vec<usize>>;

/// The places of rows by what tells them apart.
struct Index {
    by_key: Places,
    /// By the part of an address before the `@`.
    by_account: Places,
    by_name: Places,
    /// The names that only one member has.
    unique_names: BTreeSet<String>,
}

impl Index {
    fn of(rows: &[RowKeys], members: &[Member<'_>]) -> Self {
        let keys = || rows.iter().flat_map(|row| row.keys.iter().map(|text| (key(text), row.row)));
        let accounts = keys().filter_map(|(key, row)| {
            key.split_once('@').map(|(account, _)| (account.to_owned(), row))
        });
        let names = members.iter().filter_map(Member::full_name).map(words);
        let names = places(names.map(|name| (name, 0)));
        let is_unique = |(name, same): (String, Vec<usize>)| (same.len() == 1).then_some(name);
        Index {
            by_key: places(keys()),
            by_account: places(accounts),
            by_name: places(rows.iter().map(|row| (words(&row.name), row.row))),
            unique_names: names.into_iter().filter_map(is_unique).collect(),
        }
    }

    fn rows_of(&self, member: &Member<'_>) -> BTreeSet<usize> {
        let ids = member.ids();
        if !ids.is_empty() {
            return look_up(&self.by_key, ids);
        }
        let name = member.full_name().map(words);
        let name = name.filter(|name| self.unique_names.contains(name));
        let found = [
            look_up(&self.by_key, member.names()),
            look_up(&self.by_account, member.names()),
            look_up(&self.by_name, name),
        ];
        found.into_iter().find(|rows| !rows.is_empty()).unwrap_or_default()
    }
}

fn places(keys: impl Iterator<Item = (String, usize)>) -> Places {
    let mut places = Places::new();
    for (key, place) in keys.filter(|(key, _)| !key.is_empty()) {
        places.entry(key).or_default().push(place);
    }
    places
}

fn look_up(places: &Places, keys: impl IntoIterator<Item = String>) -> BTreeSet<usize> {
    keys.into_iter().filter_map(|key| places.get(&key)).flatten().copied().collect()
}

/// The words of a name, in an order that does not depend on theirs.
fn words(name: &str) -> String {
    let name = name.to_lowercase();
    let words = name.split(|letter: char| letter.is_whitespace() || ",;".contains(letter));
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}
