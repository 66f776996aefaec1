// Where each event stands: time runs down, quiet stretches are shortened, and what happens at one
// moment in one lane is spread out, so that its order can be read.
const TOP = 34;
const BOTTOM = 60;
const TALLEST = 8e6;

/** The longest stretch without events, in pixels. Deeper zoom leaves more of it. */
const longestGap = (scale) => Math.min(48 + Math.max(0, scale - 40) * 0.4, 200, Math.max(16, TALLEST / (shown.length + 1)));

/** The least distance of two events of a lane, in pixels. */
const leastStep = (scale) => Math.min(16, scale * 5);

/** Computes the place of every event when a millisecond takes `scale` pixels. */
const layOut = (scale) => {
  const ys = new Float64Array(count);
  const breaks = [];
  const cap = longestGap(scale);
  const step = leastStep(scale);
  const lastInLane = new Float64Array(lanes.length).fill(-1e9);
  let y = TOP;
  let last = -1;
  for (let i = 0; i < count; i++) {
    if (hidden[i]) {
      ys[i] = y;
      continue;
    }
    const l = laneAt[i];
    const time = last < 0 ? 0 : at[i] - at[last];
    let next = y + time * scale;
    if (next > y + cap) {
      if (next > y + 1.5 * cap) breaks.push({ i, y: y + cap / 2, time });
      next = y + cap;
    }
    y = Math.max(next, lastInLane[l] + step);
    ys[i] = y;
    lastInLane[l] = y;
    last = i;
  }
  return { ys, breaks, scale, step, height: y + BOTTOM };
};

/** The first event that stands at `y` or below. */
const firstFrom = (layout, y) => placeIn(layout.ys, y);

/** The first event at or after a time in milliseconds. */
const firstSince = (time) => placeIn(at, time);

const DEEPEST = 1000;

/** The scale with which events `from` to `to` take `pixels`, as far as it is within the limits. */
const scaleFor = (from, to, pixels, least = 1e-6) => {
  let low = Math.log(least);
  let high = Math.log(DEEPEST);
  for (let round = 0; round < 22; round++) {
    const middle = (low + high) / 2;
    const { ys } = layOut(Math.exp(middle));
    if (ys[to] - ys[from] > pixels) high = middle;
    else low = middle;
  }
  return Math.exp(low);
};

/** Where the lanes stand when the picture is so wide. */
const acrossFor = (width) => {
  const axis = width < 500 ? 44 : 64;
  const open = lanes.map((lane, l) => l).filter((l) => !filter.hiddenLanes.has(l));
  // The lane of the test has a few marks and no messages: it needs less room.
  const weights = open.map((l) => (lanes[l].kind === "test" ? 0.7 : 1));
  const unit = (width - axis - 6) / Math.max(1, weights.reduce((a, b) => a + b, 0));
  const across = { axis, width, left: new Float64Array(lanes.length).fill(-1), right: new Float64Array(lanes.length), middle: new Float64Array(lanes.length), open };
  let x = axis;
  open.forEach((l, place) => {
    across.left[l] = x;
    x += unit * weights[place];
    across.right[l] = x;
    across.middle[l] = (across.left[l] + x) / 2;
  });
  return across;
};
