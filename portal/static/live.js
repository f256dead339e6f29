// Lists that follow the calls. Asks every few seconds whether anything is new, never while the tab
// is hidden; the list is drawn anew only if so, and only while nobody is reading further down.
(() => {
  "use strict";
  const EVERY = 3000;
  const box = () => document.querySelector("[data-live]");
  const control = () => document.querySelector("[data-live-switch]");
  const on = () => control()?.getAttribute("aria-pressed") !== "false";
  const reading = (list) => scrollY > 300 || list.contains(document.activeElement) || document.querySelector("dialog:modal, .pop:popover-open");

  const look = async () => {
    const list = box();
    if (document.hidden || !list || !on() || reading(list)) return;
    const answer = await fetch(`${list.dataset.live}?mark=${encodeURIComponent(list.dataset.mark)}`, { headers: { "HX-Request": "true" } });
    if (answer.status !== 200 || box() !== list || reading(list)) return;
    list.dataset.mark = await answer.text();
    htmx.ajax("GET", location.href, { target: `#${list.id}`, swap: "outerMorph" });
  };
  let asking = false;
  setInterval(async () => {
    if (asking) return;
    asking = true;
    await look().catch(() => {});                          // the portal is away: asked again
    asking = false;
  }, EVERY);
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-live-switch]");
    if (pressed) pressed.setAttribute("aria-pressed", String(!on()));
  });
})();
