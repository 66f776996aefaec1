// The colours of the picture, from the style sheet.
const COLOURS = ["paper", "ink", "muted", "line", "band0", "band1", "band2", "band3", "votes", "appends", "snapshots", "others", "leads", "failure", "held", "lost", "hatch", "found"];

const coloursOf = (element) => {
  const style = getComputedStyle(element);
  const colours = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
  colours.bands = [colours.band0, colours.band1, colours.band2, colours.band3];
  return colours;
};

let colours = coloursOf(document.documentElement);

const FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif";

const patterns = new Map();

/** A tile of oblique lines, for what is crashed or cut off. */
const stripes = (ctx, colour, distance) => {
  const name = colour + distance;
  if (!patterns.has(name)) patterns.set(name, makeStripes(ctx, colour, distance));
  return patterns.get(name);
};

const makeStripes = (ctx, colour, distance) => {
  const tile = document.createElement("canvas");
  tile.width = tile.height = distance;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  for (const shift of [-distance, 0, distance]) {
    pen.beginPath();
    pen.moveTo(shift, distance);
    pen.lineTo(shift + distance, 0);
    pen.stroke();
  }
  return ctx.createPattern(tile, "repeat");
};
