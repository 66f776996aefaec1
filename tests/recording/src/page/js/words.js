// Says events, times and sizes in words.
const seconds = (ms, digits = 4) => (ms / 1000).toFixed(digits) + " s";

/** A length of time with its unit: "1.2 ms". */
const duration = (ms) => {
  if (ms >= 1000) return (ms / 1000).toFixed(2) + " s";
  if (ms >= 100) return ms.toFixed(0) + " ms";
  if (ms >= 1) return ms.toFixed(1) + " ms";
  return ms === 0 ? "0 ms" : Math.max(1, ms * 1000).toFixed(0) + " µs";
};

const shortened = (text, longest = 100) => {
  const line = String(text).replace(/\s+/g, " ");
  return line.length > longest ? line.slice(0, longest) + "…" : line;
};

/** What became of a message, to follow a semicolon. */
const fateOf = (message) => {
  if (message.end < 0) return message.held >= 0 && message.released < 0 ? "the network holds it" : "it is on its way when the recording ends";
  const time = duration(at[message.end] - at[message.sent]);
  if (!message.lost) return `it arrives ${time} later`;
  return `it is lost after ${time}: ${message.reason}`;
};

const legOf = (message) => (message.reply ? "the reply to " : "") + message.short;

const sentenceOf = {
  run: (e) => `the test ${e.test} begins`,
  start: (e) => `${nameOf(e.server)} starts, life ${e.life}`,
  crash: (e) => `${nameOf(e.server)} crashes: its process is ended`,
  kill: (e) => `kill() is called on ${nameOf(e.server)}; its process goes on`,
  network: (e) => {
    const groups = e.groups.map((group) => group.map((name) => nameOf(name).replace(/^server /, "")).join(", "));
    return groups.length === 1 ? "the network connects all servers" : `the network connects only: ${groups.join(" | ")}`;
  },
  state: (e) => `${nameOf(e.server)} is in term ${e.term} and ${e.leads ? "leads" : "does not lead"}`,
  sent: (e, m) => m && `${nameOf(m.sender)} sends ${legOf(m)} to ${nameOf(m.receiver)}; ${fateOf(m)}`,
  delivered: (e, m) => m && `${legOf(m)} from ${nameOf(m.sender)} arrives at ${nameOf(m.receiver)}, ${duration(at[m.end] - at[m.sent])} after it was sent`,
  lost: (e, m) => m && `${legOf(m)} from ${nameOf(m.sender)} to ${nameOf(m.receiver)} is lost: ${shortened(e.reason)}`,
  held: (e, m) => m && `the network holds ${legOf(m)} from ${nameOf(m.sender)} to ${nameOf(m.receiver)}`,
  released: (e, m) => m && `the network releases ${legOf(m)} from ${nameOf(m.sender)} to ${nameOf(m.receiver)}`,
  duplicated: (e, m) => m && `the network makes a copy of ${legOf(m)} from ${nameOf(m.sender)} to ${nameOf(m.receiver)}; ${fateOf(m)}`,
  unanswered: (e, m, i) => {
    const request = requestOfEnd.get(i);
    const call = request ? `its ${request.short} to ${nameOf(request.receiver)}, sent ${duration(at[i] - at[request.sent])} before` : "a call";
    return `${nameOf(e.caller)} learns that no reply comes to ${call}: ${shortened(e.reason)}`;
  },
  save: (e) => {
    const snapshot = e.snapshot === undefined ? "" : ` and a snapshot of ${e.snapshot} bytes`;
    return `${nameOf(e.server)} saves ${e.state} bytes${snapshot}` + (e.state_text ? `: ${shortened(e.state_text)}` : "");
  },
  apply: (e) => `${nameOf(e.server)} applies index ${e.index}: ${shortened(e.command)}`,
  install: (e) => `${nameOf(e.server)} takes the snapshot up to index ${e.index}`,
  snapshot: (e) => `${nameOf(e.server)} makes a snapshot up to index ${e.index}`,
  propose: (e) => e.index === undefined
    ? `the test starts ${shortened(e.command)} on ${nameOf(e.server)}, which refuses`
    : `the test starts ${shortened(e.command)} on ${nameOf(e.server)}, at index ${e.index}` + (e.term === undefined ? "" : ` in term ${e.term}`),
  call: (e) => `${nameOf(e.client)} calls ${shortened(e.operation)}`,
  return: (e, m, i) => `${nameOf(e.client)} gets ${shortened(e.value) || "an answer"}` + (answererOf.get(i) ? ` from ${nameOf(answererOf.get(i))}` : ""),
  note: (e) => shortened(e.text, 200),
  log: (e) => `${nameOf(e.server)} logs ${e.level}: ${shortened(e.text, 200)}`,
  interrupt: (e) => `a thread of ${nameOf(e.server)} ${e.pause < 50000 ? "is interrupted" : "pauses " + duration(e.pause / 1e6)} at ${shortened(e.place)}`,
  likelihood: (e) => `of ${e.of} runs that go on with other choices from here, ${e.failed} fail in the same way`,
  cause: (e) => e.sentences.map((sentence) => shortened(sentence, 200)).join(" "),
  failure: (e) => `FAILURE${e.server ? " on " + nameOf(e.server) : ""}: expected ${shortened(e.expected)}; seen ${shortened(e.seen)}`,
};

/** What is left out between the beginning and the end. */
const leftOut = () => `${data.gap.count.toLocaleString("en")} events are left out here.`;

/** What happened, without the time. */
const whatHappened = (i) => {
  const event = events[i];
  const message = messageOf[i] >= 0 ? messages[messageOf[i]] : null;
  const words = sentenceOf[event.event]?.(event, message, i);
  return words || `${event.event} of message ${event.message}, which is not on this page`;
};

/** The whole sentence: "0.4920 s: server 0 sends RequestVote to server 1; it arrives 1.2 ms later". */
const sentence = (i) => `${seconds(at[i])}: ${whatHappened(i)}`;
