// What lies behind the messages: terms, leading, crashes, cut-off servers, quiet stretches and times.

/** Calls `each(change, y0, y1)` for the changes of a lane that show between two events. */
const eachSpan = (changes, surface, each) => {
  const { layout, first, last, top, height } = surface;
  for (let place = Math.max(0, holdsAt(changes, first)); place < changes.length && changes[place].i <= last; place++) {
    const next = changes[place + 1];
    const y0 = layout.ys[changes[place].i] - top;
    const y1 = (next ? layout.ys[next.i] : layout.height) - top;
    if (y1 > 0 && y0 < height && y1 > y0) each(changes[place], y0, y1, changes[place - 1]);
  }
};

const drawPhase = (surface, l, phase, y0, y1) => {
  const { ctx, across, colours: c } = surface;
  const left = across.left[l] + 2;
  const width = across.right[l] - across.left[l] - 4;
  if (!phase.up) {
    ctx.fillStyle = surface.hatch;
    ctx.fillRect(left, y0, width, y1 - y0);
    return;
  }
  if (phase.term >= 0) {
    ctx.fillStyle = c.bands[phase.term % c.bands.length];
    ctx.fillRect(left, y0, width, y1 - y0);
  }
  if (phase.leads) {
    ctx.fillStyle = c.leads;
    ctx.fillRect(left, y0, 4, y1 - y0);
    ctx.fillRect(left + width - 4, y0, 4, y1 - y0);
  }
};

/** The words of a phase: its term, and what is new in it. */
const wordsOfPhase = (phase, before) => {
  const words = [];
  if (!phase.up) return ["crashed"];
  if (phase.life > 1 && phase.life !== before?.life) words.push(`life ${phase.life}`);
  if (phase.term >= 0 && (phase.term !== before?.term || phase.leads !== before?.leads || !before.up)) words.push(`term ${phase.term}`);
  if (phase.leads) words.push("leads");
  else if (before?.leads && before.up) words.push("follower");
  return words;
};

const drawWords = (surface, l, phase, y0, y1, before) => {
  const { ctx, across, colours: c } = surface;
  const narrow = across.right[l] - across.left[l] < 70;
  let words = wordsOfPhase(phase, before);
  // A phase that began above keeps its words at the top of the picture.
  if (y0 < 0) words = wordsOfPhase(phase, null).filter((word) => !word.startsWith("life"));
  // In the narrowest lanes there is room for the number of the term alone.
  if (across.right[l] - across.left[l] < 36) words = words.filter((word) => word.startsWith("term")).map((word) => word.slice(5));
  ctx.textAlign = "left";
  let y = Math.max(y0, 0) + 12;
  for (const word of narrow ? words : [words.join(", ")]) {
    if (!word || y > y1 + 2) break;
    ctx.font = `${phase.leads ? 700 : 600} ${narrow ? 10 : 11}px ${FONT}`;
    const x = across.left[l] + (phase.leads ? 9 : 5);
    ctx.fillStyle = c.paper;
    ctx.globalAlpha = 0.8;
    ctx.fillRect(x - 1, y - 10, ctx.measureText(word).width + 3, 13);
    ctx.globalAlpha = 1;
    ctx.fillStyle = phase.leads ? c.leads : c.muted;
    ctx.fillText(word, x, y);
    y += 13;
  }
};

/** A striped band with upright words beside a lane, for a server that does not reach all others. */
const drawSide = (surface, l, label, y0, y1) => {
  const { ctx, across, colours: c, height } = surface;
  const x = across.right[l] - 15;
  const from = Math.max(y0, -4);
  const to = Math.min(y1, height + 4);
  ctx.fillStyle = c.paper;
  ctx.fillRect(x, from, 12, to - from);
  ctx.fillStyle = surface.stripes;
  ctx.fillRect(x, from, 12, to - from);
  ctx.strokeStyle = c.lost;
  ctx.lineWidth = 1;
  ctx.strokeRect(x + 0.5, y0, 11, y1 - y0);
  ctx.font = `600 10px ${FONT}`;
  const length = ctx.measureText(label).width + 8;
  ctx.textAlign = "left";
  for (let y = Math.max(y0, 0) + 6; y + length < Math.min(y1, height); y += 260) {
    ctx.fillStyle = c.paper;
    ctx.fillRect(x + 1, y, 10, length);
    ctx.save();
    ctx.translate(x + 2.5, y + 4);
    ctx.rotate(Math.PI / 2);
    ctx.fillStyle = c.lost;
    ctx.fillText(label, 0, 0);
    ctx.restore();
  }
};

const drawLanes = (surface) => {
  const { ctx, across, colours: c, height } = surface;
  for (const l of across.open) eachSpan(phases[l], surface, (phase, y0, y1) => drawPhase(surface, l, phase, y0, y1));
  ctx.strokeStyle = c.line;
  ctx.lineWidth = 1.2;
  for (const l of across.open) strokes(ctx, [across.middle[l], 0, across.middle[l], height]);
  for (const l of across.open) {
    eachSpan(sides[l], surface, (side, y0, y1) => side.label && drawSide(surface, l, side.label, y0, y1));
  }
};

const drawLaneWords = (surface) => {
  for (const l of surface.across.open) {
    let y = -1;
    eachSpan(phases[l], surface, (phase, y0, y1, before) => {
      // Where phases follow each other at once, only the last can be read.
      if (y1 - Math.max(y0, 0) < 13 && y1 < surface.height) return;
      if (Math.max(y0, 0) < y) return;
      drawWords(surface, l, phase, y0, y1, before);
      y = Math.max(y0, 0) + 12;
    });
  }
};

/** Marks where a quiet stretch is shortened, with the time that is left out. */
const drawBreaks = (surface) => {
  const { ctx, across, colours: c, layout, first, last, top, width } = surface;
  const { breaks } = layout;
  ctx.font = `11px ${FONT}`;
  for (let place = Math.max(0, holdsAt(breaks, first)); place < breaks.length && breaks[place].i <= last + 1; place++) {
    const y = Math.round(breaks[place].y - top);
    ctx.strokeStyle = c.muted;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let x = across.axis; x < width; x += 8) {
      ctx.lineTo(x, y - 2);
      ctx.lineTo(x + 4, y + 2);
    }
    ctx.globalAlpha = 0.35;
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.fillStyle = c.muted;
    ctx.textAlign = "right";
    ctx.fillText(duration(breaks[place].time), across.axis - 6, y + 4);
    ctx.fillText("⋮", 10, y + 4);
  }
};

const drawTimes = (surface) => {
  const { ctx, across, colours: c, layout, first, last, top } = surface;
  const digits = layout.scale > 50 && across.axis > 50 ? 6 : across.axis > 50 ? 4 : 3;
  ctx.font = `600 ${across.axis > 50 ? 11 : 10}px ${FONT}`;
  ctx.textAlign = "right";
  ctx.fillStyle = c.ink;
  let y = -1e9;
  for (let i = first; i <= last; i++) {
    if (hidden[i] || layout.ys[i] < y + 26) continue;
    y = layout.ys[i];
    ctx.fillText((at[i] / 1000).toFixed(digits), across.axis - 6, y - top + 4);
    ctx.fillRect(across.axis - 4, Math.round(y - top), 4, 1);
  }
};
