// The chosen event, and choosing one with the pointer.
let chosen = -1;
const announcer = document.getElementById("announcer");

/** The message of the chosen event, and its request or reply. */
const chosenMessages = () => {
  if (chosen < 0 || messageOf[chosen] < 0) return [];
  const message = messages[messageOf[chosen]];
  return [message, otherLeg(message)].filter(Boolean);
};

/** Chooses an event: its details show, and the picture and the list go to it. */
const choose = (i, { quiet = false, scroll = true } = {}) => {
  if (i < 0 || i >= count) return;
  chosen = i;
  if (hidden[i]) status.dataset.hover = status.textContent = "This event is hidden by the filter.";
  else delete status.dataset.hover;
  showDetails(i);
  listTo(i);
  if (!hidden[i] && scroll) showEvent(i);
  if (!quiet) announcer.textContent = sentence(i);
  drawSoon();
};

const chooseNothing = () => {
  chosen = -1;
  showDetails(-1);
  listTo(-1);
  drawSoon();
};

/** The event whose mark, or whose message, is at a point of the picture; -1 if none is. */
const hit = (x, y) => {
  if (!surface) return -1;
  const first = firstFrom(layout, surface.top + y - 14);
  let best = -1;
  let least = 12;
  for (let i = first; i < count && layout.ys[i] <= surface.top + y + 14; i++) {
    if (hidden[i]) continue;
    const distance = Math.hypot(pointX(across, i) - x, layout.ys[i] - surface.top - y);
    if (distance < least) [best, least] = [i, distance];
  }
  if (failureAt >= 0 && Math.abs(layout.ys[failureAt] - surface.top - y) < 6 && least > 5) return failureAt;
  return best >= 0 ? best : hitMessage(x, y);
};

const hitMessage = (x, y) => {
  let best = null;
  let least = 6;
  if (surface.stride > 1) return -1;
  eachMessage(surface.first, surface.last, (message) => {
    const distance = distanceTo(pathOf(message, layout, across), x, y + surface.top);
    if (distance < least) [best, least] = [message, distance];
  });
  return best ? best.sent : -1;
};

const pointIn = (event) => {
  const box = scroller.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

scroller.addEventListener("click", (event) => {
  const i = hit(...pointIn(event));
  if (i >= 0) choose(i, { scroll: false });
});

scroller.addEventListener("pointermove", (event) => {
  if (event.pointerType === "touch") return;
  const i = hit(...pointIn(event));
  scroller.style.cursor = i >= 0 ? "pointer" : "";
  if (i >= 0) status.dataset.hover = status.textContent = sentence(i);
  else {
    delete status.dataset.hover;
    sayDensity();
  }
}, { passive: true });
