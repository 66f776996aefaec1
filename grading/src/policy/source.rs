//! The tokens of the source.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Words that are refused wherever they stand, and why.
const WORDS: &[(&str, &str)] = &[
    ("unsafe", "unsafe code could get around every check"),
    ("extern", "foreign code could get around every check"),
    ("long_running_const_eval", "a constant that takes long takes for ever"),
    ("thread_local", "a thread-local outlives calls, and servers share nothing but messages"),
];

/// Macros that are refused, and why.
const MACROS: &[(&str, &str)] = &[
    ("include", "a submission is its own files"),
    ("include_str", "a submission is its own files"),
    ("include_bytes", "a submission is its own files"),
    ("env", "a server knows nothing of the environment"),
    ("option_env", "a server knows nothing of the environment"),
    ("asm", "assembly could get around every check"),
    ("global_asm", "assembly could get around every check"),
];

/// Looks for what a submission may not contain. Sees into macros, and not into comments and texts.
///
/// # Errors
///
/// What is refused, with file and line, and why.
pub(crate) fn check_source(path: &Path, text: &str) -> Result<(), String> {
    let refuse = |line: usize, what: &str, why: &str| {
        Err(format!("{}:{line}: {what} is not allowed: {why}", path.display()))
    };
    let tokens: TokenStream = match text.parse() {
        Ok(tokens) => tokens,
        // The compiler will say what is wrong, and better.
        Err(_) => return Ok(()),
    };
    // Not recursive: a hostile source nests as deep as it likes.
    let mut streams = vec![(tokens, false)];
    while let Some((stream, in_attribute)) = streams.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for (position, token) in tokens.iter().enumerate() {
            let before = position.checked_sub(1).and_then(|index| tokens.get(index));
            let after = tokens.get(position + 1);
            match token {
                TokenTree::Group(group) => {
                    let brackets = group.delimiter() == Delimiter::Bracket;
                    let begins = brackets && (is_punct(before, '#') || is_punct(before, '!'));
                    streams.push((group.stream(), in_attribute || begins));
                }
                TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    let word = word.to_string();
                    if word == "static" && !is_punct(before, '\'') {
                        let why = "all servers of a process would share it; use a constant, or a \
                                   field of your server";
                        return refuse(line, "a static", why);
                    }
                    if let Some((_, why)) = WORDS.iter().find(|(name, _)| *name == word) {
                        return refuse(line, &word, why);
                    }
                    let macros = MACROS.iter().find(|(name, _)| *name == word);
                    if let Some((_, why)) = macros.filter(|_| is_macro_name(before, after)) {
                        return refuse(line, &format!("{word}!"), why);
                    }
                    if in_attribute && word == "path" && is_punct(after, '=') {
                        return refuse(line, "#[path]", "a submission is its own files");
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    Ok(())
}

/// Called, or imported under another name.
fn is_macro_name(before: Option<&TokenTree>, after: Option<&TokenTree>) -> bool {
    let renamed = matches!(after, Some(TokenTree::Ident(word)) if word == "as");
    is_punct(after, '!') || renamed || (is_punct(before, ':') && is_punct(after, ';'))
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
    fn honest_code_is_let_through() {
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
    fn what_is_refused_is_named_with_its_line() {
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
    fn deep_nesting_is_no_trouble() {
        let text = "(".repeat(50_000) + &")".repeat(50_000);
        assert_eq!(complaint(&text), "");
    }
}
