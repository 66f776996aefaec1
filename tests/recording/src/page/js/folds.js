// Exchanges that repeat, such as heartbeats: the list shows the first one and folds the rest to a line.

/** How often an exchange must come again to be folded. */
const LEAST_REPEATS = 3;

/** Each fold: the events it hides, how many calls they are, its first message, and whether it is open. */
const folds = [];
/** For each event its fold, or -1. */
const foldOf = new Int32Array(count).fill(-1);

const wordsOfFate = (message) => (message.end < 0 ? "" : message.lost ? message.reason : "arrives");

/** What two calls must have in common to be the same exchange. */
const exchangeOf = (call) => {
  const parts = messagesOfCall.get(call).map((m) => [m.reply, !!m.copyOf, m.text ?? null, m.bytes, m.held >= 0, wordsOfFate(m)]);
  const end = endOfCall.get(call);
  return JSON.stringify([parts, end === undefined ? null : events[end].reason]);
};

(() => {
  const eventsOfCall = new Map();
  const add = (call, i) => {
    if (!eventsOfCall.has(call)) eventsOfCall.set(call, []);
    eventsOfCall.get(call).push(i);
  };
  for (let i = 0; i < count; i++) {
    const message = messageOf[i] >= 0 ? messages[messageOf[i]] : requestOfEnd.get(i);
    if (message) add(message.call, i);
  }
  const fold = (calls) => {
    if (calls.length <= LEAST_REPEATS) return;
    const repeats = calls.slice(1);
    const hides = repeats.flatMap((call) => eventsOfCall.get(call)).sort((a, b) => a - b);
    for (const i of hides) foldOf[i] = folds.length;
    folds.push({ hides, calls: repeats.length, message: messagesOfCall.get(calls[0])[0], open: false });
  };
  /** For each pair and method, the latest calls that are all the same. */
  const same = new Map();
  for (const [call, [first]] of messagesOfCall) {
    const way = JSON.stringify([first.sender, first.receiver, first.method]);
    const exchange = exchangeOf(call);
    const run = same.get(way);
    if (run?.exchange === exchange) {
      run.calls.push(call);
    } else {
      if (run) fold(run.calls);
      same.set(way, { exchange, calls: [call] });
    }
  }
  for (const run of same.values()) fold(run.calls);
})();

/** "server 0 sends the same AppendEntries to server 1, with the same outcome, 57 times more, until 3.2000 s". */
const sentenceOfFold = (fold) => {
  const { message, hides, calls } = fold;
  const from = at[hides[0]];
  const until = at[hides[hides.length - 1]];
  return `${seconds(from)} to ${seconds(until)}: ${calls.toLocaleString("en")} times more, ${nameOf(message.sender)} sends this ${message.short} to ${nameOf(message.receiver)}, with the same outcome`;
};
