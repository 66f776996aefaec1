//! Text that somebody else has written: names of students and files, the compiler's messages, whatever
//! students' code says.

use std::fmt::{self, Display, Write};

use askama::filters::{Html as Escaper, HtmlSafe, escape};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};

/// A text that somebody else has written. It cannot be printed as it is: each place that shows it asks for
/// the form in which nothing in it has a meaning there.
///
/// All forms show control characters, and all others that move, hide or reorder what is around them, as
/// escapes such as `\u{1b}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Foreign(String);

/// Text that is part of a page of HTML as it is.
pub(crate) struct Html(String);

impl Foreign {
    /// A text from elsewhere.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Foreign(text.into())
    }

    /// Bytes that should be text. Those that are not are shown as escapes such as `\xff`.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = String::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| {
                // Writing to a string never fails.
                let _ = write!(text, "\\x{byte:02x}");
            });
        }
        Foreign(text)
    }

    /// The text itself, to look at and not to show.
    pub(crate) fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In one line for a terminal, and for sentences that end up on one.
    pub(crate) fn line(&self) -> String {
        self.0.chars().fold(String::new(), push_visible)
    }

    /// In as many lines as it has, for a terminal, JSON and databases.
    pub(crate) fn lines(&self) -> String {
        let text = self.0.replace("\r\n", "\n");
        let show = |shown: String, letter| match letter {
            '\n' | '\t' => shown + letter.encode_utf8(&mut [0; 4]),
            letter => push_visible(shown, letter),
        };
        text.chars().fold(String::new(), show)
    }

    /// In one line of HTML.
    pub(crate) fn html(&self) -> Html {
        Html::escaping(&self.line())
    }

    /// In as many lines as it has, for an element of HTML that keeps them.
    pub(crate) fn html_lines(&self) -> Html {
        Html::escaping(&self.lines())
    }

    /// In one line within a paragraph or heading of Markdown: as code, unless it is a few plain words.
    pub(crate) fn markdown(&self) -> String {
        let line = self.line();
        let is_plain = line.starts_with(char::is_alphanumeric)
            && line.ends_with(char::is_alphanumeric)
            && line.chars().all(|letter| letter.is_alphanumeric() || " -_,".contains(letter));
        if is_plain {
            return line;
        }
        let fence = "`".repeat(longest_fence(&line) + 1);
        // A blank keeps a grave accent at the end apart from the fence, and is not shown.
        format!("{fence} {line} {fence}")
    }

    /// As a block of code in Markdown. The fence is longer than any in the text, so that the text cannot
    /// close it.
    pub(crate) fn markdown_block(&self) -> String {
        let text = self.lines();
        let fence = "`".repeat(longest_fence(&text).max(2) + 1);
        format!("\n{fence}text\n{}\n{fence}\n", text.trim_end())
    }

    /// As one segment of the path of a URL. It must not be `.` or `..`, which no encoding makes a name.
    pub(crate) fn url_segment(&self) -> String {
        utf8_percent_encode(&self.0, NON_ALPHANUMERIC).to_string()
    }

    /// In one line for a library that writes XML and escapes what XML reserves.
    pub(crate) fn xml(&self) -> String {
        self.line()
    }

    /// As a cell of a table that a spreadsheet opens: an apostrophe keeps it from being a formula, wherever
    /// the spreadsheet splits cells and whatever it drops at their start.
    pub(crate) fn csv(&self) -> String {
        let mut cell = String::new();
        let mut at_start = true;
        for letter in self.line().chars() {
            if at_start
                && "=+-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}\u{2212}\u{fe62}\u{fe63}".contains(letter)
            {
                cell.push('\'');
            }
            at_start = match letter {
                ',' | ';' => true,
                letter => at_start && (letter.is_whitespace() || "'\"`".contains(letter)),
            };
            cell.push(letter);
        }
        cell
    }
}

impl From<&str> for Foreign {
    fn from(text: &str) -> Self {
        Foreign::new(text)
    }
}

impl Serialize for Foreign {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.lines())
    }
}

impl Html {
    fn escaping(text: &str) -> Self {
        match escape(text, Escaper) {
            Ok(escaped) => Html(escaped.to_string()),
            Err(never) => match never {},
        }
    }
}

impl Display for Html {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

fn push_visible(mut text: String, letter: char) -> String {
    if is_visible(letter) {
        text.push(letter);
    } else {
        text.extend(letter.escape_default());
    }
    text
}

/// JSON in which all characters that are not shown are written as escapes of JSON. It means the same.
pub(crate) fn visible_json(json: &str) -> String {
    json.chars().fold(String::new(), |mut text, letter| {
        if letter == '\n' || is_visible(letter) {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a string never fails.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
        text
    })
}

/// Whether a character is seen where it stands and nowhere else. Combining accents are, after their letter.
fn is_visible(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    // The standard library escapes what has no look of its own. It would also escape an accent that comes
    // first, so a letter comes before it.
    let text = String::from_iter(['x', letter]);
    text.escape_debug().count() == 2
}

/// The length of the longest run of grave accents.
fn longest_fence(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Foreign, visible_json};

    /// An escape sequence, a title of a window, an override of the direction, and what ends a line.
    const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}1m\u{202e}\u{2066}\u{200b}\u{feff}\r\u{2028}\0\u{7f}\u{ffff}";

    #[test]
    fn nothing_invisible_remains_in_any_form() {
        let text = Foreign::new(format!("a{HOSTILE}b"));
        let forms = [
            text.line(),
            text.lines(),
            text.html().to_string(),
            text.html_lines().to_string(),
            text.markdown(),
            text.markdown_block(),
            text.xml(),
            text.csv(),
            serde_json::to_string(&text).expect("a text is JSON"),
        ];
        for form in forms {
            let left: Vec<char> =
                HOSTILE.chars().filter(|letter| !letter.is_ascii_graphic()).collect();
            assert!(!form.contains(left.as_slice()), "{form:?}");
            assert!(form.contains("\\u{1b}") || form.contains("\\\\u{1b}"), "{form:?}");
        }
    }

    #[test]
    fn honest_text_is_shown_as_it_is() {
        for text in ["Müller", "Mu\u{308}ller", "李四", "O'Brien-Smith", "Ναυσικά", "नमस्ते"]
        {
            let foreign = Foreign::new(text);
            assert_eq!(foreign.line(), text);
            assert_eq!(foreign.csv(), text);
        }
        assert_eq!(Foreign::new("a\r\nb\n\tc").lines(), "a\nb\n\tc");
        assert_eq!(Foreign::new("smith_jane_17").markdown(), "smith_jane_17");
        assert_eq!(Foreign::from_bytes(b"M\xfcller\xff").line(), "M\\xfcller\\xff");
    }

    #[test]
    fn a_line_is_one_line() {
        let text = Foreign::new("a\nb\r\nc\td\u{b}e\u{85}f");
        for form in [text.line(), text.markdown(), text.xml(), text.csv()] {
            assert_eq!(form.lines().count(), 1, "{form:?}");
            assert!(form.contains("a\\nb\\r\\nc\\td"), "{form:?}");
        }
    }

    #[test]
    fn visible_json_means_the_same() {
        let text = format!("a{HOSTILE}\u{e0041}\nü");
        let json = serde_json::to_string_pretty(&[&text]).expect("a text is JSON");
        let visible = visible_json(&json);
        assert!(!visible.contains(['\u{9b}', '\u{7f}', '\u{202e}', '\u{e0041}']), "{visible}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&visible).ok(), Some([text]));
    }

    #[test]
    fn html_has_no_elements_of_others() {
        let html = Foreign::new("<img src=x onerror=\"alert(1)\">&'").html().to_string();
        assert!(!html.contains(['<', '>', '"', '\'']), "{html}");
    }

    #[test]
    fn markdown_has_no_elements_of_others() {
        for text in
            ["<img src=x>", "![x](http://e)", "[x](y)", "a|b", "www.evil.org", "a@b.org", "# x"]
        {
            assert_eq!(Foreign::new(text).markdown(), format!("` {text} `"));
        }
        assert_eq!(Foreign::new("`a` ``b``").markdown(), "``` `a` ``b`` ```");
        assert_eq!(Foreign::new("*x*").markdown(), "` *x* `");
        assert_eq!(Foreign::new("_x_").markdown(), "` _x_ `");
    }

    #[test]
    fn no_text_can_close_its_fence() {
        assert_eq!(Foreign::new("a").markdown_block(), "\n```text\na\n```\n");
        let block = Foreign::new("x\n````\n# y").markdown_block();
        assert_eq!(block, "\n`````text\nx\n````\n# y\n`````\n");
        let tildes = Foreign::new("x\n~~~\n<b>").markdown_block();
        assert_eq!(tildes, "\n```text\nx\n~~~\n<b>\n```\n");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, cell) in [
            ("=cmd()", "'=cmd()"),
            ("  =cmd()", "  '=cmd()"),
            ("\"=cmd()", "\"'=cmd()"),
            ("'=cmd()", "''=cmd()"),
            ("\u{3000}@x", "\\u{3000}@x"),
            ("\u{feff}=x", "\\u{feff}=x"),
            ("\t=x", "\\t=x"),
            ("\u{ff1d}x", "'\u{ff1d}x"),
            ("\u{ff0b}x", "'\u{ff0b}x"),
            ("\u{ff0d}x", "'\u{ff0d}x"),
            ("\u{ff20}x", "'\u{ff20}x"),
            ("a;=x", "a;'=x"),
            ("a, -1", "a, '-1"),
            ("a=b+c", "a=b+c"),
        ] {
            assert_eq!(Foreign::new(text).csv(), cell);
        }
    }
}
