/* The edit panel: rows are added and removed on the page first and saved together.
   What is staged lives as hidden inputs in the one form #stage, so it survives other tabs and searches
   of the panel. Without this script each button of a row sends its one change at once. */
(() => {
  "use strict";
  const { $, $$, announce } = window.portal;
  const rows = new Map();                                  // "kind:id" -> copy of its row, for the view of changes

  const store = () => $("#stage [data-staged]");
  const inputs = () => $$("input", store() ?? document.createElement("div"));
  const isChange = input => /^(add|remove)-/.test(input.name);
  const split = input => { const [, direction, kind] = input.name.match(/^(add|remove)-(.+)$/); return { direction, kind, key: `${kind}:${input.value}` }; };
  const put = (name, value, label) => {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    input.dataset.name = label ?? "";
    store().append(input);
  };
  const drop = id => inputs().filter(i => i.value === id).forEach(i => i.remove());

  const stage = (row, direction) => {
    const [kind, id] = row.dataset.pick.split(/:(.*)/);
    drop(id);
    if (direction !== "undo") {
      put(`${direction}-${kind}`, id, row.dataset.name);
      const copy = row.cloneNode(true);
      $$("[id]", copy).concat($$(".tip", copy)).forEach(x => x.matches(".tip") ? x.remove() : x.removeAttribute("id"));
      rows.set(row.dataset.pick, copy);
    }
  };

  /* -- show what is staged: in the rows, at the tabs, in the foot -- */
  const restage = () => {
    const form = $("#stage");
    if (!form) return;
    const changes = inputs().filter(isChange).map(i => ({ ...split(i), name: i.dataset.name }));
    const of = new Map(changes.map(c => [c.key, c.direction]));
    $$("[data-pick]").forEach(row => {
      row.classList.toggle("added", of.get(row.dataset.pick) === "add");
      row.classList.toggle("removed", of.get(row.dataset.pick) === "remove");
    });
    $$("[role=tab][data-kind]").forEach(tab => {
      const changed = changes.some(c => c.kind === tab.dataset.kind);
      $$(".chg,.chg-text", tab).forEach(x => { x.hidden = !changed; });
    });
    const add = changes.filter(c => c.direction === "add").length, remove = changes.length - add;
    form._none ??= $("[data-sum-text]", form).textContent;
    const { both, add: adds, remove: removes } = form.dataset;
    const sum = (add && remove ? both : add ? adds : remove ? removes : form._none).replace("{add}", add).replace("{remove}", remove);
    if ($("[data-sum-text]", form).textContent !== sum) $("[data-sum-text]", form).textContent = sum;
    $$("[data-when-staged]", form).forEach(b => { b.hidden = !changes.length; });
    const dialog = form.closest("dialog");
    if (dialog) dialog.dataset.dirty = changes.length ? "1" : "0";
    showChanged(changes);
    showExtras();
  };

  /* -- boxes of a row stand in the list and in the view of changes: all of them show what is staged -- */
  const showExtras = () => $$("[data-stage-extra]").forEach(x => { x.checked = inputs().some(i => i.name === x.name && i.value === x.value); });

  /* -- the view of changes only -- */
  const showChanged = changes => {
    const button = $("[data-act=changed]"), list = $("#pane-list");
    if (!button || !list) return;
    const kind = $("[role=tab][aria-selected=true]")?.dataset.kind;
    const here = changes.filter(c => c.kind === kind);
    $("[data-changed-count]", button).textContent = here.length;
    button.hidden = !here.length;
    if (!here.length) button.setAttribute("aria-pressed", "false");
    const on = button.getAttribute("aria-pressed") === "true";
    let view = $("#pane-changed");
    list.hidden = on;
    if (!on) { view?.remove(); return; }
    if (!view) {
      view = document.createElement("div");
      view.id = "pane-changed"; view.className = list.className; view.append(document.createElement("ul"));
      view.tabIndex = 0; view.setAttribute("role", "group"); view.setAttribute("aria-label", button.textContent.trim());
      list.after(view);
    }
    $("ul", view).replaceChildren(...here.map(c => {
      const row = rows.get(c.key)?.cloneNode(true) ?? plainRow(c);
      row.classList.toggle("added", c.direction === "add"); row.classList.toggle("removed", c.direction === "remove");
      return row;
    }));
  };
  const plainRow = change => {                             // staged by the server: the row was never on this page
    const row = $("[data-staged-row]").content.firstElementChild.cloneNode(true);
    row.dataset.pick = change.key; row.dataset.name = change.name;
    $(".nm > span", row).textContent = change.name;
    return row;
  };

  document.addEventListener("click", e => {
    const at = s => e.target.closest?.(s);
    const button = at("[data-stage]"), all = at("[data-stage-all]");
    if (button && store()) {
      e.preventDefault();
      const row = button.closest("[data-pick]"), list = row.parentElement, next = row.nextElementSibling ?? row.previousElementSibling;
      stage(row, button.dataset.stage);
      restage();
      const again = row.isConnected ? $(".stage .btn:not([hidden])", row) : null;
      [...(again ? $$(".stage .btn", row) : $$(".stage .btn", next?.isConnected ? next : list))].find(b => b.offsetParent)?.focus();
    }
    if (all && store()) {
      e.preventDefault();
      $$(`[data-stage="${CSS.escape(all.dataset.stageAll)}"]`, all.closest("[data-section]")).forEach(b => stage(b.closest("[data-pick]"), all.dataset.stageAll));
      restage(); announce($("[data-sum-text]").textContent);
    }
    if (at("#pane-search [name=show]") && $("[data-act=changed][aria-pressed=true]")) {
      $("[data-act=changed]").setAttribute("aria-pressed", "false");
      restage();
    }
    if (at("[data-act=changed]")) {
      const pressed = at("[data-act=changed]").getAttribute("aria-pressed") === "true";
      at("[data-act=changed]").setAttribute("aria-pressed", String(!pressed));
      restage();
    }
  });
  document.addEventListener("change", e => {               // a box that belongs to a staged row, e.g. “take out of Default”
    const box = e.target;
    if (!("stageExtra" in box.dataset) || !store()) return;
    inputs().filter(i => i.name === box.name && i.value === box.value).forEach(i => i.remove());
    if (box.checked) put(box.name, box.value);
    showExtras();
  });
  document.addEventListener("htmx:after:request", e => {
    const { ctx } = e.detail, dialog = ctx.sourceElement.closest?.("dialog");
    if (ctx.sourceElement.id !== "stage" || ctx.response.status >= 400) return;
    rows.clear();
    if (dialog) dialog.dataset.dirty = "0";
  });

  window.portal.restage = restage;
  window.portal.unstage = () => { inputs().forEach(i => i.remove()); rows.clear(); restage(); };
})();
