// The events, the lanes they belong to, and their order within each lane.
const data = JSON.parse(document.getElementById("recording").textContent);
const events = data.events;
const count = events.length;

/** When each event happened, in milliseconds. */
const at = Float64Array.from(events, (event) => event.at / 1e6);

/** The first place of a sorted list whose value is not below `value`. */
const placeIn = (list, value) => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

const byNumberInName = (a, b) => a.localeCompare(b, "en", { numeric: true });

const serverNames = (() => {
  const names = new Set();
  const others = new Set();
  for (const event of events) {
    if (event.server) names.add(event.server);
    for (const group of event.groups ?? []) group.forEach((name) => names.add(name));
    if (event.client) others.add(event.client);
    if (event.from) (/server/.test(event.from) ? names : others).add(event.from);
    if (event.to) (/server/.test(event.to) ? names : others).add(event.to);
  }
  others.delete("test");
  return { servers: [...names].sort(byNumberInName), hasClients: [...others].some((n) => !names.has(n)) };
})();

/** "server 0" for "server-0". */
const nameOf = (name) => {
  const shown = String(name).replace(/[-_](?=\d+$)/, " ");
  return shown.length > 40 ? shown.slice(0, 40) + "…" : shown;
};

const lanes = [{ name: "test", shown: "test", kind: "test" }];
if (serverNames.hasClients) lanes.push({ name: "clients", shown: "clients", kind: "clients" });
for (const name of serverNames.servers) lanes.push({ name, shown: nameOf(name), kind: "server" });

const TEST_LANE = 0;
const CLIENT_LANE = serverNames.hasClients ? 1 : 0;
const laneOfServer = new Map(lanes.map((lane, l) => [lane.name, l]).filter(([, l]) => lanes[l].kind === "server"));

/** The lane of a server, of the test, or of all clients. */
const laneOf = (name) => laneOfServer.get(name) ?? (name === "test" ? TEST_LANE : CLIENT_LANE);

/** The place where the failure became likely: where a thread was interrupted, or where it was measured; or -1. */
const causeAt = (() => {
  const interrupted = events.findIndex((event) => event.event === "interrupt");
  return interrupted >= 0 ? interrupted : events.findIndex((event) => event.event === "cause" && event.at > 0);
})();

/** The place of the first failure, or -1. */
const failureAt = events.findIndex((event) => event.event === "failure");
