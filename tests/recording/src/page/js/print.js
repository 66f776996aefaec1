// The last part before the failure, black on white, for paper.
const printFigure = document.getElementById("print");

const drawForPrint = () => {
  if (!count) return;
  const sheet = printFigure.querySelector("canvas");
  const width = 720;
  const height = 620;
  const ratio = 2;
  const end = failureAt >= 0 ? failureAt : count - 1;
  const from = Math.min(end, firstSince(at[end] - 1000));
  const printed = layOut(Math.min(40, scaleFor(from, end, height * 0.85, 0.3)));
  sheet.width = width * ratio;
  sheet.height = height * ratio;
  const ctx = sheet.getContext("2d");
  ctx.scale(ratio, ratio);
  const places = acrossFor(width);
  const paper = { ctx, width, height: height - 24, top: Math.max(0, printed.ys[end] - height * 0.88), layout: printed, across: places, colours: coloursOf(printFigure) };
  ctx.fillStyle = paper.colours.paper;
  ctx.fillRect(0, 0, width, height);
  ctx.translate(0, 24);
  ctx.beginPath();
  ctx.rect(0, 0, width, height - 24);
  ctx.save();
  ctx.clip();
  draw(paper);
  ctx.restore();
  ctx.font = `700 12px ${FONT}`;
  ctx.textAlign = "center";
  ctx.fillStyle = paper.colours.ink;
  for (const l of places.open) ctx.fillText(lanes[l].shown, places.middle[l], -9);
  printFigure.querySelector("figcaption").textContent = `The run from ${seconds(at[paper.first])} to ${seconds(at[paper.last])}. Time runs down, in seconds; arrows are messages.`;
};

// Paper cannot be clicked: what is folded on the screen is open there.
const folded = () => [...document.querySelectorAll("#heading details:not([open])")];
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = folded();
  for (const part of unfolded) part.open = true;
  drawForPrint();
});
addEventListener("afterprint", () => unfolded.forEach((part) => (part.open = false)));
