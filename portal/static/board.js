/* The board of cases: a card is dragged into another column, which sends the form of its buttons.
   By keyboard and without this script the buttons do it; here the card that was moved keeps the focus. */
(() => {
  "use strict";
  const KEY = "moved-card";
  const card = el => el.closest?.("[data-card]");
  const column = el => el.closest?.("[data-column]");
  const over = to => document.querySelectorAll("[data-column]").forEach(c => c.classList.toggle("over", c === to));
  let dragged = null;

  document.addEventListener("dragstart", e => {
    dragged = card(e.target);
    if (!dragged) return;
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", dragged.dataset.card);
    dragged.classList.add("dragging");
  });
  document.addEventListener("dragover", e => {
    const to = dragged && column(e.target);
    over(to && to !== column(dragged) ? to : null);
    if (!to) return;
    e.preventDefault();
    e.dataTransfer.dropEffect = "move";
  });
  document.addEventListener("drop", e => {
    const to = dragged && column(e.target), form = dragged?.querySelector("form[data-mover]");
    if (!to) return;
    e.preventDefault();
    if (to === column(dragged) || !form) return;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "status", value: to.dataset.column }));
    form.requestSubmit();
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragging");
    dragged = null;
    over(null);
  });

  document.addEventListener("submit", e => {
    if (e.target.matches("form[data-mover]")) sessionStorage.setItem(KEY, card(e.target).dataset.card);
  });
  const moved = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (moved) document.querySelector(`[data-card="${CSS.escape(moved)}"] a`)?.focus();
})();
