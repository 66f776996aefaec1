// Finding text in messages, commands, values, notes and logs.
const searchField = document.getElementById("search");
const foundField = document.getElementById("found");
let found = [];
let foundPlace = -1;

const SEARCHED = ["text", "command", "operation", "value", "reason", "method", "place", "expected", "seen", "details", "title", "state_text", "snapshot_text"];

const holds = (i, wanted) => {
  const event = events[i];
  if (SEARCHED.some((name) => typeof event[name] === "string" && event[name].toLowerCase().includes(wanted))) return true;
  return whatHappened(i).toLowerCase().includes(wanted);
};

const sayFound = () => {
  if (!searchField.value) foundField.textContent = "";
  else if (!found.length) foundField.textContent = "not found";
  else foundField.textContent = `${(foundPlace + 1).toLocaleString("en")} of ${found.length.toLocaleString("en")}`;
};

/** Goes to the next place, or with -1 to the previous one. */
const goToFound = (step) => {
  if (found.length) {
    foundPlace = (foundPlace + step + found.length) % found.length;
    choose(found[foundPlace]);
  }
  sayFound();
};

const find = () => {
  const wanted = searchField.value.trim().toLowerCase();
  found = wanted ? shown.filter((i) => holds(i, wanted)) : [];
  const from = chosen >= 0 ? placeIn(found, chosen) : 0;
  foundPlace = found.length ? from % found.length : -1;
  goToFound(0);
  drawSoon();
};

let findTimer = 0;
searchField.addEventListener("input", () => {
  clearTimeout(findTimer);
  findTimer = setTimeout(find, count > 20000 ? 250 : 60);
});
searchField.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  goToFound(event.shiftKey ? -1 : 1);
});
document.getElementById("find-next").addEventListener("click", () => goToFound(1));
document.getElementById("find-previous").addEventListener("click", () => goToFound(-1));
