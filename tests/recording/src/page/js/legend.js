// What each mark means, drawn with the same strokes as in the picture.
const legend = document.getElementById("legend");

const example = (overrides) => ({ kind: "votes", reply: false, lost: false, held: -1, released: -1, end: 1, reaches: true, copyOf: null, ...overrides });
const slope = [[6, 5], [58, 19]];
const arrowOf = (overrides, points = slope) => (ctx, c) => drawArrow(ctx, example(overrides), points, c, false);
const markOf = (name, event) => (ctx, c) => drawMark[name](ctx, 32, 12, c, event);
const bandOf = (paint) => (ctx, c) => paint(ctx, c);

const LEGEND = [
  ["Messages", [
    [arrowOf({}), "a request, from its sending to its arrival"],
    [arrowOf({ reply: true }), "a reply"],
    [arrowOf({ lost: true, reaches: false }, [[6, 5], [42, 16]]), "lost on the way"],
    [arrowOf({ lost: true }, [[6, 5], [52, 13]]), "came too late: the process it was for is gone, or did not take it"],
    [arrowOf({ held: 0 }, [[6, 4], [32, 8], [32, 14], [58, 20]]), "held by the network for a while"],
    [arrowOf({ copyOf: {} }), "a copy that the network made"],
    [arrowOf({ end: -1 }, [[6, 5], [24, 11]]), "still on its way at the end"],
  ]],
  ["Colours of messages", ["votes", "appends", "snapshots", "others"].map((kind) => [arrowOf({ kind }), { votes: "votes", appends: "appends and heartbeats", snapshots: "snapshots", others: "all other messages" }[kind]])],
  ["Servers", [
    [bandOf((ctx, c) => {
      c.bands.forEach((colour, place) => {
        ctx.fillStyle = colour;
        ctx.fillRect(4 + place * 14, 2, 14, 20);
      });
    }), "the term: another shade for each, with its number where it begins"],
    [bandOf((ctx, c) => {
      ctx.fillStyle = c.bands[0];
      ctx.fillRect(14, 0, 36, 24);
      ctx.fillStyle = c.leads;
      ctx.fillRect(14, 0, 4, 24);
      ctx.fillRect(46, 0, 4, 24);
    }), "strong edges: the server leads"],
    [bandOf((ctx, c) => {
      ctx.fillStyle = stripes(ctx, c.hatch, 8);
      ctx.fillRect(14, 0, 36, 24);
    }), "hatched: crashed, no process runs"],
    [bandOf((ctx, c) => {
      ctx.fillStyle = stripes(ctx, c.lost, 6);
      ctx.fillRect(26, 0, 12, 24);
    }), "striped band at the side: the test cut the server off from others"],
    [markOf("crash"), "crash: the process ends"],
    [markOf("start"), "a process starts; its life is numbered"],
    [markOf("kill"), "kill() is called; the process goes on"],
    [markOf("state", { leads: true }), "the term or the role changes"],
  ]],
  ["What servers do", [
    [markOf("save"), "saves its state"],
    [markOf("apply"), "applies an index: hands a command to the service"],
    [markOf("snapshot"), "makes a snapshot"],
    [markOf("install"), "takes a snapshot from another server"],
    [markOf("unanswered"), "learns that no reply comes to its call"],
    [markOf("log"), "logs a line"],
    [markOf("interrupt"), "one of its threads pauses, somewhere in the code"],
    [markOf("propose", { index: 1 }), "the test starts a command here"],
    [markOf("propose", {}), "the server refuses it: it does not lead"],
  ]],
  ["Everything else", [
    [markOf("failure"), "the failure; its line crosses all lanes"],
    [markOf("cause"), "what the failure depends on"],
    [markOf("likelihood", { failed: 1, of: 3 }), "how likely the failure is from here on"],
    [markOf("network"), "the test changes who reaches whom"],
    [markOf("note"), "something else that the test does"],
    [markOf("call"), "a client begins an operation"],
    [markOf("return"), "the operation ends"],
    [bandOf((ctx, c) => {
      ctx.strokeStyle = c.muted;
      ctx.beginPath();
      for (let x = 4; x < 60; x += 8) {
        ctx.lineTo(x, 10);
        ctx.lineTo(x + 4, 14);
      }
      ctx.stroke();
    }), "a quiet stretch is shortened; at the left is how long it was"],
  ]],
];

const legendEntry = ([paint, text]) => {
  const item = element("li");
  const ratio = devicePixelRatio || 1;
  const sample = element("canvas", undefined, { "aria-hidden": "true" });
  sample.width = 64 * ratio;
  sample.height = 24 * ratio;
  const ctx = sample.getContext("2d");
  ctx.scale(ratio, ratio);
  paint(ctx, colours);
  item.append(sample, element("span", text));
  return item;
};

const drawLegend = () => {
  legend.replaceChildren(element("p", "Each column is a server. Time runs down. An arrow is a message."), ...LEGEND.map(([title, entries]) => {
    const part = element("div");
    const items = element("ul");
    items.append(...entries.map(legendEntry));
    part.append(element("h3", title), items);
    return part;
  }));
};
