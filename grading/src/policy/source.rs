//! The tokens of the source.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Words that are not allowed anywhere, and why.
const WORDS: &[(&str, &str)] = &[
    ("unsafe", "unsafe code could get around every check"),
    ("extern", "foreign code could get around every check"),
    ("long_running_const_eval", "evaluating such a constant could take forever"),
    ("thread_local", "a thread-local outlives calls, and servers share nothing but messages"),
];

/// Macros that are not allowed, and why.
const MACROS: &[(&str, &str)] = &[
    ("include", "a submission consists of its own files"),
    ("include_str", "a submission consists of its own files"),
    ("include_bytes", "a submission consists of its own files"),
    ("env", "a server does not read the environment"),
    ("option_env", "a server does not read the environment"),
    ("asm", "assembly could get around every check"),
    ("global_asm", "assembly could get around every check"),
];

/// Why statics are not allowed.
const NO_STATICS: &str =
    "all servers of a process would share it; use a constant, or a field of your server";

/// Looks for what a submission must not contain. Sees into macros, but not into comments and strings.
///
/// # Errors
///
/// What is not allowed, with file and line, and why.
pub(crate) fn check_source(path: &Path, text: &str) -> Result<(), String> {
    let tokens: TokenStream = match text.parse() {
        Ok(tokens) => tokens,
        // The compiler explains better what is wrong.
        Err(_) => return Ok(()),
    };
    // Not recursive, because a hostile source can nest very deeply.
    let mut streams = vec![(tokens, false)];
    while let Some((stream, in_attribute)) = streams.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for position in 0..tokens.len() {
            let place = Place { tokens: &tokens, position, in_attribute };
            if let TokenTree::Group(group) = &tokens[position] {
                let is_attribute = in_attribute || place.begins_attribute(group.delimiter());
                streams.push((group.stream(), is_attribute));
            }
            place
                .check()
                .map_err(|(line, problem)| format!("{}:{line}: {problem}", path.display()))?;
        }
    }
    Ok(())
}

/// A token among its neighbours.
struct Place<'a> {
    tokens: &'a [TokenTree],
    position: usize,
    in_attribute: bool,
}

impl Place<'_> {
    fn before(&self) -> Option<&TokenTree> {
        self.position.checked_sub(1).and_then(|index| self.tokens.get(index))
    }

    fn after(&self) -> Option<&TokenTree> {
        self.tokens.get(self.position + 1)
    }

    fn begins_attribute(&self, delimiter: Delimiter) -> bool {
        let before = self.before();
        delimiter == Delimiter::Bracket && (is_punct(before, '#') || is_punct(before, '!'))
    }

    /// Checks that the token is allowed here. The error is a line, and what is not allowed on it.
    fn check(&self) -> Result<(), (usize, String)> {
        let TokenTree::Ident(ident) = &self.tokens[self.position] else {
            return Ok(());
        };
        let word = ident.to_string();
        let refuse = |what: &str, why: &str| {
            Err((ident.span().start().line, format!("{what} is not allowed: {why}")))
        };
        if word == "static" && !is_punct(self.before(), '\'') {
            return refuse("a static", NO_STATICS);
        }
        if let Some(why) = reason(WORDS, &word) {
            return refuse(&word, why);
        }
        if let Some(why) = reason(MACROS, &word).filter(|_| self.is_macro_name()) {
            return refuse(&format!("{word}!"), why);
        }
        if self.in_attribute && word == "path" && is_punct(self.after(), '=') {
            return refuse("#[path]", "a submission consists of its own files");
        }
        Ok(())
    }

    /// Whether a macro is called here, or imported under another name.
    fn is_macro_name(&self) -> bool {
        let (before, after) = (self.before(), self.after());
        let renamed = matches!(after, Some(TokenTree::Ident(word)) if word == "as");
        is_punct(after, '!') || renamed || (is_punct(before, ':') && is_punct(after, ';'))
    }
}

fn reason<'a>(refused: &[(&str, &'a str)], word: &str) -> Option<&'a str> {
    refused.iter().find(|(name, _)| *name == word).map(|(_, why)| *why)
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::check_source;

    fn complaint(text: &str) -> String {
        check_source(Path::new("raft.rs"), text).err().unwrap_or_default()
    }

    #[test]
    fn honest_code_is_accepted() {
        for text in [
            "fn f(x: &'static str) -> impl Fn() + 'static { move || println!(\"static unsafe {x}\") }",
            "// static mut X: u8 = 0;\nconst X: u8 = 0;",
            "#[serde(with = \"serde_bytes\")] struct S { env: u8, include: bool }",
            "fn f(path: u8) { let path = path; }",
        ] {
            assert_eq!(complaint(text), "");
        }
    }

    #[test]
    fn what_is_not_allowed_is_named_with_its_line() {
        for (text, start) in [
            ("\nstatic X: u8 = 0;", "raft.rs:2: a static is not allowed"),
            ("macro_rules! m { () => { static X: u8 = 0; } }", "raft.rs:1: a static"),
            ("use std::thread_local as t;", "raft.rs:1: thread_local"),
            ("fn f() { unsafe { g() } }", "raft.rs:1: unsafe"),
            ("const X: &str = include_str!(\"/etc/passwd\");", "raft.rs:1: include_str!"),
            ("use std::include_str as x;", "raft.rs:1: include_str!"),
            ("#[path = \"/etc/x.rs\"] mod x;", "raft.rs:1: #[path]"),
            ("#[cfg_attr(all(), path = \"/etc/x.rs\")] mod x;", "raft.rs:1: #[path]"),
            ("const X: Option<&str> = std::option_env!(\"HOME\");", "raft.rs:1: option_env!"),
            ("extern crate libc;", "raft.rs:1: extern"),
        ] {
            assert!(complaint(text).starts_with(start), "{text}: {}", complaint(text));
        }
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        let text = "(".repeat(50_000) + &")".repeat(50_000);
        assert_eq!(complaint(&text), "");
    }
}
