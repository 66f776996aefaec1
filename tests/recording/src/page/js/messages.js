// The messages: from where to where, what became of them, and what they carry.
const REACHED_ITS_LANE = /gone|refused|panicked/;

const kindOfMethod = (method) =>
  /vote/i.test(method) ? "votes"
    : /snapshot/i.test(method) ? "snapshots"
    : /append\w*entr|heartbeat/i.test(method) ? "appends"
    : "others";

const messages = [];
/** For each event the message it is about, or -1. */
const messageOf = new Int32Array(count).fill(-1);
/** For each event its lane. */
const laneAt = new Int16Array(count);
const messagesOfCall = new Map();
/** For each call without a reply the event in which its caller learns that, and for that event the request. */
const endOfCall = new Map();
const requestOfEnd = new Map();
/** For each event in which a client's operation returns, who has answered the client last. */
const answererOf = new Map();

(() => {
  const byNumber = new Map();
  const lastAnswer = new Map();
  const add = (number, message, place) => {
    message.id = messages.length;
    messages.push(message);
    byNumber.set(number, message);
    messageOf[place] = message.id;
    laneAt[place] = message.from;
    const call = messagesOfCall.get(message.call) ?? [];
    call.push(message);
    messagesOfCall.set(message.call, call);
  };
  const fate = { end: -1, lost: false, reaches: false, reason: "", held: -1, released: -1, copies: [], copyOf: null };
  const onSent = (event, i) => add(event.message, {
    ...fate, number: event.message, call: event.call, reply: event.leg === "reply", from: laneOf(event.from),
    to: laneOf(event.to), sender: event.from, receiver: event.to, method: event.method,
    short: event.method.split(".").pop(), kind: kindOfMethod(event.method), text: event.text,
    bytes: event.bytes, heartbeat: false, sent: i, copies: [],
  }, i);
  const onCopy = (event, i) => {
    const original = byNumber.get(event.of);
    if (!original) return;
    add(event.message, { ...original, ...fate, number: event.message, sent: i, copies: [], copyOf: original }, i);
    original.copies.push(messages[messages.length - 1]);
  };
  const onFate = (event, i) => {
    const message = byNumber.get(event.message);
    if (!message) return;
    messageOf[i] = message.id;
    laneAt[i] = message.from;
    if (event.event === "held") message.held = i;
    else if (event.event === "released") message.released = i;
    else if (message.end < 0) {
      message.end = i;
      message.lost = event.event === "lost";
      message.reason = event.reason ?? "";
      message.reaches = !message.lost || REACHED_ITS_LANE.test(message.reason);
      if (message.reaches) laneAt[i] = message.to;
      if (message.reply && !message.lost) lastAnswer.set(message.receiver, message.sender);
    }
  };
  const onEnd = (event, i) => {
    laneAt[i] = laneOf(event.caller);
    const request = byNumber.get(event.call);
    if (!request) return;
    endOfCall.set(event.call, i);
    requestOfEnd.set(i, request);
  };
  events.forEach((event, i) => {
    if (event.event === "sent") onSent(event, i);
    else if (event.event === "duplicated") onCopy(event, i);
    else if (event.message !== undefined) onFate(event, i);
    else if (event.event === "unanswered") onEnd(event, i);
    else if (event.server) laneAt[i] = laneOf(event.server);
    else if (event.client) laneAt[i] = CLIENT_LANE;
    if (event.event === "return") answererOf.set(i, lastAnswer.get(event.client));
  });
})();

/** Marks the calls that look like heartbeats: appends that carry no entries. */
const heartbeatCalls = (() => {
  const requests = messages.filter((message) => message.kind === "appends" && !message.reply);
  const empty = /\b\w*(entries|entry|log|logs)\w*: (\[\]|None)/i;
  let beats = requests.filter((message) => empty.test(message.text ?? "") || /heartbeat/i.test(message.method));
  if (beats.length === 0) {
    const sizes = requests.map((message) => message.bytes);
    const least = sizes.reduce((a, b) => Math.min(a, b), Infinity);
    if (sizes.some((size) => size > least)) beats = requests.filter((message) => message.bytes === least);
  }
  const calls = new Set(beats.map((message) => message.call));
  for (const message of messages) message.heartbeat = message.kind === "appends" && calls.has(message.call);
  return calls.size;
})();

/** The request of a reply, or the reply of a request; of several, the one that arrived. */
const otherLeg = (message) => {
  const others = (messagesOfCall.get(message.call) ?? []).filter((other) => other.reply !== message.reply);
  return others.find((other) => other.end >= 0 && !other.lost) ?? others[0];
};

/** For blocks of events, the messages on their way when the block begins: drawing needs them. */
const BLOCK = 256;
const onTheirWay = (() => {
  const blocks = Array.from({ length: Math.ceil(count / BLOCK) + 1 }, () => []);
  for (const message of messages) {
    const last = Math.max(message.end, message.sent, message.held, message.released);
    for (let block = Math.floor(message.sent / BLOCK) + 1; block * BLOCK <= last; block++) blocks[block].push(message.id);
  }
  return blocks;
})();
