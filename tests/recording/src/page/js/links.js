// What led to an event, and what it led to.

/** Two events of a server this near to each other, in milliseconds, are taken to belong together. */
const MOMENT = 5;
const STIRS = new Set(["delivered", "propose", "start", "call"]);

/** The event in the same lane that most likely made the server do this. */
const stirredBy = (i) => {
  for (let before = previousInLane[i]; before >= 0 && at[i] - at[before] <= MOMENT; before = previousInLane[before]) {
    if (STIRS.has(events[before].event)) return before;
  }
  return previousInLane[i];
};

const ofOperation = (i, kind) => {
  const { client, number } = events[i];
  const step = kind === "call" ? -1 : 1;
  for (let j = i + step; j >= 0 && j < count; j += step) {
    const other = events[j];
    if (other.event === kind && other.client === client && other.number === number) return j;
  }
  return -1;
};

/** The event that led to event i, or -1. */
const causeOf = (i) => {
  const event = events[i];
  const message = messageOf[i] >= 0 ? messages[messageOf[i]] : null;
  if (event.event === "unanswered") return requestOfEnd.get(i)?.sent ?? -1;
  if (!message) return event.event === "return" ? ofOperation(i, "call") : stirredBy(i);
  if (event.event === "duplicated") return message.copyOf.sent;
  if (event.event === "delivered" || event.event === "lost") return message.released >= 0 ? message.released : message.held >= 0 ? message.held : message.sent;
  if (event.event === "released") return message.held;
  if (event.event === "held") return message.sent;
  const request = message.reply ? otherLeg(message) : null;
  return request && request.end >= 0 && request.end < i ? request.end : stirredBy(i);
};

/** What is known to have come of event i: the way of a message, the reply to a request, the return of a call. */
const effectsOf = (i) => {
  const event = events[i];
  const message = messageOf[i] >= 0 ? messages[messageOf[i]] : null;
  if (event.event === "call") return [ofOperation(i, "return")].filter((j) => j >= 0);
  if (!message) return [];
  if (event.event === "lost") return [endOfCall.get(message.call)].filter((j) => j >= i);
  if (event.event === "delivered") return [message.reply ? -1 : (otherLeg(message)?.sent ?? -1)].filter((j) => j > i);
  const next = event.event === "held" ? message.released : message.held > i ? message.held : -1;
  return [next >= 0 ? next : message.end, ...message.copies.map((copy) => copy.sent)].filter((j) => j > i);
};

/** What the server of event i did next, until something else reached it: perhaps because of event i, perhaps not. */
const followersOf = (i) => {
  const reaches = messageOf[i] < 0 || events[i].event === "delivered";
  if (lanes[laneAt[i]].kind !== "server" || !reaches) return [];
  const known = effectsOf(i);
  const found = [];
  for (let after = nextInLane[i]; after >= 0 && found.length < 12 && at[after] - at[i] <= MOMENT; after = nextInLane[after]) {
    if (STIRS.has(events[after].event) || events[after].event === "crash") break;
    if ((messageOf[after] < 0 || events[after].event === "sent") && !known.includes(after)) found.push(after);
  }
  return found;
};

/** The event that the key "right" goes to: along the message, from a request to its reply, or else what came next. */
const nextStepOf = (i) => {
  const followers = followersOf(i);
  return effectsOf(i)[0] ?? followers.find((j) => events[j].event === "sent") ?? followers[0] ?? -1;
};
