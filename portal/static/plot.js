// Long courses of time: drawn by uPlot, which is loaded when a page has one. Drag to look into a
// part, double-click to see all. The same figures stand in the table beside it.
(() => {
  "use strict";
  let library;
  const load = (url) =>
    (library ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: url, onload: resolve, onerror: reject });
      document.head.append(script);
    }));

  const draw = (box) => {
    const style = getComputedStyle(box), colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: style.color, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const series = box.dataset.series.split("|").map((label, i) => ({
      label, stroke: probe(box, `--s${i + 1}`), width: 1.5, points: { show: false },
    }));
    const options = {
      width: box.clientWidth, height: 168, series: [{}, ...series],
      axes: [axis, { ...axis, size: 44 }],
      tzDate: (second) => uPlot.tzDate(new Date(second * 1e3), box.dataset.zone),
      fmtDate: () => (date) => new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }).format(date),
    };
    const plot = new uPlot(options, JSON.parse(box.dataset.values), box);
    new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: 168 })).observe(box);
  };

  // A canvas knows no light-dark(): ask an element what colour a token is.
  const probe = (box, name) => {
    const dot = box.appendChild(document.createElement("i"));
    dot.style.color = `var(${name})`;
    const found = getComputedStyle(dot).color;
    dot.remove();
    return found;
  };

  const look = () => {
    for (const box of document.querySelectorAll(".plot:not([data-drawn])")) {
      box.dataset.drawn = "";
      load(box.dataset.script).then(() => draw(box));
    }
  };
  document.addEventListener("DOMContentLoaded", look);
  document.addEventListener("htmx:after:swap", look);
})();
