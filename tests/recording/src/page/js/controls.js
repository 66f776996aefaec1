// The buttons, the filter and the help.
const by = (id) => document.getElementById(id);
const sheets = ["filter", "legend", "help"];
const sheetOf = { filter: by("filters"), legend: by("legend"), help: by("help") };

/** Opens a sheet, or closes it; the others close. */
const toggleSheet = (name) => {
  for (const other of sheets) {
    const open = other === name && sheetOf[other].hidden;
    sheetOf[other].hidden = !open;
    by(other + "-button").setAttribute("aria-expanded", open);
  }
  if (name === "legend") drawLegend();
  resized();
};

for (const name of sheets) by(name + "-button").addEventListener("click", () => toggleSheet(name));

const refilter = () => {
  applyFilter();
  refresh();
  rebuildList();
  if (searchField.value) find();
  const off = filter.hiddenLanes.size + filter.hiddenKinds.size + (filter.term !== null);
  by("filter-button").textContent = off ? `Filter (${off} on)` : "Filter";
};

const checkbox = (text, set, key) => {
  const label = element("label");
  const box = element("input", undefined, { type: "checkbox", "data-filter": key });
  box.checked = true;
  box.addEventListener("change", () => {
    if (box.checked) set.delete(key);
    else set.add(key);
    refilter();
  });
  label.append(box, element("bdi", text));
  return label;
};

const group = (title, ...parts) => {
  const set = element("fieldset");
  set.append(element("legend", title), ...parts);
  return set;
};

const termChoice = () => {
  const select = element("select", undefined, { "aria-label": "Term", id: "term" });
  select.append(element("option", "all terms", { value: "" }));
  for (const term of [...terms].sort((a, b) => a - b)) select.append(element("option", `term ${term}`, { value: term }));
  select.addEventListener("change", () => {
    filter.term = select.value === "" ? null : Number(select.value);
    refilter();
  });
  return select;
};

const showAll = () => {
  filter.hiddenLanes.clear();
  filter.hiddenKinds.clear();
  filter.term = null;
  filter.heartbeats = true;
  by("heartbeats").checked = false;
  fillFilter();
  refilter();
};

const KIND_WORDS = { votes: "votes", appends: "appends", snapshots: "snapshots", others: "other messages", saves: "saves", applies: "applies", logs: "log lines" };

const fillFilter = () => {
  const all = element("button", "Show everything", { type: "button" });
  all.addEventListener("click", showAll);
  sheetOf.filter.replaceChildren(
    group("Lanes", ...lanes.map((lane, l) => checkbox(lane.shown, filter.hiddenLanes, l))),
    group("Kinds", ...KINDS.map((kind) => checkbox(KIND_WORDS[kind], filter.hiddenKinds, kind))),
    group("What servers do in", termChoice()),
    all,
  );
};

const KEYS = [
  ["↑ ↓", "previous or next event in the lane"],
  ["← →", "along the message to its other end and from a request to its reply; else what came just before or after"],
  ["f", "the failure"],
  ["c", "where the failure became likely, if that is known"],
  ["+ −", "zoom in and out; also Ctrl and the wheel, or two fingers"],
  ["0", "the whole run"],
  ["/", "find text; n and N: next and previous place"],
  ["h", "hide or show heartbeats"],
  ["Enter", "the details of the chosen event"],
  ["?", "these keys"],
  ["Escape", "close what is open, then choose nothing"],
];

const fillHelp = () => {
  const table = element("dl", undefined, { class: "keys" });
  for (const [key, text] of KEYS) {
    const name = element("dt");
    name.append(...key.split(" ").map((one) => element("kbd", one)));
    table.append(name, element("dd", text));
  }
  sheetOf.help.replaceChildren(table);
};

const toggleHeartbeats = () => {
  filter.heartbeats = !by("heartbeats").checked;
  refilter();
};

const toFailure = () => {
  if (failureAt < 0) return count && showEnd(count - 1);
  showEnd(failureAt);
  choose(failureAt);
};

const toCause = () => {
  if (causeAt < 0) return;
  showEnd(causeAt);
  choose(causeAt);
};

by("to-cause").addEventListener("click", toCause);
by("to-failure").addEventListener("click", toFailure);
by("zoom-in").addEventListener("click", () => zoom(1.6));
by("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
by("zoom-all").addEventListener("click", zoomWhole);
by("heartbeats").addEventListener("change", toggleHeartbeats);
