// The panel with everything about the chosen event.
const detailsPanel = document.getElementById("details");

const element = (tag, text, attributes = {}) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const linkTo = (i) => {
  const button = element("button", sentence(i), { type: "button", class: "link", dir: "ltr" });
  button.addEventListener("click", () => choose(i));
  return button;
};

const listOfLinks = (title, places) => {
  const list = element("ul");
  for (const i of places) {
    const item = element("li");
    item.append(linkTo(i));
    list.append(item);
  }
  return places.length ? [element("h3", title), list] : [];
};

const FIELD_NAMES = { at: "time", message: "message", state: "saved state", snapshot: "snapshot", from: "from", to: "to", leads: "leads", index: "index" };
const UNITS = { state: " bytes", snapshot: " bytes", bytes: " bytes" };

const valueOf = (name, value) => {
  if (name === "at") return `${seconds(value / 1e6, 6)}`;
  if (name === "groups") return value.map((group) => group.map(nameOf).join(", ")).join(" | ");
  if (["server", "from", "to", "client", "caller"].includes(name)) return nameOf(value);
  if (name === "leads") return value ? "yes" : "no";
  return String(value) + (typeof value === "number" ? UNITS[name] ?? "" : "");
};

const SAVED = { state_text: "The saved state", snapshot_text: "The new snapshot" };

const fieldsOf = (event) => {
  const table = element("dl", undefined, { class: "fields" });
  for (const [name, value] of Object.entries(event)) {
    if (["event", "text", "details", "command", "operation", "value", "expected", "seen", ...Object.keys(SAVED)].includes(name)) continue;
    table.append(element("dt", FIELD_NAMES[name] ?? name), element("dd", valueOf(name, value)));
  }
  return table;
};

const longText = (title, text) => (text ? [element("h3", title), element("pre", text, { tabindex: "0", dir: "ltr" })] : []);

const ofMessage = (message, title) => {
  const sent = seconds(at[message.sent], 6);
  const end = message.end < 0 ? fateOf(message)
    : `${message.lost ? "lost" : "arrived"} ${seconds(at[message.end], 6)}, after ${duration(at[message.end] - at[message.sent])}` + (message.lost ? `: ${message.reason}` : "");
  return [
    element("h3", `${title}: ${nameOf(message.sender)} → ${nameOf(message.receiver)}`),
    element("p", `${message.method}, ${message.bytes} bytes, message ${message.number}${message.copyOf ? `, a copy of ${message.copyOf.number}` : ""}. Sent ${sent}, ${end}.`),
    element("pre", message.text ?? "The recording has no text of this message.", { tabindex: "0", dir: "ltr" }),
  ];
};

/** The message with its request or reply, requests first. */
const messagePart = (i) => {
  const message = messages[messageOf[i]];
  const other = otherLeg(message);
  const pair = message.reply ? [other, message] : [message, other];
  const parts = pair.filter(Boolean).flatMap((one) => ofMessage(one, one.reply ? "Reply" : "Request"));
  if (!other) parts.push(element("p", message.reply ? "Its request is not on this page." : "No reply was sent."));
  if (endOfCall.has(message.call)) parts.push(...listOfLinks("The end of the call", [endOfCall.get(message.call)]));
  return parts;
};

/** What each server did last before the failure. */
const beforeFailure = (i) => {
  const places = lanes.map((lane, l) => {
    if (lane.kind !== "server") return -1;
    let j = i - 1;
    while (j >= 0 && laneAt[j] !== l) j--;
    return j;
  });
  return places.filter((j) => j >= 0).sort((a, b) => a - b);
};

const linksOf = (i) => {
  if (events[i].event === "failure") return listOfLinks("The last event of each server before", beforeFailure(i));
  const cause = causeOf(i);
  const message = messageOf[i] >= 0 && events[i].event !== "sent";
  return [
    ...listOfLinks(message ? "Comes from" : "Just before in this lane", [cause].filter((j) => j >= 0)),
    ...listOfLinks("Leads to", effectsOf(i)),
    ...listOfLinks("Just after in this lane", followersOf(i)),
  ];
};

const showDetails = (i) => {
  if (i < 0) {
    detailsPanel.replaceChildren(element("p", "Choose something in the picture or in the list to see all about it."));
    return;
  }
  const event = events[i];
  // The heading of the page has the words of the failure.
  const title = i === failureAt ? `${seconds(at[i])}: the failure${event.server ? " on " + nameOf(event.server) : ""}` : sentence(i);
  const parts = [element("h2", title, { dir: "ltr" })];
  const texts = i === failureAt ? [] : ["expected", "seen", "command", "operation", "value", "text"];
  for (const name of texts) if (event.event !== "sent") parts.push(...longText(name, event[name]));
  for (const [name, title] of Object.entries(SAVED)) parts.push(...longText(title, event[name]));
  parts.push(...linksOf(i));
  const state = element("div", undefined, { class: "on-screen" });
  state.append(...longText("The state of the servers", event.details));
  parts.push(state);
  if (messageOf[i] >= 0) parts.push(...messagePart(i));
  else parts.push(fieldsOf(event));
  detailsPanel.replaceChildren(...parts);
  detailsPanel.scrollTop = 0;
};

/** About a fold, or about what is left out. */
const showFold = (fold) => {
  if (!fold) return detailsPanel.replaceChildren(element("p", leftOut()));
  const button = element("button", fold.open ? "Fold them in the list" : "Show them in the list", { type: "button" });
  button.addEventListener("click", () => toggleFold(fold));
  detailsPanel.replaceChildren(
    element("h2", sentenceOfFold(fold), { dir: "ltr" }),
    element("p", `These are ${fold.calls.toLocaleString("en")} calls after the first one with the same request, the same reply and the same fate. They have ${fold.hides.length.toLocaleString("en")} events.`),
    button,
    ...listOfLinks("The first of them all", [fold.message.sent]),
    ...listOfLinks("Their first and last event", [fold.hides[0], fold.hides[fold.hides.length - 1]]),
    ...ofMessage(fold.message, "Request"),
  );
};
