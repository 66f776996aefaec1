//! Steps of the scenes about votes.

use std::time::Duration;

use super::expect::expect;
use super::script::{Chance, Script, VoteRequest, appends, replies, requests, votes};

/// How long a scene waits for what a wrong vote leads to.
pub(super) const MOMENT: Duration = Duration::from_millis(150);

/// How long a leader hears from nobody. A leader that gives up without answers has done so by then.
pub(super) const SILENCE: Duration = Duration::from_secs(3);

/// From now on, elections are held, and none has begun before: who leads, or has just heard from a leader, may refuse
/// every candidate.
pub(super) fn hold_first_election(script: &Script<'_>) -> Result<(), Chance> {
    script.lose(appends());
    script.hold(votes());
    let servers = || 0..script.cluster.size();
    let is_first = servers().all(|it| script.term(it) == script.term(0) && !script.leads(it));
    Chance::unless(is_first, "nobody has stood when the scene begins")
}

/// Has the others ask a leader for its vote, and nothing else tell it of their term: not the replies to its heartbeats.
pub(super) fn ask_leader(script: &Script<'_>, leader: usize) {
    script.lose(requests());
    script.lose(replies().to(leader));
    script.pass(votes().to(leader));
}

/// A candidate in some term, and the server whose vote decides.
pub(super) struct Duel {
    pub(super) first: VoteRequest,
    /// The requests of another candidate in the same term: to that server, and to the first candidate.
    pub(super) second: Option<[VoteRequest; 2]>,
}

impl Duel {
    /// Waits until one of three servers stands, and no other one does.
    pub(super) fn one_candidate(script: &Script<'_>) -> Result<Duel, Chance> {
        script.lose(appends());
        let requests = script.hold_elections("a server stands", |requests| !requests.is_empty())?;
        let first = requests[0];
        let alone = requests.iter().all(|request| request.from == first.from);
        Chance::unless(alone, "a server stands, and no other one")?;
        Ok(Duel { first, second: None })
    }

    /// Waits until two of three servers stand in the same term, and none has got a request.
    pub(super) fn two_candidates(script: &Script<'_>) -> Result<Duel, Chance> {
        Duel::for_vote_of(script, &[0, 1, 2])
    }

    /// The same, where the second candidate has the lower number.
    pub(super) fn two_candidates_reversed(script: &Script<'_>) -> Result<Duel, Chance> {
        Duel::between(script, [(1, 0), (2, 0), (2, 1)], &[0, 1, 2])
    }

    /// Waits for two candidates, where the vote of one of these servers decides.
    pub(super) fn for_vote_of(script: &Script<'_>, voters: &[usize]) -> Result<Duel, Chance> {
        Duel::between(script, [(0, 1), (0, 2), (1, 2)], voters)
    }

    fn between(
        script: &Script<'_>,
        pairs: [(usize, usize); 3],
        voters: &[usize],
    ) -> Result<Duel, Chance> {
        script.lose(appends());
        let step = format!("two servers stand in the same term, and one of {voters:?} does not");
        let find = |requests: &[VoteRequest]| Duel::find(requests, pairs, voters);
        let requests = script.hold_elections(&step, |requests| find(requests).is_some())?;
        find(&requests).ok_or_else(|| Chance::prevented(step))
    }

    /// The newest one among requests that are sorted by time.
    fn find(
        requests: &[VoteRequest],
        pairs: [(usize, usize); 3],
        voters: &[usize],
    ) -> Option<Duel> {
        let newest = requests.last()?.term;
        let find = |from, to| {
            requests
                .iter()
                .find(|request| (request.from, request.to, request.term) == (from, to, newest))
        };
        let has_voted = |server| {
            requests.iter().any(|request| request.from == server && request.term >= newest)
        };
        let (first, second) = pairs.into_iter().find(|(first, second)| {
            let voter = 3 - first - second;
            voters.contains(&voter)
                && !has_voted(voter)
                && find(*first, *second).is_some()
                && find(*second, *first).is_some()
        })?;
        let voter = 3 - first - second;
        Some(Duel {
            first: *find(first, voter)?,
            second: Some([*find(second, voter)?, *find(second, first)?]),
        })
    }

    /// Has the first candidate lead by the vote of the voter.
    pub(super) fn elect_first(&self, script: &Script<'_>) -> Result<(), Chance> {
        script.release_vote(&self.first);
        let elected = script.happens(MOMENT, || script.leads(self.first.from));
        Chance::unless(elected, "the first candidate that asks is elected")
    }

    /// Has the second candidate lead by the vote of the voter, when the first candidate has refused it.
    pub(super) fn elect_refused(&self, script: &Script<'_>) -> Result<(), Chance> {
        let Some([to_voter, to_rival]) = self.second else {
            return Err(Chance::prevented("two servers stand".to_owned()));
        };
        let VoteRequest { from: candidate, to: voter, term, .. } = to_voter;
        let rival = to_rival.to;
        let refusals = votes().replies().from(rival).to(candidate);
        let before = script.passed(&refusals);
        // Who has been told of the term may be in it without standing, and only ask whether it would be elected.
        let told = [votes().to(rival), votes().replies().to(rival)];
        let stands = told.iter().all(|messages| script.passed(messages) == 0);
        script.release_vote(&to_rival);
        script.wait("the first candidate answers", || script.passed(&refusals) > before)?;
        script.watch(Duration::from_millis(5));
        expect(
            !stands || !script.leads(candidate),
            format_args!(
                "server {rival} refuses server {candidate} its vote in term {term}: it stands in that term itself, and \
                 has voted for itself (section 5.2)"
            ),
            format_args!(
                "server {candidate} leads, and got replies to RequestVote from server {rival} alone: does server {rival} \
                 vote twice in a term, or does server {candidate} count a refusal?"
            ),
        );
        must_win(
            script,
            &to_voter,
            &format!(
                "server {candidate}, which server {rival} has refused its vote in term {term}, is elected in that term when \
                 server {voter} votes for it: a refusal ends no election (Figure 2, Rules for Candidates)"
            ),
        )
    }

    /// Lets the second candidate ask the others, while it is in the same term.
    pub(super) fn elect_second(&self, script: &Script<'_>) -> Result<(), Chance> {
        let requests = self.second.iter().flatten();
        requests.clone().for_each(|request| script.release_vote(request));
        let VoteRequest { from: leader, term, .. } = self.first;
        script.never(
            MOMENT,
            &format!(
                "server {leader}, which leads term {term}, goes on leading it when another candidate of that term asks \
                 it: only a newer term deposes a leader (Figure 2, Rules for All Servers)"
            ),
            // On a busy machine it may have led for so long that it gives up because nobody answers.
            || sim::is_active() && script.cluster.get_state(leader) == Some((term, false)),
        );
        let mut stand = requests.map(|request| script.term(request.from) == request.term);
        Chance::unless(
            stand.all(|stands| stands),
            "two servers stand in the same term until both have asked",
        )
    }
}

/// Lets a request for a vote arrive that decides, and that its recipient must grant: it has not heard of that term yet.
/// `expected` says why.
pub(super) fn must_win(
    script: &Script<'_>,
    request: &VoteRequest,
    expected: &str,
) -> Result<(), Chance> {
    let VoteRequest { from: candidate, to: voter, term, message } = *request;
    // Its messages are known before its term.
    let can_win = || {
        !script.has_stood_since(voter, message)
            && script.term(voter) <= term
            && script.term(candidate) == term
    };
    let step = "neither the candidate nor the voter stands again meanwhile";
    Chance::unless(script.term(voter) < term && can_win(), step)?;
    script.release_vote(request);
    script.must_soon(expected, || script.leads(candidate) || !can_win());
    Chance::unless(script.leads(candidate), step)
}
