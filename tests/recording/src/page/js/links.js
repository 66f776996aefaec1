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

/** What the server of event i did next, until something else reached it. */
const whatFollows = (i) => {
  const found = [];
  for (let after = nextInLane[i]; after >= 0 && found.length < 12 && at[after] - at[i] <= MOMENT; after = nextInLane[after]) {
    if (STIRS.has(events[after].event) || events[after].event === "crash") break;
    if (messageOf[after] < 0 || events[after].event === "sent") found.push(after);
  }
  return found;
};

/** The events that event i led to. */
const effectsOf = (i) => {
  const event = events[i];
  const message = messageOf[i] >= 0 ? messages[messageOf[i]] : null;
  if (event.event === "call") return [ofOperation(i, "return")].filter((j) => j >= 0);
  if (!message) return lanes[laneAt[i]].kind === "server" ? whatFollows(i) : [];
  if (event.event === "lost") return [endOfCall.get(message.call)].filter((j) => j >= i);
  if (event.event === "delivered") return whatFollows(i);
  const next = event.event === "held" ? message.released : message.held > i ? message.held : -1;
  return [next >= 0 ? next : message.end, ...message.copies.map((copy) => copy.sent)].filter((j) => j > i);
};

/** The effect that the key "right" goes to: along the message, and from a request to its reply. */
const mainEffectOf = (i) => {
  const effects = effectsOf(i);
  if (events[i].event !== "delivered") return effects[0] ?? -1;
  const message = messages[messageOf[i]];
  const reply = message.reply ? null : otherLeg(message);
  if (reply && reply.sent > i) return reply.sent;
  return effects.find((j) => events[j].event === "sent") ?? effects[0] ?? -1;
};
