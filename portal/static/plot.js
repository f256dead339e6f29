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
    const font = `11px ${getComputedStyle(box).fontFamily}`, label = box.dataset.first;
    const axis = { stroke: probe(box, "--ink-3"), font, grid: { stroke: probe(box, "--line"), width: 1 }, ticks: { show: false } };
    const shown = (options) => (date) => new Intl.DateTimeFormat(document.documentElement.lang, options).format(date);
    const day = shown({ month: "short", day: "numeric" }), time = shown({ hour: "2-digit", minute: "2-digit" });
    const local = (second) => uPlot.tzDate(new Date(second * 1e3), box.dataset.zone);
    const series = JSON.parse(box.dataset.series).map((label, i) => ({
      label, stroke: probe(box, `--s${i + 1}`), width: 1.5, points: { show: false },
    }));
    const options = {
      width: box.clientWidth, height: 168, tzDate: local,
      series: [{ label, value: (plot, second) => second == null ? "–" : `${day(local(second))}, ${time(local(second))}` }, ...series],
      axes: [
        { ...axis, values: (plot, splits, place, space, step) => splits.map((second) => (step < 86400 ? time : day)(local(second))) },
        { ...axis, size: 44 },
      ],
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
