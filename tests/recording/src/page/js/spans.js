// What lasts in a lane: lives and crashes, terms, leading, and being cut off.

/** For each lane what changes: {i, up, life, term, leads}, each from event i on. */
const phases = lanes.map(() => []);
/** For each lane with whom it is connected: {i, label}, label "" if with all. */
const sides = lanes.map(() => []);
/** For each event the term that its server is in, or -1. */
const termAt = new Int32Array(count).fill(-1);
/** All terms in which a server was. */
const terms = new Set();

/** Says with whom the server is connected: "" with all, else whom it still reaches. */
const sideOf = (name, groups) => {
  const mine = groups.find((group) => group.includes(name)) ?? [name];
  const others = serverNames.servers.filter((other) => !mine.includes(other));
  if (others.length === 0) return "";
  if (mine.length <= 1) return "cut off";
  const numbers = mine.filter((other) => other !== name).map((other) => nameOf(other).replace(/^server /, ""));
  return "reaches only server " + numbers.sort(byNumberInName).join(", ");
};

(() => {
  const now = lanes.map(() => ({ up: true, life: 0, term: -1, leads: false, killed: false }));
  const change = (i, l, what) => {
    Object.assign(now[l], what);
    phases[l].push({ i, ...now[l] });
  };
  events.forEach((event, i) => {
    const l = laneAt[i];
    if (event.event === "start") change(i, l, { up: true, life: event.life, leads: false, killed: false });
    else if (event.event === "crash") change(i, l, { up: false, leads: false });
    else if (event.event === "kill") change(i, l, { killed: true });
    else if (event.event === "state") {
      change(i, l, { term: event.term, leads: event.leads });
      terms.add(event.term);
    } else if (event.event === "network") {
      lanes.forEach((lane, l) => {
        if (lane.kind === "server") sides[l].push({ i, label: sideOf(lane.name, event.groups) });
      });
    }
    termAt[i] = now[l].term;
  });
})();

/** The last entry of a list of changes that holds at event i. */
const holdsAt = (changes, i) => {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle].i <= i) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** For each event the previous and the next one in its lane, or -1. */
const previousInLane = new Int32Array(count).fill(-1);
const nextInLane = new Int32Array(count).fill(-1);
(() => {
  const last = new Int32Array(lanes.length).fill(-1);
  for (let i = 0; i < count; i++) {
    const l = laneAt[i];
    previousInLane[i] = last[l];
    if (last[l] >= 0) nextInLane[last[l]] = i;
    last[l] = i;
  }
})();
