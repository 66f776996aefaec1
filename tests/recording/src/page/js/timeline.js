// The page of the calls, within this one. It is loaded when it is opened: it scrolls to what matters.
const timeline = document.getElementById("timeline");
timeline?.addEventListener("toggle", () => {
  const frame = timeline.querySelector("iframe");
  if (timeline.open && !frame.srcdoc) frame.srcdoc = frame.dataset.page;
});
