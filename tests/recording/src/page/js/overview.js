// The whole run as a strip: how much happens when, terms, crashes, the failure, and what shows now.
const overview = document.getElementById("overview");
const runEnd = count ? Math.max(at[count - 1], 1e-6) : 1;
let overviewPicture = null;

const overviewY = (time, height) => 2 + (time / runEnd) * (height - 4);

/** Draws what does not change while scrolling. */
const drawRun = (ctx, width, height) => {
  const c = colours;
  ctx.fillStyle = c.paper;
  ctx.fillRect(0, 0, width, height);
  const density = new Float64Array(height + 1);
  let term = -1;
  let from = 0;
  const band = (to) => {
    if (term >= 0) {
      ctx.fillStyle = c.bands[term % c.bands.length];
      ctx.fillRect(0, from, width, to - from);
    }
    from = to;
  };
  for (const i of shown) {
    const y = overviewY(at[i], height);
    density[Math.round(y)]++;
    if (termAt[i] > term) {
      band(y);
      term = termAt[i];
    }
  }
  band(height);
  const most = density.reduce((a, b) => Math.max(a, b), 1);
  ctx.fillStyle = c.muted;
  density.forEach((value, y) => value && ctx.fillRect(0, y, 2 + (width - 16) * Math.sqrt(value / most) * 0.8, 1));
  for (const i of shown) {
    const mark = { crash: "crash", start: "start", network: "network", kill: "kill" }[events[i].event];
    if (!mark || (mark === "start" && events[i].life === 1)) continue;
    ctx.save();
    ctx.translate(width - 8, overviewY(at[i], height));
    ctx.scale(0.7, 0.7);
    drawMark[mark](ctx, 0, 0, c);
    ctx.restore();
  }
  if (failureAt >= 0) {
    ctx.fillStyle = c.failure;
    ctx.fillRect(0, overviewY(at[failureAt], height) - 1.5, width, 3);
  }
};

const rebuildOverview = () => {
  overviewPicture = null;
};

/** Draws the strip and frames the times that show in the picture. */
const drawOverview = (from, to) => {
  const ratio = devicePixelRatio || 1;
  const width = overview.clientWidth;
  const height = overview.clientHeight;
  if (!width || !height) return;
  if (!overviewPicture || overviewPicture.width !== Math.round(width * ratio) || overviewPicture.height !== Math.round(height * ratio)) {
    overviewPicture = document.createElement("canvas");
    overviewPicture.width = overview.width = Math.round(width * ratio);
    overviewPicture.height = overview.height = Math.round(height * ratio);
    const pen = overviewPicture.getContext("2d");
    pen.scale(ratio, ratio);
    drawRun(pen, width, height);
  }
  const ctx = overview.getContext("2d");
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(overviewPicture, 0, 0);
  ctx.scale(ratio, ratio);
  const y0 = overviewY(from, height);
  const y1 = Math.max(overviewY(to, height), y0 + 5);
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 2;
  ctx.strokeRect(1, y0 - 1, width - 2, y1 - y0 + 2);
  overview.setAttribute("aria-valuemax", runEnd.toFixed(0));
  overview.setAttribute("aria-valuenow", Math.min(runEnd, from).toFixed(0));
  overview.setAttribute("aria-valuetext", `${seconds(from)} to ${seconds(to)} of ${seconds(runEnd)}`);
};

const jumpTo = (event) => {
  const box = overview.getBoundingClientRect();
  const time = Math.max(0, Math.min(1, (event.clientY - box.top - 2) / (box.height - 4))) * runEnd;
  showTime(time);
};

overview.addEventListener("pointerdown", (event) => {
  overview.setPointerCapture(event.pointerId);
  jumpTo(event);
});
overview.addEventListener("pointermove", (event) => event.buttons && jumpTo(event));
overview.addEventListener("keydown", (event) => {
  const pages = { ArrowUp: -0.25, ArrowDown: 0.25, PageUp: -1, PageDown: 1, Home: -Infinity, End: Infinity }[event.key];
  if (pages === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  scrollBy(pages);
});
