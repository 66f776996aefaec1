// Which events are shown.
const filter = {
  hiddenLanes: new Set(),
  hiddenKinds: new Set(),
  term: null,
  heartbeats: true,
};

/** What a reader can switch off. */
const KINDS = ["votes", "appends", "snapshots", "others", "saves", "applies", "logs"];
const kindOfEvent = { save: "saves", apply: "applies", log: "logs", install: "snapshots", snapshot: "snapshots" };
const ALWAYS = new Set(["run", "start", "crash", "kill", "network", "state", "interrupt", "cause", "failure"]);

/** 1 for each event that is not shown. */
const hidden = new Uint8Array(count);
/** The events that are shown, in their order. */
let shown = [];

const isHidden = (event, i) => {
  const l = laneAt[i];
  if (filter.hiddenLanes.has(l)) return event.event !== "failure";
  if (ALWAYS.has(event.event)) return false;
  if (filter.term !== null && termAt[i] !== filter.term && lanes[l].kind === "server") return true;
  const message = messageOf[i] < 0 ? requestOfEnd.get(i) : messages[messageOf[i]];
  if (!message) return filter.hiddenKinds.has(kindOfEvent[event.event]);
  if (filter.hiddenLanes.has(message.from) || filter.hiddenLanes.has(message.to)) return true;
  return filter.hiddenKinds.has(message.kind) || (message.heartbeat && !filter.heartbeats);
};

const applyFilter = () => {
  shown = [];
  events.forEach((event, i) => {
    hidden[i] = isHidden(event, i) ? 1 : 0;
    if (!hidden[i]) shown.push(i);
  });
};
applyFilter();
