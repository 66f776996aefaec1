//! The lock file of a workspace without the graders.

use std::collections::BTreeSet;

const PACKAGE: &str = "[[package]]\n";

/// Leaves out the graders' package, and all that nothing else needs.
pub(super) fn without_graders(lock: &str) -> String {
    let mut blocks = lock.split(PACKAGE);
    let head = blocks.next().unwrap_or_default();
    let packages: Vec<&str> = blocks.collect();
    let members = packages.iter().filter(|block| field(block, "source").is_none());
    let mut queue: Vec<&str> =
        members.copied().filter(|block| field(block, "name") != Some("grading")).collect();
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    while let Some(block) = queue.pop() {
        if kept.insert(block) {
            let needed = dependencies(block);
            queue.extend(needed.flat_map(|name| named(&packages, name)));
        }
    }
    let body = packages.iter().filter(|block| kept.contains(*block));
    let body: String = body.map(|block| format!("{PACKAGE}{block}")).collect();
    format!("{head}{}\n", body.trim_end())
}

/// A field of a package, such as its name.
fn field<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    let value = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
    Some(value.trim_matches('"'))
}

/// What a package needs: names, with a version where there are several.
fn dependencies(block: &str) -> impl Iterator<Item = &str> {
    let list = block.split_once("dependencies = [\n").map_or("", |(_, list)| list);
    let lines = list.lines().take_while(|line| *line != "]");
    lines.map(|line| line.trim().trim_matches([',', '"']))
}

fn named<'a>(packages: &[&'a str], reference: &str) -> Vec<&'a str> {
    let (name, version) = match reference.split_once(' ') {
        Some((name, version)) => (name, Some(version)),
        None => (reference, None),
    };
    let is_meant = |block: &&str| {
        field(block, "name") == Some(name)
            && version.is_none_or(|version| field(block, "version") == Some(version))
    };
    packages.iter().copied().filter(is_meant).collect()
}

#[cfg(test)]
mod tests {
    use super::without_graders;

    #[test]
    fn what_only_the_graders_need_goes() {
        let package = |name: &str, extra: &str, needs: &[&str]| {
            let list: String = needs.iter().map(|need| format!(" \"{need}\",\n")).collect();
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"1.0\"\n{extra}dependencies = [\n{list}]\n\n"
            )
        };
        let source = "source = \"registry\"\n";
        let all = [
            package("grading", "", &["shared", "zip"]),
            package("raft", "", &["shared"]),
            package("shared", source, &["deep 1.0"]),
            package("deep", source, &[]),
            package("zip", source, &[]),
        ];
        let lock = format!("version = 4\n\n{}", all.concat());
        let kept = [&all[1], &all[2], &all[3]].map(String::as_str).concat();
        assert_eq!(without_graders(&lock), format!("version = 4\n\n{}\n", kept.trim_end()));
    }
}
