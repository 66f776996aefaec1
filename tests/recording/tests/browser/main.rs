//! The page in a browser. Without chromedriver and Chromium these tests say so and pass.

#[path = "../sample/mod.rs"]
mod sample;
mod webdriver;

use std::path::PathBuf;

use recording::{Recording, page};
use sample::{Options, sample};
use webdriver::Browser;

const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const LEFT: &str = "\u{e012}";
const RIGHT: &str = "\u{e014}";

/// Opens the page of a recording in a browser of its own, if there is one.
fn browse(name: &str, lines: &str) -> Option<Browser> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder of the target can be written");
    let browser = match Browser::start(&folder.join("profile")) {
        Ok(browser) => browser,
        Err(why) => {
            println!("skipped: {why}");
            return None;
        }
    };
    let file = folder.join("page.html");
    std::fs::write(&file, page(&Recording::read(lines.as_bytes())))
        .expect("the file can be written");
    browser.resize(1400, 900);
    browser.open(&file);
    Some(browser)
}

fn text(browser: &Browser, selector: &str) -> String {
    let value = browser.run(&format!("return document.querySelector({selector:?}).textContent"));
    value.as_str().unwrap_or_default().to_owned()
}

/// How many pixels of the picture have the colour that the style sheet gives this name.
fn pixels(browser: &Browser, colour: &str) -> u64 {
    let script = format!(
        "const probe = document.createElement('canvas').getContext('2d');
         probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--{colour}').trim();
         probe.fillRect(0, 0, 1, 1);
         const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
         const canvas = document.getElementById('canvas');
         const {{ data }} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
         let count = 0;
         for (let i = 0; i < data.length; i += 4) count += data[i] === r && data[i + 1] === g && data[i + 2] === b;
         return count;"
    );
    browser.run(&script).as_u64().unwrap_or(0)
}

/// Waits until the next picture is drawn.
fn drawn(browser: &Browser) {
    browser.run_until_done("requestAnimationFrame(() => requestAnimationFrame(() => done(0)))");
}

/// Searches for words, and gives what the page says of the places found.
fn find(browser: &Browser, words: &str) -> String {
    let script = format!(
        "const field = document.getElementById('search'); field.value = {words:?};
         field.dispatchEvent(new Event('input')); setTimeout(() => done(0), 400)"
    );
    browser.run_until_done(&script);
    text(browser, "#found")
}

/// The page opens at the failure; keys step, filters hide, and the search finds.
#[test]
fn reader_finds_the_failure_and_its_causes() {
    let Some(browser) = browse("steps", &sample(&Options::default())) else { return };
    drawn(&browser);
    assert!(text(&browser, "#details h2").contains("the failure on server 4"));
    assert!(text(&browser, "#list [aria-selected=true]").contains("FAILURE on server 4"));
    assert!(pixels(&browser, "failure") > 1500, "the line of the failure is not in the picture");

    browser.press("0");
    browser.press(UP);
    let before = text(&browser, "#announcer");
    assert!(before.contains("server 4") && !before.contains("FAILURE"), "{before}");
    browser.press(DOWN);
    assert!(text(&browser, "#announcer").contains("FAILURE"));

    assert_eq!(find(&browser, "no such words"), "not found");
    assert!(find(&browser, "stands for election").starts_with("1 of "));
    browser.press("n");
    assert!(text(&browser, "#found").starts_with("2 of "));

    let details = text(&browser, "#details");
    assert!(details.contains("Just after in this lane"), "{details}");
    assert!(!details.contains("Leads to"), "that it is the reason for what follows is not known");

    assert!(find(&browser, "sends RequestVote to server 0; it arrives").starts_with("1 of "));
    browser.press(RIGHT);
    assert!(
        text(&browser, "#announcer").contains("RequestVote from"),
        "{}",
        text(&browser, "#announcer")
    );
    assert!(text(&browser, "#details").contains("Leads to"), "the reply is known");
    browser.press(RIGHT);
    assert!(text(&browser, "#announcer").contains("server 0 sends the reply to RequestVote"));
    browser.press(&LEFT.repeat(2));
    assert!(text(&browser, "#announcer").contains("sends RequestVote to server 0; it arrives"));
    assert!(
        text(&browser, "#details").contains("RequestVoteReply { term: 1, vote_granted: true }")
    );
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Filters take events out of the picture and the list, and bring them back.
#[test]
fn filters_hide_and_show() {
    let Some(browser) = browse("filters", &sample(&Options::default())) else { return };
    let all = text(&browser, "#list-title");
    assert!(all.starts_with("All "), "{all}");
    let click =
        |selector: &str| browser.run(&format!("document.querySelector({selector:?}).click()"));
    click("#heartbeats");
    let without = text(&browser, "#list-title");
    assert!(without.contains(" of "), "{without}");
    click("#heartbeats");
    click("#filter-button");
    let picture = || browser.run("return document.getElementById('canvas').toDataURL()");
    let before = picture();
    click("[data-filter=appends]");
    drawn(&browser);
    assert_ne!(picture(), before);
    assert_eq!(find(&browser, "AppendEntries"), "not found");
    assert_eq!(find(&browser, ""), "");
    click("[data-filter='3']");
    assert!(!text(&browser, "#lanes").contains("server 2"));
    browser.run("const term = document.getElementById('term'); term.value = '2'; term.dispatchEvent(new Event('change'))");
    click("#filters > button");
    assert_eq!(text(&browser, "#list-title"), all);
    assert_eq!(browser.complaints(), [""; 0]);
}

/// A request with its reply, the same each time but for the numbers.
fn exchange(lines: &mut String, number: u64, text: &str) {
    let (at, call, reply) = (number * 1_000, number * 2, number * 2 + 1);
    let between = [("request", 0, 1, call), ("reply", 1, 0, reply)];
    for (step, (leg, from, to, message)) in between.into_iter().enumerate() {
        let at = at + step as u64 * 10;
        let delivered = at + 5;
        lines.push_str(&format!(
            r#"{{"at":{at},"event":"sent","message":{message},"call":{call},"leg":"{leg}","from":"server-{from}","to":"server-{to}","method":"Raft.AppendEntries","bytes":4,"text":"{text}"}}
{{"at":{delivered},"event":"delivered","message":{message}}}
"#
        ));
    }
}

/// A row of the list with this in its words; it is clicked.
fn click_row(browser: &Browser, words: &str) -> bool {
    let script = format!(
        "const row = [...document.querySelectorAll('#list [role=option]')].find((row) => row.textContent.includes({words:?}));
         row?.click(); return !!row;"
    );
    browser.run(&script) == true
}

/// What repeats is one row, which opens and closes; what is in it is found, and can be chosen.
#[test]
fn repeated_exchanges_fold() {
    let mut lines = String::new();
    for number in 1..=50 {
        exchange(&mut lines, number, "Args { term: 1 }");
    }
    exchange(&mut lines, 51, "Args { term: 2 }");
    let Some(browser) = browse("folds", &lines) else { return };
    let title = || text(&browser, "#list-title");
    assert_eq!(title(), "All 204 events, 196 of them folded");
    assert!(click_row(&browser, "49 times more, server 0 sends this AppendEntries to server 1"));
    assert_eq!(title(), "All 204 events");
    assert!(text(&browser, "#details").contains("They have 196 events."));
    assert!(click_row(&browser, "49 times more"));
    assert_eq!(title(), "All 204 events, 196 of them folded");

    browser.run("document.getElementById('list').focus()");
    browser.press("\u{e007}");
    assert_eq!(title(), "All 204 events");
    browser.press("\u{e007}");
    browser.press(DOWN);
    assert!(text(&browser, "#details h2").contains("server 0 sends AppendEntries to server 1"));
    browser.press(UP);
    assert!(text(&browser, "#details h2").contains("49 times more"));

    assert!(find(&browser, "term: 1").starts_with("1 of 100"));
    browser.press("\u{e00c}n");
    assert!(text(&browser, "#list [aria-selected=true]").contains("the reply to AppendEntries"));
    browser.press("n");
    assert!(text(&browser, "#details h2").contains("server 0 sends AppendEntries"));
    assert!(text(&browser, "#list [aria-selected=true]").contains("49 times more"));
    browser.run("document.getElementById('unfold').click()");
    assert!(text(&browser, "#list [aria-selected=true]").contains("server 0 sends AppendEntries"));
    assert_eq!(browser.complaints(), [""; 0]);
}

/// The list of a long recording has its first events, its last ones, and a row that says what is left out between.
#[test]
fn a_long_recording_shows_its_beginning_and_its_end() {
    let mut lines = String::new();
    for number in 1..=150_000 {
        lines.push_str(&format!(
            "{{\"at\":{number}000,\"event\":\"note\",\"text\":\"note {number}\"}}\n"
        ));
    }
    let Some(browser) = browse("long", &lines) else { return };
    assert!(text(&browser, "#heading").contains("50000 between them are left out"));
    assert_eq!(find(&browser, "note 20000"), "1 of 1");
    assert_eq!(find(&browser, "note 20001"), "not found");
    assert_eq!(find(&browser, "note 70000"), "not found");
    assert_eq!(find(&browser, "note 70001"), "1 of 1");
    browser.run("document.getElementById('list').focus()");
    browser.press(UP);
    assert!(text(&browser, "#details").contains("50,000 events are left out here."));
    assert_eq!(browser.complaints(), [""; 0]);
}

/// The page never scrolls to the side, and the failure is drawn at each width.
#[test]
fn every_width_works() {
    let Some(browser) = browse("widths", &sample(&Options::default())) else { return };
    for (width, height) in [(1400, 900), (800, 1000), (420, 860)] {
        browser.resize(width, height);
        browser.run_until_done("setTimeout(() => done(0), 200)");
        browser.press("f");
        drawn(&browser);
        let over = browser.run("return document.documentElement.scrollWidth - innerWidth");
        assert!(over.as_i64().unwrap() <= 0, "{width}: {over} pixels too wide");
        assert!(pixels(&browser, "failure") > 500, "{width}: no failure in the picture");
    }
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Markup, quotes, control signs and very long texts in every place are shown as text.
#[test]
fn hostile_texts_stay_texts() {
    let evil = r#"</script><script>document.title='taken'</script><img src=x onerror=document.title='taken'>\"'&\u0007\u202e"#;
    let long = "y".repeat(1_000_000);
    let lines = format!(
        r#"{{"at":0,"event":"run","test":"{evil}","title":"{evil}","seed":"{evil}","clock":"{evil}"}}
{{"at":1,"event":"start","server":"{evil}","life":1}}
{{"at":2,"event":"sent","message":1,"call":1,"leg":"request","from":"{evil}","to":"server-1","method":"{evil}","bytes":1,"text":"{long}"}}
{{"at":3,"event":"delivered","message":1}}
{{"at":3,"event":"delivered","message":99}}
{{"at":3,"event":"duplicated","message":98,"of":97}}
{{"at":4,"event":"call","client":"{evil}","number":1,"operation":"{evil}"}}
{{"at":5,"event":"network","groups":[["{evil}"]]}}
{{"at":5,"event":"log","server":"{evil}","level":"{evil}","text":"{evil}","place":"{evil}"}}
{{"at":6,"event":"failure","class":"{evil}","expected":"{evil}","seen":"{long}","server":"{evil}","details":"{evil}"}}
"#
    );
    let Some(browser) = browse("hostile", &lines) else { return };
    for _ in 0..10 {
        browser.press(UP);
        browser.press(LEFT);
        browser.press(RIGHT);
    }
    drawn(&browser);
    assert!(
        !text(&browser, "title").contains("taken'") || text(&browser, "title").contains("<script>")
    );
    assert_eq!(browser.run("return document.images.length"), 0);
    assert_eq!(browser.run("return document.scripts.length"), 2);
    assert!(text(&browser, "#heading").contains("... and 990000 more"));
    assert!(text(&browser, "#heading").contains("\\u{202e}"));
    assert_eq!(browser.complaints(), [""; 0]);
}

/// Recordings with nothing in them, or with a single event, open as well.
#[test]
fn small_recordings_open() {
    for (name, lines) in [
        ("empty", ""),
        ("single", r#"{"at":5,"event":"note","text":"alone"}"#),
        (
            "instant",
            "{\"at\":0,\"event\":\"crash\",\"server\":\"server-0\"}\n{\"at\":0,\"event\":\"crash\",\"server\":\"server-0\"}",
        ),
    ] {
        let Some(browser) = browse(name, lines) else { return };
        browser.press(&format!("f{UP}{DOWN}{LEFT}{RIGHT}+-0hnN?"));
        drawn(&browser);
        assert_eq!(browser.complaints(), [""; 0], "{name}");
    }
}

/// Prints how long frames take while 100,000 events scroll by. It never fails: machines differ.
#[test]
#[ignore = "prints figures, and checks nothing"]
fn frame_times() {
    let lines = sample(&Options { events: 100_000, seed: 3, ..Options::default() });
    let Some(browser) = browse("frames", &lines) else { return };
    for (name, key, times) in
        [("as it opens", "+", 0), ("zoomed in", "+", 6), ("zoomed out", "-", 14)]
    {
        browser.press(&key.repeat(times));
        let figures = browser.run_until_done(
            "const scroller = document.getElementById('scroller');
             scroller.scrollTop = scroller.scrollHeight / 2;
             window.frameTimes.length = 0;
             const frames = [];
             let last = 0;
             const at = (list, share) => list.sort((a, b) => a - b)[Math.floor((list.length - 1) * share)].toFixed(1);
             const words = (list) => `${at(list, 0.5)} ms, 95 %: ${at(list, 0.95)} ms, longest ${at(list, 1)} ms`;
             const step = (now) => {
               if (last) frames.push(now - last);
               last = now;
               scroller.scrollTop += 61;
               if (frames.length < 200) requestAnimationFrame(step);
               else done(`drawing ${words([...window.frameTimes])}; from frame to frame ${words(frames)}`);
             };
             requestAnimationFrame(step);",
        );
        println!("{name}: {}", figures.as_str().unwrap_or_default());
    }
}
