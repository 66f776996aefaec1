//! What all pages have in common.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// The style of all pages, as it stands in each of them.
pub(super) const STYLE: &str = include_str!("../../templates/style.css");

/// What a page may load and run, for its `Content-Security-Policy`: its style, its script if it has one, and nothing
/// from anywhere else. So a text that got past our escaping could still do nothing.
pub(super) fn policy(script: Option<&str>) -> String {
    let script = script.map(|script| format!("script-src {}; ", hash(script)));
    format!(
        "default-src 'none'; {}style-src {}; base-uri 'none'; form-action 'none'",
        script.unwrap_or_default(),
        hash(STYLE)
    )
}

/// How a policy names a text within a page.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}
