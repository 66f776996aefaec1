//! 2A, continued: what restarts a server's election timer and what does not, and what raises its term.

use std::time::{Duration, Instant};

use labrpc::MessageId;
use protocol::Term;

use super::expect::expect;
use super::limits::{NEW_LEADER, SHORTEST_TIMEOUT};
use super::script::{Cast, Chance, Script, VoteRequest, appends, play, replies, requests, votes};
use super::vote_steps::{MOMENT, ask_leader};
use crate::case::{Run, Summary};

/// How often requests arrive that must not restart the timer: more often than any timer runs out.
pub(super) const PACE: Duration = Duration::from_millis(150);

/// How many such requests there are. Meanwhile a timer that nothing restarts runs out.
pub(super) const REQUESTS: usize = 20;

/// How long it may take until so many were sent.
pub(super) const MANY_ELECTIONS: Duration = Duration::from_secs(24);

/// Requests for votes that are of older terms do not restart the timer (section 5.2).
pub(super) fn old_requests(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        script.lose(appends());
        let step = "servers that nobody hears stand again and again";
        let held = script.hold_elections_within(MANY_ELECTIONS, step, |requests| {
            old(requests).len() >= REQUESTS
        })?;
        let old = old(&held);
        let server = old[0].to;
        let old = messages(&old);
        expect_stands(script, server, &old, "requests for votes of older terms");
        Ok(())
    })
}

/// The messages of these requests.
pub(super) fn messages(requests: &[VoteRequest]) -> Vec<MessageId> {
    requests.iter().map(|request| request.message).collect()
}

/// The requests to the server with the newest term that are of older terms.
fn old(requests: &[VoteRequest]) -> Vec<VoteRequest> {
    let Some(newest) = requests.iter().max_by_key(|request| request.term) else {
        return Vec::new();
    };
    let is_old = |request: &&VoteRequest| request.to == newest.from && request.term < newest.term;
    requests.iter().filter(is_old).copied().collect()
}

/// Releases requests one after the other. The server that gets them must stand meanwhile. This is looked at in virtual
/// time only.
pub(super) fn expect_stands(script: &Script<'_>, server: usize, refused: &[MessageId], what: &str) {
    let asked = votes().from(server);
    script.lose(votes());
    let before = script.lost(&asked);
    let stands = refused.iter().take(REQUESTS).any(|request| {
        script.cluster.network().release(*request);
        script.happens(PACE, || script.lost(&asked) > before)
    });
    expect(
        stands || !sim::is_active(),
        format_args!(
            "{what}, which server {server} refuses, do not restart its election timer (section 5.2)"
        ),
        format_args!(
            "it does not stand for election while it gets {} of them, one each {} ms",
            refused.len().min(REQUESTS),
            PACE.as_millis()
        ),
    );
}

/// A server that gives its vote waits for the candidate as long as for a leader (section 5.2).
pub(super) fn vote_restarts_timer(run: &Run) -> Summary {
    play(run, Cast::of(3).times(3), |script| {
        script.lose(appends());
        let step = "one server stands, and the others do not yet";
        let held = script.hold_elections(step, |requests| !requests.is_empty())?;
        let request = held[0];
        script.lose(votes());
        // By now the voter's timer has almost run out.
        script.watch(Duration::from_millis(250));
        Chance::unless(script.term(request.to) < request.term, step)?;
        script.release_vote(&request);
        let elected = script.happens(MOMENT, || script.leads(request.from));
        Chance::unless(elected, "the only candidate is elected")?;
        let voter = request.to;
        script.never(
            MOMENT,
            &format!(
                "server {voter}, which has just voted for server {}, waits for it for an election timeout \
                 before it stands itself (section 5.2)",
                request.from
            ),
            || script.term(voter) > request.term,
        );
        Ok(())
    })
}

/// A leader of an older term restarts no timer (Figure 2, AppendEntries, step 1): it is heard and hears
/// nothing, and the others must replace their own lost leader.
pub(super) fn old_leader(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let old = script.elect_any()?;
        script.lose(requests().from(old));
        script.lose(requests().to(old));
        let mut leader = old;
        script.wait("the others elect a leader", || {
            let newer = (0..5).find(|server| *server != old && script.leads(*server));
            leader = newer.unwrap_or(old);
            leader != old
        })?;
        let term = script.term(leader);
        // Let all of them hear of it.
        script.watch(Duration::from_millis(300));
        script.lose(replies().to(old));
        script.pass(appends().from(old));
        script.lose(requests().from(leader));
        script.must_elect(
            NEW_LEADER,
            &format!(
                "the servers that hear nothing but server {old}, the leader of an older term, elect a new \
                 leader"
            ),
            || (0..5).any(|server| script.leads(server) && script.term(server) > term),
        );
        Ok(())
    });
    play(run, Cast::of(3), old_heartbeat)
}

/// A heartbeat of the old leader comes late, to the new one.
fn old_heartbeat(script: &Script<'_>) -> Result<(), Chance> {
    let old = script.elect_any()?;
    let older = script.term(old);
    let [leader, voter] = script.others(old);
    let late = appends().from(old).to(leader);
    script.hold(late.clone());
    script.await_held(late.clone())?;
    let term = script.elect(leader, &[voter])?;
    script.release(late);
    script.never(
        MOMENT,
        &format!(
            "server {leader} goes on leading term {term} when it gets a heartbeat that server {old} sent in term {older}: \
             that term is over (Figure 2, AppendEntries, step 1)"
        ),
        // On a busy machine it may have led for so long that it gives up because nobody answers.
        || sim::is_active() && script.cluster.get_state(leader) == Some((term, false)),
    );
    Ok(())
}

/// A leader that learns of a newer term by a reply gives up, and so does a candidate (Figure 2, Rules for All
/// Servers).
pub(super) fn reply_deposes(run: &Run) -> Summary {
    play(run, Cast::of(3), candidate_learns_newer_term);
    play(run, Cast::of(3), |script| {
        let old = script.elect_any()?;
        script.lose(requests().from(old));
        script.lose(requests().to(old));
        let others: [usize; 2] = script.others(old);
        script.wait("the others elect a leader", || {
            others.iter().any(|server| script.leads(*server))
        })?;
        script.watch(Duration::from_millis(300));
        let term = others.map(|server| script.term(server)).into_iter().max().unwrap_or(0);
        let asked = script.asked(old);
        let led = script.passed(&appends().from(old));
        script.pass(requests().from(old));
        script.must(
            NEW_LEADER,
            &format!(
                "server {old}, which leads an older term, learns of term {term} by the replies to its own \
                 messages"
            ),
            || script.term(old) >= term,
        );
        // A leader that no majority answers may have given up before, and then stands like any follower.
        let still_led = script.passed(&appends().from(old)) > led;
        Chance::unless(
            still_led,
            "the leader of the older term leads until it learns of the newer one",
        )?;
        script.never(
            SHORTEST_TIMEOUT,
            &format!(
                "server {old}, which has just given up its office, waits for an election timeout before it \
                 stands again"
            ),
            || script.asked(old) > asked,
        );
        Ok(())
    })
}

fn candidate_learns_newer_term(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let [candidate, ahead] = script.others(leader);
    script.get_ahead(ahead, &[candidate]);
    script.lose(requests());
    let newest = script.term(ahead);
    let step = "a candidate asks a server that is in a newer term than its own";
    let before = script.term(candidate);
    let term = script.hold_vote_request(candidate, ahead, before)?;
    Chance::unless(term < newest, step)?;
    script.release(votes().from(candidate).to(ahead));
    script.must_soon(
        &format!(
            "server {candidate}, a candidate in term {term}, is in term {newest} as soon as server {ahead} has \
             answered it from that term (Figure 2, Rules for All Servers)"
        ),
        || script.term(candidate) >= newest,
    );
    Ok(())
}

/// A follower whose calls have no answer for seconds does not keep a leader from the others.
pub(super) fn dead_follower(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let leader = script.elect_any()?;
        let term = script.term(leader);
        let [one, other] = script.others(leader);
        let (dead, alive) = if script.cluster.draw(2) == 0 { (one, other) } else { (other, one) };
        script.hold(requests().to(dead));
        script.lose(requests().from(dead));
        script.never(
            Duration::from_secs(4),
            &format!(
                "server {alive} goes on hearing from server {leader}, its leader, while the calls to server \
                 {dead} have no answer"
            ),
            || script.term(alive) > term,
        );
        Ok(())
    })
}

/// A leader that is asked for its vote in a newer term gives up (Figure 2, Rules for All Servers). The watch over
/// elections fails the test if it leads in a term in which nobody has voted for it.
pub(super) fn request_deposes(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let old = script.elect_any()?;
        let term = script.term(old);
        ask_leader(script, old);
        script
            .wait("the leader is asked for its vote in a newer term", || script.term(old) > term)?;
        script.watch(MOMENT);
        Ok(())
    })
}

/// A follower that hears from the leader of a newer term is in that term, although nobody in it has asked for its vote
/// (Figure 2, Rules for All Servers). Until then it hears from its old leader, so that it does not stand itself.
pub(super) fn append_raises_term(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let old = script.elect_any()?;
        let [follower, others @ ..]: [usize; 4] = script.others(old);
        script.lose(requests());
        script.pass(appends().from(old).to(follower));
        script.pass(votes().from(others).to(others));
        script.wait("three of five servers elect one of them", || {
            others.iter().any(|server| script.leads(*server))
        })?;
        let leader = others.into_iter().find(|server| script.leads(*server)).unwrap_or(old);
        let term = script.term(leader);
        Chance::unless(script.term(follower) < term, "the follower has not stood meanwhile")?;
        script.lose(requests());
        script.pass(appends().from(leader).to(follower));
        script.must_soon_after_heartbeat(
            &format!(
                "server {follower} is in term {term} when it has heard from server {leader}, which leads that term"
            ),
            || script.term(follower) >= term,
        );
        Ok(())
    })
}

/// A server whose first election comes to nothing stands again (Figure 2, Rules for Candidates), and does not wait longer
/// each time.
pub(super) fn stands_again(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        script.lose(requests());
        expect_timeouts(script);
        script.watch(Duration::from_secs(3));
        let asked = || [0, 1, 2].map(|server| script.lost(&votes().from(server)));
        let before = asked();
        script.watch(Duration::from_secs(3));
        for (server, (before, now)) in before.into_iter().zip(asked()).enumerate() {
            expect(
                now > before,
                format_args!(
                    "a candidate that no reply reaches goes on asking for votes: election timeouts are at most 1.2 s, \
                     however often it has stood"
                ),
                format_args!(
                    "server {server} has asked nobody for 3 s, when it has stood for 12 s"
                ),
            );
        }
        script.pass(requests());
        script.must_elect(
            Duration::from_secs(10),
            "candidates that nobody has heard stand again: one of three \
            servers leads 10 s after their messages arrive",
            || (0..3).any(|server| script.leads(server)),
        );
        Ok(())
    })
}

/// How often the test looks who has stood again.
const LOOK: Duration = Duration::from_millis(10);

/// Fails the test if a server that no message reaches stands more often than once in each election timeout, or always
/// after the same one. Single pauses are looked at in virtual time only: on the clock, this thread may look late.
fn expect_timeouts(script: &Script<'_>) {
    const WATCHED: Duration = Duration::from_secs(9);
    let terms = || [0, 1, 2].map(|server| script.term(server));
    let (begun, mut last) = (Instant::now(), terms());
    let mut stood: [Option<Instant>; 3] = [None; 3];
    let mut pauses: [Vec<Duration>; 3] = Default::default();
    let first = last;
    while begun.elapsed() < WATCHED {
        script.watch(LOOK);
        for (server, now) in terms().into_iter().enumerate() {
            if now == last[server] {
                continue;
            }
            last[server] = now;
            let pause = stood[server].replace(Instant::now()).map(|before| before.elapsed());
            pauses[server].extend(pause);
            expect(
                pause.is_none_or(|pause| pause + LOOK >= SHORTEST_TIMEOUT) || !sim::is_active(),
                format_args!(
                    "a candidate that no reply reaches waits for another election timeout before it stands again \
                     (section 5.2), which is at least 200 ms"
                ),
                format_args!(
                    "server {server} has entered term {now} {:.0} ms after the term before",
                    pause.unwrap_or_default().as_secs_f64() * 1e3
                ),
            );
        }
    }
    let elections = begun.elapsed().as_millis() / SHORTEST_TIMEOUT.as_millis();
    let most = first.into_iter().max().unwrap_or(0) + 1 + elections as Term;
    for (server, term) in terms().into_iter().enumerate() {
        expect(
            term <= most,
            format_args!(
                "a candidate that no reply reaches waits for another election timeout before it stands again (section \
                 5.2): after {} s it is in term {most} at most",
                WATCHED.as_secs()
            ),
            format_args!("server {server} is in term {term}"),
        );
    }
    pauses.iter().enumerate().for_each(|(server, pauses)| expect_random(server, pauses));
}

/// Fails the test, in virtual time, if a server has stood again and again after pauses of one length.
fn expect_random(server: usize, pauses: &[Duration]) {
    /// Fewer can be as long as each other by chance.
    const ENOUGH: usize = 7;
    let (Some(shortest), Some(longest)) = (pauses.iter().min(), pauses.iter().max()) else {
        return;
    };
    let is_judged = sim::is_active() && pauses.len() >= ENOUGH;
    expect(
        !is_judged || *longest - *shortest > 2 * LOOK,
        "a candidate that no reply reaches chooses another timeout each time it stands, at random (section 5.2): \
         otherwise candidates that split the votes once go on splitting them",
        format_args!(
            "server {server} has stood again {} times, each time {:.0} ms after the time before",
            pauses.len(),
            shortest.as_secs_f64() * 1e3
        ),
    );
}
