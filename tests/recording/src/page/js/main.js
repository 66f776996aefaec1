// Opens the page at the failure.
let lastWidth = 0;
let lastHeight = 0;

/** Fits the picture into its place, whose size has changed. */
const resized = () => {
  const width = scroller.clientWidth;
  const height = scroller.clientHeight;
  if (width === lastWidth && height === lastHeight) return;
  // The failure stays in sight; otherwise what stands near the lower edge stays near it.
  const bottom = lastHeight;
  const failureY = failureAt >= 0 && bottom ? layout.ys[failureAt] - scroller.scrollTop : -1;
  const showsFailure = failureY >= 0 && failureY <= bottom;
  const anchor = count && bottom ? (showsFailure ? failureAt : eventAt(bottom * 0.8)) : 0;
  const place = bottom ? ((layout.ys[anchor] - scroller.scrollTop) / bottom) * height : 0;
  lastWidth = width;
  lastHeight = height;
  smallest = wholeScale();
  if (count && bottom) layOutAgain(Math.max(smallest, layout.scale), anchor, place);
  drawList();
};

const recolour = () => {
  colours = coloursOf(document.documentElement);
  rebuildOverview();
  drawLegend();
  drawSoon();
};

const open = () => {
  fillFilter();
  fillHelp();
  if (heartbeatCalls) {
    by("heartbeats-label").hidden = false;
    by("heartbeats-label").querySelector("span").textContent = `Hide ${heartbeatCalls.toLocaleString("en")} heartbeats`;
  }
  by("to-cause").hidden = causeAt < 0;
  if (failureAt < 0) by("to-failure").firstChild.textContent = "End ";
  resized();
  rebuildList();
  showDetails(-1);
  if (count) showEnd(failureAt >= 0 ? failureAt : count - 1);
  choose(failureAt, { quiet: true, scroll: false });
  drawForPrint();
  drawNow();
  new ResizeObserver(resized).observe(scroller);
};

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
open();
// For measuring: how long frames took to draw.
window.frameTimes = frameTimes;
