// The keys.
const stepInLane = (next) => {
  if (chosen < 0) return choose(failureAt >= 0 ? failureAt : eventAt(scroller.clientHeight / 2));
  let i = next[chosen];
  while (i >= 0 && hidden[i]) i = next[i];
  choose(i);
};

const escape = () => {
  const open = sheets.find((name) => !sheetOf[name].hidden);
  if (document.activeElement === searchField) scroller.focus();
  else if (open) toggleSheet(open);
  else chooseNothing();
};

const actions = {
  ArrowUp: () => stepInLane(previousInLane),
  ArrowDown: () => stepInLane(nextInLane),
  ArrowLeft: () => choose(chosen < 0 ? failureAt : causeOf(chosen)),
  ArrowRight: () => choose(chosen < 0 ? failureAt : nextStepOf(chosen)),
  f: toFailure,
  c: toCause,
  "+": () => zoom(1.6),
  "=": () => zoom(1.6),
  "-": () => zoom(1 / 1.6),
  0: zoomWhole,
  "/": () => {
    searchField.focus();
    searchField.select();
  },
  n: () => goToFound(1),
  N: () => goToFound(-1),
  h: () => heartbeatCalls && by("heartbeats").click(),
  "?": () => toggleSheet("help"),
  Enter: () => chosen >= 0 && detailsPanel.focus(),
  Escape: escape,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = event.target.closest?.("input, select, textarea, button, summary, pre, a");
  if (inside && event.key !== "Escape" && (inside.matches("input, select, textarea") || /^(Enter| |Arrow.*)$/.test(event.key))) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
