/* Shortcuts. Single keys can be switched off in the help dialog (WCAG 2.1.4); Ctrl keys stay. */
(() => {
  "use strict";
  const { $, $$, openDialog } = window.portal;
  const off = () => localStorage.getItem("keys") === "off";
  const typing = el => el.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]");
  const visible = el => el.checkVisibility?.() ?? true;
  const region = () => $$("dialog:modal").at(-1) ?? document;

  /* -- rows: the first link of each row, tile or list item marked as such -- */
  const links = () => $$(".row-link, .tile h2 a", region()).filter(visible);
  const step = by => {
    const all = links(), now = all.indexOf(document.activeElement.closest?.("tr,li,.tile")?.querySelector(".row-link, h2 a"));
    const next = all[Math.max(0, Math.min(all.length - 1, now < 0 ? 0 : now + by))];
    next?.focus(); next?.scrollIntoView({ block: "nearest" });
  };
  const inRow = selector => document.activeElement.closest?.("tr,li,.tile")?.querySelector(selector);

  const single = {
    "/": () => $$("[data-page-search]", region()).find(visible)?.focus(),
    "?": () => openDialog($("#keys"), document.activeElement),
    j: () => step(1),
    k: () => step(-1),
    e: () => inRow("[data-edit]")?.click(),
    x: () => inRow("input.ck")?.click(),
  };

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey) {
      if (e.key.toLowerCase() === "k" && $("#jump")) { e.preventDefault(); openDialog($("#jump"), document.activeElement); }
      if (e.key === "Enter") {
        const form = document.activeElement.form ?? $("form[data-save]", region());
        const saving = form?.method === "post" ? form : $("form[data-save]", region());
        const button = saving && [...saving.elements].find(x => x.type === "submit" && visible(x) && !x.dataset.stage);
        if (button) { e.preventDefault(); saving.requestSubmit(button); }
      }
      return;
    }
    if (e.altKey || e.defaultPrevented || off() || typing(e.target) || !single[e.key]) return;
    e.preventDefault();
    single[e.key]();
  });

  document.addEventListener("change", e => {
    if (e.target.dataset.act === "keys") localStorage.setItem("keys", e.target.checked ? "on" : "off");
  });
  const box = $("[data-act=keys]");
  if (box) box.checked = !off();
})();
