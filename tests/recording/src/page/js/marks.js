// The mark of each kind of event in a lane. Each has a shape of its own.
const polygon = (ctx, points) => {
  ctx.beginPath();
  points.forEach(([x, y], place) => (place ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.closePath();
};

const strokes = (ctx, ...lines) => {
  ctx.beginPath();
  for (const [a, b, c, d] of lines) {
    ctx.moveTo(a, b);
    ctx.lineTo(c, d);
  }
  ctx.stroke();
};

const cross = (ctx, x, y, size) => strokes(ctx, [x - size, y - size, x + size, y + size], [x + size, y - size, x - size, y + size]);

const dot = (ctx, x, y, size) => {
  ctx.beginPath();
  ctx.arc(x, y, size, 0, 7);
};

/** How far right or left of a lane's middle a mark stands: messages start in the middle. */
const MARK_SIDE = { save: 1, apply: 1, install: 1, snapshot: 1, log: -1, unanswered: -1, propose: -1, note: -1, interrupt: -1, likelihood: -1, cause: -1, network: 1, call: -1, return: 1 };

const markX = (across, i) => {
  const l = laneAt[i];
  const room = across.right[l] - across.left[l];
  return across.middle[l] + (MARK_SIDE[events[i].event] ?? 0) * Math.min(14, room * 0.22);
};

/** Draws marks; `c` is the colours. */
const drawMark = {
  save(ctx, x, y, c) {
    ctx.fillStyle = c.ink;
    ctx.fillRect(x - 3.5, y - 3.5, 7, 7);
    ctx.fillStyle = c.paper;
    ctx.fillRect(x - 1.5, y - 3.5, 3, 2.5);
  },
  unanswered(ctx, x, y, c) {
    ctx.fillStyle = c.paper;
    ctx.strokeStyle = c.lost;
    ctx.lineWidth = 1.4;
    ctx.fillRect(x - 4.5, y - 4.5, 9, 9);
    ctx.strokeRect(x - 4.5, y - 4.5, 9, 9);
    cross(ctx, x, y, 2.5);
  },
  apply(ctx, x, y, c) {
    ctx.strokeStyle = c.ink;
    ctx.fillStyle = c.paper;
    ctx.lineWidth = 1.6;
    dot(ctx, x, y, 3.6);
    ctx.fill();
    ctx.stroke();
    strokes(ctx, [x - 1.8, y, x - 0.3, y + 1.7], [x - 0.3, y + 1.7, x + 2, y - 1.6]);
  },
  snapshot(ctx, x, y, c) {
    ctx.fillStyle = c.snapshots;
    polygon(ctx, [[x, y - 5], [x + 5, y + 4], [x - 5, y + 4]]);
    ctx.fill();
  },
  install(ctx, x, y, c) {
    ctx.fillStyle = c.snapshots;
    polygon(ctx, [[x, y + 5], [x + 5, y - 4], [x - 5, y - 4]]);
    ctx.fill();
  },
  propose(ctx, x, y, c, event) {
    ctx.strokeStyle = c.ink;
    ctx.fillStyle = c.paper;
    ctx.lineWidth = 1.5;
    polygon(ctx, [[x - 5, y], [x, y - 5], [x + 5, y], [x, y + 5]]);
    ctx.fill();
    ctx.stroke();
    if (event && event.index === undefined) cross(ctx, x, y, 5);
  },
  log(ctx, x, y, c) {
    ctx.strokeStyle = c.muted;
    ctx.lineWidth = 1.3;
    strokes(ctx, [x - 4, y - 3, x + 4, y - 3], [x - 4, y, x + 4, y], [x - 4, y + 3, x + 1, y + 3]);
  },
  start(ctx, x, y, c) {
    ctx.fillStyle = c.ink;
    polygon(ctx, [[x - 4, y - 5], [x + 6, y], [x - 4, y + 5]]);
    ctx.fill();
  },
  crash(ctx, x, y, c) {
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 3;
    cross(ctx, x, y, 6);
  },
  kill(ctx, x, y, c) {
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 2;
    dot(ctx, x, y, 5.5);
    ctx.stroke();
    strokes(ctx, [x - 4, y + 4, x + 4, y - 4]);
  },
  state(ctx, x, y, c, event) {
    ctx.strokeStyle = event?.leads ? c.leads : c.muted;
    ctx.lineWidth = event?.leads ? 3 : 1.5;
    strokes(ctx, [x - 7, y, x + 7, y]);
  },
  network(ctx, x, y, c) {
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 1.6;
    strokes(ctx, [x, y + 5, x, y], [x, y, x - 5, y - 5], [x, y, x + 5, y - 5]);
  },
  note(ctx, x, y, c) {
    ctx.fillStyle = c.muted;
    polygon(ctx, [[x - 4, y - 5], [x + 5, y - 5], [x + 5, y + 2], [x, y + 2], [x - 4, y + 6]]);
    ctx.fill();
  },
  run: (ctx, x, y, c) => drawMark.note(ctx, x, y, c),
  interrupt(ctx, x, y, c) {
    ctx.strokeStyle = c.failure;
    ctx.lineWidth = 2.4;
    strokes(ctx, [x - 2.5, y - 5, x - 2.5, y + 5], [x + 2.5, y - 5, x + 2.5, y + 5]);
  },
  likelihood(ctx, x, y, c, event) {
    const share = event ? event.failed / event.of : 0.5;
    ctx.fillStyle = c.paper;
    ctx.strokeStyle = c.failure;
    ctx.lineWidth = 1.4;
    ctx.fillRect(x - 12, y - 3, 24, 6);
    ctx.strokeRect(x - 12, y - 3, 24, 6);
    ctx.fillStyle = c.failure;
    ctx.fillRect(x - 12, y - 3, 24 * share, 6);
  },
  cause(ctx, x, y, c) {
    ctx.fillStyle = c.failure;
    polygon(ctx, [[x, y - 7], [x + 7, y], [x, y + 7], [x - 7, y]]);
    ctx.fill();
  },
  call(ctx, x, y, c) {
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 1.6;
    strokes(ctx, [x - 4, y + 4, x - 4, y - 3], [x - 4, y - 3, x + 4, y - 3]);
  },
  return(ctx, x, y, c) {
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 1.6;
    strokes(ctx, [x - 4, y - 4, x - 4, y + 3], [x - 4, y + 3, x + 4, y + 3]);
  },
  failure(ctx, x, y, c) {
    ctx.fillStyle = c.failure;
    const a = 5;
    const b = 11;
    polygon(ctx, [[x - a, y - b], [x + a, y - b], [x + b, y - a], [x + b, y + a], [x + a, y + b], [x - a, y + b], [x - b, y + a], [x - b, y - a]]);
    ctx.fill();
    ctx.fillStyle = c.paper;
    ctx.fillRect(x - 1.5, y - 7, 3, 9);
    ctx.fillRect(x - 1.5, y + 4, 3, 3);
  },
};
