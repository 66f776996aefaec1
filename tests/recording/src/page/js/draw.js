// Draws the part of the run that shows, on the screen or for print.

/** How many events are drawn one by one; where more show, only some messages are. */
const MOST_DRAWN = 2000;

let frame = 0;
const drawnIn = new Int32Array(messages.length);

/** Calls `each` for every message that shows between two events. */
const eachMessage = (first, last, each) => {
  frame++;
  const visit = (id) => {
    if (drawnIn[id] === frame) return;
    drawnIn[id] = frame;
    if (!hidden[messages[id].sent]) each(messages[id]);
  };
  onTheirWay[Math.floor(first / BLOCK)]?.forEach(visit);
  for (let i = Math.floor(first / BLOCK) * BLOCK; i <= last; i++) if (messageOf[i] >= 0) visit(messageOf[i]);
};

/** Writes a message's method where there is room for it. */
const drawLabel = (surface, message, points, taken) => {
  const { ctx, colours: c } = surface;
  const [[x0, y0], [x1, y1]] = points;
  const text = message.reply ? "reply" : message.short;
  const share = Math.min(0.5, 46 / (Math.abs(x1 - x0) || 1));
  const x = x0 + (x1 - x0) * (message.held >= 0 ? 0.5 : share + 0.12);
  const y = y0 + (y1 - y0) * (message.held >= 0 ? 0.5 : share + 0.12) - 3;
  const width = ctx.measureText(text).width;
  if (Math.abs(x1 - x0) < width + 24) return;
  const column = Math.floor(x / 90);
  for (const near of [column - 1, column, column + 1]) if (Math.abs((taken.get(near) ?? -1e9) - y) < 13) return;
  taken.set(column, y);
  ctx.fillStyle = c.paper;
  ctx.globalAlpha = 0.78;
  ctx.fillRect(x - width / 2 - 2, y - 9, width + 4, 11);
  ctx.globalAlpha = 1;
  ctx.fillStyle = c[message.kind];
  ctx.fillText(text, x, y);
};

const drawMessages = (surface) => {
  const { ctx, across, colours: c, layout, first, last, top } = surface;
  const stride = Math.ceil((last - first + 1) / MOST_DRAWN);
  surface.stride = stride;
  const labelled = [];
  const chosen = chosenMessages();
  // Where messages lie close together, they must not hide everything else.
  const faint = Math.max(0.25, Math.min(1, layout.step / 2.5));
  ctx.save();
  ctx.translate(0, -top);
  eachMessage(first, last, (message) => {
    const strong = chosen.includes(message);
    if (stride > 1 && !strong && Math.imul(message.id, 40503) % stride) return;
    const points = pathOf(message, layout, across);
    if (points.length < 2) return;
    ctx.globalAlpha = strong ? 1 : message.lost && stride === 1 ? Math.max(faint, 0.85) : faint;
    drawArrow(ctx, message, points, c, strong);
    if (stride === 1) labelled.push([message, points]);
  });
  ctx.globalAlpha = 1;
  ctx.font = `10.5px ${FONT}`;
  ctx.textAlign = "center";
  const taken = new Map();
  if (layout.step > 1.4) for (const [message, points] of labelled) drawLabel(surface, message, points, taken);
  ctx.restore();
};

const drawMarks = (surface) => {
  const { ctx, across, colours: c, layout, first, last, top, stride } = surface;
  const taken = new Float64Array(lanes.length * 3).fill(-1e9);
  for (let i = first; i <= last; i++) {
    const event = events[i];
    if (hidden[i] || event.event === "failure") continue;
    const l = laneAt[i];
    const y = layout.ys[i] - top;
    if (messageOf[i] >= 0) {
      if (stride === 1 && event.event === "sent") {
        ctx.fillStyle = c[messages[messageOf[i]].kind];
        dot(ctx, across.middle[l], y, 2.2);
        ctx.fill();
      }
      continue;
    }
    const mark = drawMark[event.event];
    if (!mark) continue;
    const side = l * 3 + 1 + (MARK_SIDE[event.event] ?? 0);
    // Marks that would cover each other wholly are drawn once; the list has all of them.
    if (y < taken[side] + 2.5 && !ALWAYS.has(event.event)) continue;
    taken[side] = y;
    mark(ctx, markX(across, i), y, c, event);
    if (event.event === "apply" && layout.step > 9 && across.right[l] - across.left[l] > 90) {
      ctx.font = `10px ${FONT}`;
      ctx.textAlign = "left";
      ctx.fillStyle = c.ink;
      ctx.fillText(event.index, markX(across, i) + 7, y + 4);
    }
  }
};

const drawFailure = (surface) => {
  const { ctx, across, colours: c, layout, top, width, height } = surface;
  if (failureAt < 0) return;
  const y = layout.ys[failureAt] - top;
  if (y < -20 || y > height + 20) return;
  ctx.fillStyle = c.failure;
  ctx.fillRect(0, y - 1.5, width, 3);
  const l = laneAt[failureAt];
  drawMark.failure(ctx, across.left[l] < 0 ? across.axis + 20 : across.middle[l], y, c);
  ctx.font = `700 ${across.axis > 50 ? 12 : 10}px ${FONT}`;
  ctx.fillStyle = c.failure;
  ctx.fillRect(0, y - 9, across.axis - 2, 18);
  ctx.fillStyle = c.paper;
  ctx.textAlign = "center";
  ctx.fillText(across.axis > 50 ? "FAILURE" : "FAILS", across.axis / 2 - 1, y + 4);
};

/** Rings around the chosen event, and around what is found. */
const drawRings = (surface) => {
  const { ctx, across, colours: c, layout, first, last, top } = surface;
  const ring = (i, colour, size) => {
    if (hidden[i]) return;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2.5;
    dot(ctx, pointX(across, i), layout.ys[i] - top, size);
    ctx.stroke();
  };
  let y = -1e9;
  for (let place = placeIn(found, first); place < found.length && found[place] <= last; place++) {
    // Rings that would cover each other are drawn once.
    if (layout.step < 1 && layout.ys[found[place]] < y + 3) continue;
    y = layout.ys[found[place]];
    ring(found[place], c.found, 9);
  }
  if (chosen >= first && chosen <= last) {
    ring(chosen, c.ink, 12);
    ring(chosen, c.paper, 14.5);
  }
};

/** Where the reader of this page is told that events are missing. */
const drawCut = (surface) => {
  if (!data.gap) return;
  const { ctx, colours: c, layout, top, width } = surface;
  const y = layout.ys[data.gap.place] - top - 16;
  ctx.fillStyle = c.muted;
  ctx.fillRect(0, y, width, 1);
  ctx.font = `11px ${FONT}`;
  ctx.textAlign = "left";
  ctx.fillText(leftOut(), 6, y - 5);
};

/** The x of an event: its mark, or the end of its message. */
const pointX = (across, i) => {
  const message = messageOf[i] >= 0 ? messages[messageOf[i]] : null;
  if (!message || i === message.sent || (i === message.end && message.reaches)) return markX(across, i);
  const points = pathOf(message, { ys: layout.ys }, across);
  if (i === message.end) return points[points.length - 1][0];
  return points[Math.min(1, points.length - 1)][0];
};

/** Draws everything. A surface is {ctx, width, height, top, layout, across, colours}. */
const draw = (surface) => {
  const { ctx, width, height, top, layout, colours: c } = surface;
  surface.first = Math.max(0, firstFrom(layout, top - 40) - 1);
  surface.last = Math.min(count - 1, firstFrom(layout, top + height + 40));
  surface.hatch = stripes(ctx, c.hatch, 8);
  surface.stripes = stripes(ctx, c.lost, 6);
  ctx.fillStyle = c.paper;
  ctx.fillRect(0, 0, width, height);
  if (count === 0) return;
  drawLanes(surface);
  drawBreaks(surface);
  drawCut(surface);
  drawMessages(surface);
  drawMarks(surface);
  drawLaneWords(surface);
  drawTimes(surface);
  drawFailure(surface);
  drawRings(surface);
};
