// All events as a list of sentences. Only the rows that show are in the document.
const list = document.getElementById("list");
const listHeight = document.getElementById("list-height");
const listTitle = document.getElementById("list-title");
const unfoldButton = document.getElementById("unfold");
const ROW = 26;

/** What the rows show: an event, GAP, or the fold f as -2 - f. */
const GAP = -1;
const rowOfFold = (f) => -2 - f;
const foldInRow = (row) => (row <= -2 ? folds[-2 - row] : null);
let rows = [];
/** For each event that is shown its row, or the row of its fold. */
const placeOfEvent = new Int32Array(count).fill(-1);
/** The row that the keys have gone to, if it shows no event. */
let chosenRow = null;

const fillRows = () => {
  rows = [];
  const placeOfFold = new Map();
  let gapIsDue = !!data.gap;
  for (const i of shown) {
    if (gapIsDue && i >= data.gap.place) {
      gapIsDue = false;
      rows.push(GAP);
    }
    const f = foldOf[i];
    if (f >= 0 && !placeOfFold.has(f)) {
      placeOfFold.set(f, rows.length);
      rows.push(rowOfFold(f));
    }
    const isFolded = f >= 0 && !folds[f].open;
    placeOfEvent[i] = isFolded ? placeOfFold.get(f) : rows.length;
    if (!isFolded) rows.push(i);
  }
};

/** The row of event i, or of the next one that is shown. */
const placeInList = (i) => {
  const next = shown[placeIn(shown, i)];
  return next === undefined ? rows.length : placeOfEvent[next];
};

const wordsOfRow = (row) => {
  if (row >= 0) return sentence(row);
  if (row === GAP) return leftOut();
  const fold = foldInRow(row);
  return `${fold.open ? "▾" : "▸"} ${sentenceOfFold(fold)}`;
};

const classOfRow = (row) => {
  if (row < 0) return "fold";
  const { event } = events[row];
  return event === "failure" ? "failed" : ["lost", "crash", "unanswered"].includes(event) ? "fault" : "";
};

/** The row that is chosen, or that hides what is chosen. */
const chosenPlace = () => {
  if (chosenRow !== null) return rows.indexOf(chosenRow);
  return chosen >= 0 && !hidden[chosen] ? placeOfEvent[chosen] : -1;
};

const rowOf = (place, isChosen) => {
  const row = rows[place];
  const shape = element("div", wordsOfRow(row), { role: "option", id: "row-" + place, "aria-setsize": rows.length, "aria-posinset": place + 1, "aria-selected": isChosen, class: classOfRow(row), dir: "ltr" });
  shape.style.top = place * ROW + "px";
  shape.dataset.place = place;
  return shape;
};

const drawList = () => {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const last = Math.min(rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  const active = chosenPlace();
  const shapes = [];
  for (let place = first; place < last; place++) shapes.push(rowOf(place, place === active));
  listHeight.replaceChildren(...shapes);
  if (active >= first && active < last) list.setAttribute("aria-activedescendant", "row-" + active);
  else list.removeAttribute("aria-activedescendant");
};

const rebuildList = () => {
  fillRows();
  listHeight.style.height = rows.length * ROW + "px";
  const all = shown.length === count ? "All" : `${shown.length.toLocaleString("en")} of`;
  const isClosed = (i) => foldOf[i] >= 0 && !folds[foldOf[i]].open;
  const folded = shown.filter(isClosed).length;
  listTitle.textContent = `${all} ${count.toLocaleString("en")} events` + (folded ? `, ${folded.toLocaleString("en")} of them folded` : "");
  unfoldButton.hidden = folds.length === 0;
  unfoldButton.textContent = folded ? "Unfold" : "Fold";
  scrollToChosen();
};

const scrollToChosen = () => {
  const place = chosenPlace();
  if (place >= 0) {
    const top = place * ROW;
    if (top < list.scrollTop + ROW || top > list.scrollTop + list.clientHeight - 2 * ROW) list.scrollTop = top - list.clientHeight / 2;
  }
  drawList();
};

/** Brings event i into the list. */
const listTo = (i) => {
  chosenRow = null;
  if (i >= 0 && hidden[i]) list.scrollTop = placeInList(i) * ROW - list.clientHeight / 2;
  scrollToChosen();
};

/** Chooses what stands in a row. */
const chooseRow = (place) => {
  const row = rows[place];
  if (row === undefined) return;
  // The screen reader reads the row itself.
  if (row >= 0) return choose(row, { quiet: true });
  chooseNothing();
  chosenRow = row;
  showFold(foldInRow(row));
  scrollToChosen();
};

/** Opens a fold, or closes it. */
const toggleFold = (fold) => {
  fold.open = !fold.open;
  chosenRow = rowOfFold(folds.indexOf(fold));
  rebuildList();
  showFold(fold);
};

unfoldButton.addEventListener("click", () => {
  const opens = unfoldButton.textContent === "Unfold";
  for (const fold of folds) fold.open = opens;
  rebuildList();
});
list.addEventListener("scroll", drawList, { passive: true });
list.addEventListener("click", (event) => {
  const shape = event.target.closest("[data-place]");
  if (!shape) return;
  const row = rows[Number(shape.dataset.place)];
  chooseRow(Number(shape.dataset.place));
  if (foldInRow(row)) toggleFold(foldInRow(row));
});
list.addEventListener("keydown", (event) => {
  const fold = chosenRow === null ? null : foldInRow(chosenRow);
  const opens = fold && (event.key === "Enter" || event.key === " ");
  const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
  if (steps === undefined && !opens) return;
  event.preventDefault();
  event.stopPropagation();
  if (opens) return toggleFold(fold);
  const from = chosenPlace();
  const place = from >= 0 ? from + steps : chosen >= 0 ? placeInList(chosen) + steps : 0;
  chooseRow(Math.max(0, Math.min(rows.length - 1, place)));
});
