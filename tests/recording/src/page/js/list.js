// All events as a list of sentences. Only the rows that show are in the document.
const list = document.getElementById("list");
const listHeight = document.getElementById("list-height");
const listTitle = document.getElementById("list-title");
const ROW = 26;

/** The place of event i among those shown, or of the next one that is. */
const placeInList = (i) => placeIn(shown, i);

const rowOf = (place) => {
  const i = shown[place];
  const row = element("div", sentence(i), { role: "option", id: "row-" + i, "aria-setsize": shown.length, "aria-posinset": place + 1, "aria-selected": i === chosen, dir: "ltr" });
  row.style.top = place * ROW + "px";
  row.dataset.event = i;
  if (events[i].event === "failure") row.className = "failed";
  else if (events[i].event === "lost" || events[i].event === "crash") row.className = "fault";
  return row;
};

const drawList = () => {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  const rows = [];
  for (let place = first; place < last; place++) rows.push(rowOf(place));
  listHeight.replaceChildren(...rows);
  const active = chosen >= 0 && rows.some((row) => row.dataset.event === String(chosen));
  if (active) list.setAttribute("aria-activedescendant", "row-" + chosen);
  else list.removeAttribute("aria-activedescendant");
};

const rebuildList = () => {
  listHeight.style.height = shown.length * ROW + "px";
  const all = shown.length === count ? "All" : `${shown.length.toLocaleString("en")} of`;
  listTitle.textContent = `${all} ${count.toLocaleString("en")} events`;
  listTo(chosen);
};

/** Brings event i into the list. */
const listTo = (i) => {
  if (i >= 0) {
    const top = placeInList(i) * ROW;
    if (top < list.scrollTop + ROW || top > list.scrollTop + list.clientHeight - 2 * ROW) list.scrollTop = top - list.clientHeight / 2;
  }
  drawList();
};

list.addEventListener("scroll", drawList, { passive: true });
list.addEventListener("click", (event) => {
  const row = event.target.closest("[data-event]");
  if (row) choose(Number(row.dataset.event));
});
list.addEventListener("keydown", (event) => {
  const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
  if (steps === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const place = chosen < 0 ? 0 : placeInList(chosen) + steps;
  // The screen reader reads the row itself.
  choose(shown[Math.max(0, Math.min(shown.length - 1, place))], { quiet: true });
});
