// What shows of the run: scrolling, zooming, and drawing again when something has changed.
const scroller = document.getElementById("scroller");
const heightHolder = document.getElementById("height");
const canvas = document.getElementById("canvas");
const status = document.getElementById("status");
const laneNames = document.getElementById("lanes");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let layout = layOut(1);
let across = acrossFor(800);
let surface = null;
let waiting = false;
/** How long the last frames took to draw, in milliseconds. */
const frameTimes = [];

const drawNow = () => {
  waiting = false;
  const began = performance.now();
  const ratio = devicePixelRatio || 1;
  const width = scroller.clientWidth;
  const height = scroller.clientHeight;
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
  }
  const ctx = canvas.getContext("2d", { alpha: false });
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  surface = { ctx, width, height, top: scroller.scrollTop, layout, across, colours };
  draw(surface);
  if (count) drawOverview(at[surface.first], at[surface.last]);
  sayDensity();
  frameTimes.push(performance.now() - began);
  if (frameTimes.length > 1000) frameTimes.shift();
};

const drawSoon = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(drawNow);
};

const sayDensity = () => {
  if (status.dataset.hover) return;
  status.textContent = surface.stride > 1
    ? `Too much to draw each message: about one of ${surface.stride} is drawn. Zoom in to see all.`
    : count ? `${seconds(at[surface.first])} to ${seconds(at[surface.last])}` : "The recording is empty.";
};

/** Names the lanes; where they are narrow, on two lines or upright. */
const nameLanes = () => {
  const least = Math.min(...across.open.filter((l) => lanes[l].kind === "server").map((l) => across.right[l] - across.left[l]));
  laneNames.className = least < 36 ? "upright" : least < 68 ? "narrow" : "";
  laneNames.replaceChildren(...across.open.map((l) => {
    const name = document.createElement("bdi");
    name.textContent = lanes[l].shown;
    name.style.left = across.left[l] + "px";
    name.style.width = across.right[l] - across.left[l] + "px";
    return name;
  }));
  const axis = document.createElement("span");
  axis.textContent = across.axis > 50 ? "time in s" : "s";
  axis.style.width = across.axis - 6 + "px";
  laneNames.prepend(axis);
};

/** Computes all places again, with the event `anchor` staying at `y` in the picture. */
const layOutAgain = (scale, anchor, y) => {
  layout = layOut(scale);
  across = acrossFor(scroller.clientWidth);
  heightHolder.style.height = Math.max(layout.height, scroller.clientHeight) + "px";
  if (count) scroller.scrollTop = layout.ys[anchor] - y;
  nameLanes();
  drawSoon();
};

/** The event that stands nearest to `y` of the picture. */
const eventAt = (y) => Math.min(count - 1, firstFrom(layout, scroller.scrollTop + y));

const wholeScale = () => (count ? scaleFor(0, count - 1, scroller.clientHeight - TOP - BOTTOM) : 1);
let smallest = 0;

/** Zooms so that what is at `y` of the picture stays there. */
const zoom = (factor, y = scroller.clientHeight / 2) => {
  if (!count) return;
  const shows = chosen >= 0 && !hidden[chosen] && layout.ys[chosen] >= scroller.scrollTop && layout.ys[chosen] <= scroller.scrollTop + scroller.clientHeight;
  const anchor = shows && y === scroller.clientHeight / 2 ? chosen : eventAt(y);
  const place = layout.ys[anchor] - scroller.scrollTop;
  layOutAgain(Math.max(smallest, Math.min(DEEPEST, layout.scale * factor)), anchor, place);
};

const zoomWhole = () => layOutAgain(smallest, 0, TOP);

/** Shows the last second before event i, with i near the lower edge. */
const showEnd = (i) => {
  const room = scroller.clientHeight;
  const from = Math.min(i, firstSince(at[i] - 1000));
  const scale = scaleFor(from, i, room * 0.82, Math.max(smallest, 0.3));
  layOutAgain(Math.min(scale, 40), i, room * 0.86);
};

/** Brings an event into the picture. */
const showEvent = (i) => {
  const y = layout.ys[i] - scroller.scrollTop;
  const room = scroller.clientHeight;
  if (y > 40 && y < room - 40) return drawSoon();
  const top = layout.ys[i] - room * (y <= 40 ? 0.3 : 0.6);
  const near = Math.abs(top - scroller.scrollTop) < 2 * room;
  scroller.scrollTo({ top, behavior: near && !calm.matches ? "smooth" : "auto" });
  drawSoon();
};

const showTime = (time) => {
  const i = Math.min(count - 1, firstSince(time));
  if (i >= 0) scroller.scrollTop = layout.ys[i] - scroller.clientHeight / 2;
};

const scrollBy = (pages) => {
  const room = scroller.clientHeight * 0.9;
  scroller.scrollTop = Math.max(0, Math.min(layout.height, scroller.scrollTop + pages * room));
};

/** Lays out again after a filter, with what is in the middle staying there. */
const refresh = () => {
  if (!count) return;
  const anchor = chosen >= 0 && !hidden[chosen] ? chosen : eventAt(scroller.clientHeight / 2);
  const place = Math.max(40, Math.min(scroller.clientHeight - 40, layout.ys[anchor] - scroller.scrollTop));
  smallest = wholeScale();
  rebuildOverview();
  layOutAgain(Math.max(smallest, layout.scale), anchor, place);
};

scroller.addEventListener("scroll", drawSoon, { passive: true });
scroller.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * 0.004), event.clientY - scroller.getBoundingClientRect().top);
}, { passive: false });

let pinch = 0;
const fingers = (event) => Math.hypot(event.touches[0].clientX - event.touches[1].clientX, event.touches[0].clientY - event.touches[1].clientY);
scroller.addEventListener("touchstart", (event) => {
  pinch = event.touches.length === 2 ? fingers(event) : 0;
}, { passive: true });
scroller.addEventListener("touchmove", (event) => {
  if (event.touches.length !== 2 || !pinch) return;
  event.preventDefault();
  const now = fingers(event);
  const middle = (event.touches[0].clientY + event.touches[1].clientY) / 2;
  zoom(now / pinch, middle - scroller.getBoundingClientRect().top);
  pinch = now;
}, { passive: false });
