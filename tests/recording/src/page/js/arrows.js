// Messages as arrows.

/** A place short of the receiver's lane, between it and its neighbour: there a message is lost or held. */
const shortOf = (message, across, share) => {
  const { from, to } = message;
  const room = across.right[to] - across.left[to];
  return across.middle[to] - Math.sign(across.middle[to] - across.middle[from]) * room * share;
};

/** The points of a message's line, from its sending to its end. */
const pathOf = (message, layout, across) => {
  const { ys } = layout;
  const x0 = across.middle[message.from];
  const x1 = across.middle[message.to];
  const y0 = ys[message.sent];
  const points = [[x0, y0]];
  if (message.held >= 0) {
    const wait = shortOf(message, across, 0.5);
    points.push([wait, ys[message.held] + 4]);
    if (message.released >= 0) points.push([wait, Math.max(ys[message.released], ys[message.held] + 4)]);
  }
  const y = points[points.length - 1][1];
  if (message.end >= 0) {
    points.push([message.reaches ? x1 : shortOf(message, across, 0.34), Math.max(ys[message.end], y)]);
  } else if (message.held < 0) {
    points.push([x0 + (x1 - x0) * 0.3, y0 + 8]);
  }
  return points;
};

const along = (ctx, points) => {
  ctx.beginPath();
  points.forEach(([x, y], place) => (place ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
};

/** Where the message ends: a full head for a request, an open one for a reply. */
const drawHead = (ctx, [x0, y0], [x, y], open) => {
  const length = Math.hypot(x - x0, y - y0) || 1;
  const dx = (x - x0) / length;
  const dy = (y - y0) / length;
  const size = 8;
  ctx.beginPath();
  ctx.moveTo(x - dx * size - dy * 3.6, y - dy * size + dx * 3.6);
  ctx.lineTo(x, y);
  ctx.lineTo(x - dx * size + dy * 3.6, y - dy * size - dx * 3.6);
  if (open) ctx.stroke();
  else ctx.fill();
};

const drawPause = (ctx, [x, y], c) => {
  ctx.fillStyle = c.paper;
  ctx.fillRect(x - 6, y - 6, 12, 12);
  ctx.fillStyle = c.held;
  ctx.fillRect(x - 4, y - 5, 3, 10);
  ctx.fillRect(x + 1, y - 5, 3, 10);
};

/** The line: dashed if it is lost, dotted if it is held, double if it is a copy. */
const drawLine = (ctx, message, points, c, strong) => {
  const width = strong ? 3 : 1.4;
  ctx.strokeStyle = c[message.kind];
  if (message.lost) ctx.setLineDash([6, 4]);
  else if (message.held >= 0) ctx.setLineDash([1.5, 4]);
  along(ctx, points);
  if (message.copyOf) {
    ctx.lineWidth = width + 3;
    ctx.stroke();
    ctx.strokeStyle = c.paper;
    ctx.lineWidth = width + 0.6;
    ctx.stroke();
  } else {
    ctx.lineWidth = width;
    ctx.stroke();
  }
  ctx.setLineDash([]);
};

const drawArrow = (ctx, message, points, c, strong) => {
  drawLine(ctx, message, points, c, strong);
  const end = points[points.length - 1];
  const before = points[points.length - 2] ?? points[0];
  ctx.strokeStyle = ctx.fillStyle = c[message.kind];
  ctx.lineWidth = strong ? 2.4 : 1.6;
  if (message.end >= 0 && !message.lost) {
    drawHead(ctx, before, end, message.reply);
  } else if (message.lost) {
    ctx.strokeStyle = c.lost;
    ctx.lineWidth = 2.2;
    cross(ctx, ...end, 4.5);
    if (message.reaches) {
      dot(ctx, ...end, 7);
      ctx.stroke();
    }
  } else if (message.held < 0) {
    dot(ctx, ...end, 3);
    ctx.stroke();
  }
  if (message.held >= 0) drawPause(ctx, points[1], c);
};

/** How far a point is from a message's line. */
const distanceTo = (points, x, y) => {
  let least = Infinity;
  for (let place = 1; place < points.length; place++) {
    const [x0, y0] = points[place - 1];
    const [x1, y1] = points[place];
    const square = (x1 - x0) ** 2 + (y1 - y0) ** 2 || 1;
    const share = Math.max(0, Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / square));
    least = Math.min(least, Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0)));
  }
  return least;
};
