/* Behaviour of every page. Plain DOM, no eval, no inline handlers: works under script-src 'self'.
   Everything is delegated from document, so content that htmx swaps in needs no set-up of its own. */
(() => {
  "use strict";
  const $ = (s, r = document) => r.querySelector(s);
  const $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const root = document.documentElement;
  const text = key => $("#texts")?.dataset[key] ?? "";
  const clamp = (x, least, most) => Math.max(least, Math.min(x, most));

  /* -- text as searched: no case, no accents, i without and with dot alike (see filters.py) -- */
  const fold = s => s.toLowerCase().replaceAll("ı", "i").replaceAll("ł", "l").normalize("NFKD").replace(/\p{M}/gu, "");

  /* -- theme: the server renders data-theme from a cookie, so there is no flash -- */
  const toggleTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
  };

  /* -- messages: they move into the topmost dialog, because all outside it is inert -- */
  const messagesTo = host => {
    const box = $("#messages"), toasts = $("#toasts");
    if (!box || !host || box.parentElement === host) return;
    if (toasts.matches(":popover-open")) toasts.hidePopover();
    host.append(box);
  };
  const top = () => $$("dialog:modal").at(-1) ?? document.body;
  const announce = message => {
    messagesTo(top());
    const live = $("#live");
    live.textContent = "";
    setTimeout(() => { live.textContent = message; }, 50);
  };
  const dismiss = toast => {
    const box = toast.parentElement;
    toast.remove();
    if (box && !box.children.length && box.matches(":popover-open")) box.hidePopover();
  };
  const arm = toast => {                                   // stays while hovered or focused
    const wait = () => { toast._timer = setTimeout(() => toast.matches(":hover,:focus-within") ? wait() : dismiss(toast), 10000); };
    wait();
  };
  const showToasts = () => {
    const box = $("#toasts");
    if (!box?.children.length) return;
    messagesTo(top());
    if (box.matches(":popover-open")) box.hidePopover();   // shown again: above what opened since
    box.showPopover();
    $$(".toast", box).filter(t => !t._timer).forEach(t => { arm(t); announce($("span", t).textContent); });
  };
  const toast = ({ message, kind = "ok", undo }) => {
    const made = $(`#toast-${kind === "ok" ? "ok" : "bad"}`).content.firstElementChild.cloneNode(true);
    $("span", made).textContent = message;
    if (undo) {                                            // a form: works like any other change
      const form = document.createElement("form");
      form.method = "post"; form.action = undo.url;
      const token = Object.assign(document.createElement("input"), { type: "hidden", name: "csrf_token", value: $("[name=csrf_token]")?.value ?? "" });
      const button = Object.assign(document.createElement("button"), { textContent: undo.label, className: "end-x" });
      form.append(token, button);
      $("button", made).before(form);
    }
    $("#toasts").append(made);
    showToasts();
  };
  document.addEventListener("toast", e => toast(e.detail.message ? e.detail : { message: e.detail.value }));

  /* -- dialogs: native, so that focus trap, Esc and inert are free -- */
  const openDialog = (d, from) => {
    if (!d || d.matches(":modal")) return;
    d._from = from;
    d.removeAttribute("open");
    d.showModal();
    ($("[aria-invalid=true]", d) ?? $("[data-autofocus]", d))?.focus();
  };
  document.addEventListener("command", e => {
    if (e.command === "show-modal") { e.preventDefault(); openDialog(e.target, e.source); }
  }, true);
  let afterDiscard = null;
  const askDiscard = then => {
    afterDiscard = then;
    $("[data-discard-text]").textContent = $("[data-sum-text]")?.textContent ?? "";
    if ($("#discard").open) $("#discard").close();         // it may lie under the drawer by now
    openDialog($("#discard"), document.activeElement);
  };
  const requestClose = d => d.dataset.dirty === "1" ? askDiscard(() => closeForGood(d)) : d.close();
  const closeForGood = d => { d.dataset.dirty = "0"; d.close(); };

  /* -- the drawer has its own URL: a link pushes it, closing goes back to the page below -- */
  let opener = null, pushed = false, expected = false;
  const expectTraverse = () => { expected = true; setTimeout(() => { expected = false; }, 1000); };
  const keepFocus = () => {                                // the browser resets the focus after going back or forward
    const kept = document.activeElement;
    window.navigation?.addEventListener("navigatesuccess", () => setTimeout(() => { if (kept.isConnected && document.activeElement === document.body) kept.focus(); }), { once: true });
  };
  const showDrawers = still => $$("dialog[data-drawer]").filter(d => !d.matches(":modal")).forEach(d => {
    d.classList.toggle("still", still);
    openDialog(d, document.getElementById(d.dataset.from) ?? opener);
    if (!d.contains(document.activeElement) || document.activeElement.matches("[data-close]")) $("h2", d)?.focus();
  });
  const leaveDrawer = d => {
    const home = new URL(d.dataset.home, location.href);
    if ("stale" in d.dataset) return location.assign(home);
    setTimeout(() => d.remove(), 250);
    d.removeAttribute("id");
    if (d._traversed) return;
    if (pushed) { expectTraverse(); history.back(); } else history.pushState({ htmx: true }, "", home);
    pushed = false;
  };
  document.addEventListener("htmx:before:history:restore", e => {
    if (expected) { expected = false; e.preventDefault(); keepFocus(); return; }
    const d = $("dialog[data-drawer]:modal");
    if (!d || !pushed) return;
    const home = new URL(d.dataset.home, location.href);
    if (home.pathname !== location.pathname) return;
    e.preventDefault();
    if (d.dataset.dirty === "1") { expectTraverse(); history.forward(); askDiscard(() => closeForGood(d)); return; }
    d._traversed = true; pushed = false; d.close();
    setTimeout(keepFocus);
  });
  document.addEventListener("close", e => {
    const d = e.target;
    if (!(d instanceof HTMLDialogElement)) return;
    if (d.dataset.dirty === "1") { d.showModal(); askDiscard(() => closeForGood(d)); return; }
    messagesTo(top());
    showToasts();
    if ("drawer" in d.dataset) leaveDrawer(d);
    const from = d._from?.isConnected ? d._from : d._from?.id && document.getElementById(d._from.id);
    from?.focus?.();
  }, true);
  document.addEventListener("cancel", e => {               // Esc with unsaved changes asks first
    if (e.target.dataset?.dirty === "1") { e.preventDefault(); requestClose(e.target); }
  }, true);
  document.addEventListener("click", e => {                // a link that leaves unsaved changes behind asks first, too
    const link = e.target.closest?.("[data-leaves]"), d = link?.closest("dialog");
    if (d?.dataset.dirty !== "1") return;
    e.preventDefault(); e.stopPropagation();
    askDiscard(() => { portal.unstage?.(); d.dataset.dirty = "0"; link.click(); });
  }, true);
  addEventListener("beforeunload", e => { if ($("dialog[data-dirty='1']")) e.preventDefault(); });

  /* -- hover cards in the top layer: never clipped, can be entered, Esc closes only the card (WCAG 1.4.13) -- */
  let timer, card;
  const place = (box, el, gap = 6) => {
    const a = el.getBoundingClientRect(), b = box.getBoundingClientRect();
    const below = a.bottom + gap, fits = below + b.height <= innerHeight - 8;
    const x = box.classList.contains("menu") ? a.left : a.right - b.width;
    box.style.left = clamp(x, 8, Math.max(8, innerWidth - b.width - 8)) + "px";   // CSSOM writes are allowed by the policy
    box.style.top = (fits ? below : Math.max(8, a.top - b.height - gap)) + "px";
  };
  const cardOf = el => {
    if (el._card?.isConnected) return el._card;
    const box = document.createElement("div");
    box.className = "pop tip"; box.popover = "manual"; box.setAttribute("role", "tooltip");
    box.id = `card-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    box.textContent = text("loading");
    for (const [name, value] of [["hx-get", el.dataset.card], ["hx-trigger", "card once"], ["hx-swap", "innerHTML"]]) box.setAttribute(name, value);
    el.after(box); el._card = box; box._for = el;
    window.htmx?.process(box);
    box.dispatchEvent(new CustomEvent("card"));
    return box;
  };
  const showCard = el => {
    const box = cardOf(el);
    if (card === box) return;
    hideCard();
    card = box; box.showPopover(); place(box, el);
    el.setAttribute("aria-expanded", "true"); el.setAttribute("aria-describedby", box.id);
  };
  const hideCard = () => {
    if (!card) return;
    card._for.setAttribute("aria-expanded", "false");
    if (card.isConnected && card.matches(":popover-open")) card.hidePopover();
    card = null;
  };
  const later = (run, ms) => { clearTimeout(timer); timer = setTimeout(run, ms); };
  document.addEventListener("pointerover", e => {
    if (e.pointerType === "touch") return;
    const el = e.target.closest?.("[data-card]");
    if (el) return later(() => el.isConnected && showCard(el), 140);
    if (e.target.closest?.(".tip")) return clearTimeout(timer);
    later(hideCard, 180);
  });
  document.addEventListener("focusin", e => {
    const el = e.target.closest("[data-card]");
    if (el?.matches(":focus-visible")) showCard(el); else if (!e.target.closest(".tip")) hideCard();
  });
  document.addEventListener("keydown", e => {
    if (e.key === "Escape" && card) { e.stopPropagation(); e.preventDefault(); hideCard(); }
  }, true);

  /* -- menus and filters: the popover attribute does open, close and Esc; here they are placed -- */
  const buttonOf = menu => $(`[popovertarget="${CSS.escape(menu.id)}"]`);
  document.addEventListener("toggle", e => {
    const m = e.target;
    if (e.newState !== "open" || !m.classList?.contains("menu") || !buttonOf(m)) return;
    place(m, buttonOf(m), 4);
    $("input,button,a,select", m)?.focus({ preventScroll: true });
  }, true);
  document.addEventListener("scroll", e => {
    if (card && document.activeElement === card._for) place(card, card._for);   // Tab has scrolled the page
    else if (!e.target.closest?.(".tip")) hideCard();
    if (!e.target.closest?.(".menu")) $$(".menu:popover-open").forEach(m => buttonOf(m) && place(m, buttonOf(m), 4));
  }, true);

  /* -- tabs: roving tabindex, arrows, Home, End (WAI-ARIA practices) -- */
  const pickTab = tab => {
    $$("[role=tab]", tab.closest("[role=tablist]")).forEach(x => {
      x.setAttribute("aria-selected", String(x === tab)); x.tabIndex = x === tab ? 0 : -1;
    });
    document.getElementById(tab.getAttribute("aria-controls"))?.setAttribute("aria-labelledby", tab.id);
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  document.addEventListener("keydown", e => {
    const tab = e.target.closest?.("[role=tab]");
    if (!tab || e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key === " ") { e.preventDefault(); tab.click(); return; }
    const all = $$("[role=tab]", tab.closest("[role=tablist]")), i = all.indexOf(tab);
    const to = { ArrowDown: i + 1, ArrowRight: i + 1, ArrowUp: i - 1, ArrowLeft: i - 1, Home: 0, End: all.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const next = all.at(to % all.length); next.focus(); next.click();
  });

  /* -- lists narrowed while typing; names that must be typed to confirm -- */
  const narrow = input => {
    const list = document.getElementById(input.dataset.narrow), wanted = fold(input.value.trim());
    let found = 0;
    for (const item of list.children) { item.hidden = !fold(item.textContent).includes(wanted); found += !item.hidden; }
    const none = $("[data-no-match]", list.parentElement);
    if (none) none.hidden = found > 0;
  };
  const confirmed = input => input.value.trim() === input.dataset.confirm.trim();
  const checkConfirm = input => $$("[type=submit]", input.form).forEach(b => b.setAttribute("aria-disabled", String(!confirmed(input))));
  document.addEventListener("input", e => {
    if (e.target.dataset.narrow) { e.stopPropagation(); narrow(e.target); }
    if (e.target.dataset.confirm) checkConfirm(e.target);
  }, true);
  /* what is searched while typing is not searched again on leaving the field */
  document.addEventListener("change", e => { if (e.target.dataset.narrow || e.target.type === "search") e.stopPropagation(); }, true);
  document.addEventListener("keydown", e => {              // Enter in the narrowing field opens the first hit or does nothing
    if (e.key !== "Enter" || !e.target.dataset?.narrow) return;
    e.preventDefault();
    $("li:not([hidden]) a", document.getElementById(e.target.dataset.narrow))?.click();
  });

  /* -- buttons that act on the page itself -- */
  const acts = {
    theme: toggleTheme,
    dismiss: b => dismiss(b.closest(".toast")),
    toggle: b => {
      const part = document.getElementById(b.getAttribute("aria-controls"));
      part.hidden = !part.hidden; b.setAttribute("aria-expanded", String(!part.hidden));
    },
    reveal: b => {
      const input = document.getElementById(b.getAttribute("aria-controls")), hidden = input.type === "password";
      input.type = hidden ? "text" : "password"; b.setAttribute("aria-pressed", String(hidden));
    },
    discard: () => askDiscard(() => portal.unstage?.()),
    "discard-now": b => { const then = afterDiscard; afterDiscard = null; b.closest("dialog").close(); then?.(); },
  };
  document.addEventListener("click", e => {
    const at = s => e.target.closest?.(s);
    if (at("[data-act]")) acts[at("[data-act]").dataset.act]?.(at("[data-act]"));
    if (at("[data-copy]")) navigator.clipboard.writeText(at("[data-copy]").dataset.copy).then(() => announceCopy(at("[data-copy]")));
    if (at("[command=show-modal]") && !("commandForElement" in HTMLButtonElement.prototype)) openDialog(document.getElementById(at("[command=show-modal]").getAttribute("commandfor")), at("[command=show-modal]"));
    if (at("[data-close]")) { e.preventDefault(); requestClose(at("dialog")); }
    if (at("[data-card]")) showCard(at("[data-card]"));
    if (at("[role=tab]")) pickTab(at("[role=tab]"));
    if (e.target.matches?.("dialog.drawer")) {             // the backdrop
      const r = e.target.getBoundingClientRect();
      if (e.clientX < r.left || e.clientX > r.right) requestClose(e.target);
    }
    if (at(".menu a[download]")) at(".menu").hidePopover?.();
    if (at("[type=submit][aria-disabled=true]")) { e.preventDefault(); $("[data-confirm]", at("form"))?.focus(); }
  });
  const announceCopy = () => toast({ message: text("copied") });

  /* -- sending: a form is sent once, its button keeps width and focus while it is on its way -- */
  const busy = (el, on) => on ? el?.setAttribute("aria-busy", "true") : el?.removeAttribute("aria-busy");
  document.addEventListener("submit", e => {
    const form = e.target, input = $("[data-confirm]", form);
    if (input && !confirmed(input)) { e.preventDefault(); e.stopPropagation(); input.focus(); return; }
    if (form._sent) { e.preventDefault(); e.stopPropagation(); }
  }, true);
  document.addEventListener("submit", e => {
    const form = e.target;
    if (e.defaultPrevented || form.method !== "post" || "upload" in form.dataset || "stays" in form.dataset) return;
    form._sent = true; busy(e.submitter, true);
  });
  addEventListener("pageshow", e => {
    if (!e.persisted) return;
    $$("form").forEach(f => { f._sent = false; });
    $$(".btn[aria-busy]").forEach(b => busy(b, false));
  });

  /* -- htmx: what is said when an answer is not what was hoped for -- */
  const buttonFor = ctx => ctx.request.submitter ?? (ctx.sourceElement.matches(".btn") ? ctx.sourceElement : null);
  document.addEventListener("htmx:before:request", e => {
    const { ctx } = e.detail;
    if (ctx.target?.id === "drawer-host") opener = ctx.sourceElement;
    ctx._button = buttonFor(ctx); busy(ctx._button, true);
    if (ctx.target?.matches?.("#list,#pane,#pane-list")) busy(ctx.target, true);
    ctx.sourceElement._touched = false;
  });
  document.addEventListener("htmx:finally:request", e => {
    const { ctx } = e.detail;
    busy(ctx._button, false); busy(ctx.target?.isConnected ? ctx.target : null, false);
  });
  document.addEventListener("htmx:response:error", e => {
    const { ctx } = e.detail, { status } = ctx.response;
    if (status === 401 || status === 409 || status === 422) return;
    if (ctx.target === card) hideCard();
    toast({ message: text(status) || text("error"), kind: "bad" });
  });
  document.addEventListener("htmx:error", e => toast({ message: text(e.detail.ctx?.response ? "error" : "offline"), kind: "bad" }));
  document.addEventListener("htmx:before:history:update", e => { if (e.detail.response?.status >= 400) e.preventDefault(); });
  document.addEventListener("htmx:after:history:push", () => { if (opener?.isConnected && opener.getAttribute("hx-target") === "#drawer-host") pushed = true; });
  document.addEventListener("htmx:before:swap", e => { if (e.detail.ctx.swap !== "none") { messagesTo(document.body); keepPlace(e.detail.ctx.sourceElement); } });
  document.addEventListener("htmx:after:swap", e => {
    const { ctx } = e.detail;
    if (ctx.swap === "none") return;                       // fires even then
    if (card && ctx.target === card) return place(card, card._for);
    if (ctx.target === document.body) pushed = false;
    settle(ctx.sourceElement);
    giveBack();
    const told = $("[data-announce]", ctx.target?.isConnected ? ctx.target : document);
    if (told && ctx.target?.id === "list") announce(told.textContent.trim());
    if (ctx.response?.status >= 400) focusFault(document.getElementById(ctx.target?.id) ?? document);
  });

  /* -- focus: a late answer that replaces what has it gives it back. htmx does so by id, but while
        it swaps, the button of a staged row is still hidden -- */
  let left = null;
  const keepPlace = source => {
    const el = document.activeElement;
    left = { id: el?.id, pick: el?.closest("[data-pick]")?.dataset.pick, step: "leaves" in source.dataset && source.id };
  };
  const giveBack = () => {
    const { id, pick, step } = left ?? {};
    left = null;
    if (step) return document.getElementById(step)?.focus();   // to go on with the same key
    if (!id && !pick || !document.activeElement?.matches("body,dialog")) return;
    const row = pick ? $$(`[data-pick="${CSS.escape(pick)}"] .stage .btn`).concat($$("#pane-list")) : [];
    [id && document.getElementById(id), ...row].find(x => x?.checkVisibility())?.focus({ preventScroll: true });
  };

  /* -- filters: their state is the URL's, also for boxes the person has touched before -- */
  document.addEventListener("change", e => { const f = e.target.form; if (f?.matches("[data-filters]")) f._touched = true; });
  const syncFilters = () => $$("form[data-filters]").filter(f => !f._touched).forEach(f => {
    $$("[type=checkbox],[type=radio]", f).forEach(x => { x.checked = x.defaultChecked; });
    $$("option", f).forEach(x => { if (x.selected !== x.defaultSelected) x.selected = x.defaultSelected; });
  });
  /* what was typed before htmx listened is searched all the same */
  document.addEventListener("htmx:after:process", () => $$("form[data-filters] [type=search],#pane-q").forEach(x => {
    if (x.value !== x.defaultValue) x.dispatchEvent(new Event("input", { bubbles: true }));
  }), { once: true });
  const focusFault = region => ($("[data-error-summary]", region) ?? $("[aria-invalid=true]", region))?.focus();

  /* -- files: the browser's own words for them are not in the language of the page -- */
  document.addEventListener("change", e => {
    const chosen = e.target.type === "file" && $("[data-chosen]", e.target.parentElement);
    if (!chosen) return;
    chosen.dataset.none ??= chosen.textContent;
    chosen.textContent = [...e.target.files].map(file => file.name).join(", ") || chosen.dataset.none;
  });

  /* -- upload: sent by XMLHttpRequest, which tells how much has gone; the answer replaces the page's middle -- */
  document.addEventListener("submit", e => {
    const form = e.target;
    if (!("upload" in form.dataset) || e.defaultPrevented) return;
    e.preventDefault();
    if (form._sending) return;
    const bar = $("[data-progress]", form), cancel = $("[data-act=cancel-upload]", form), request = new XMLHttpRequest();
    const end = () => { form._sending = null; bar.hidden = true; cancel.hidden = true; busy(e.submitter, false); };
    form._sending = request; bar.hidden = false; cancel.hidden = false; busy(e.submitter, true);
    request.upload.onprogress = p => {
      const percent = Math.floor(100 * p.loaded / p.total);
      $("progress", bar).value = percent; $("[data-percent]", bar).textContent = `${percent} %`;
      if (percent === 100) $("progress", bar).removeAttribute("value");    // the server is at work now
    };
    request.onload = () => {
      end();
      const page = new DOMParser().parseFromString(request.responseText, "text/html"), main = $("#main", page);
      if (!main || request.status >= 500 || request.status === 413) return toast({ message: text(request.status) || text("error"), kind: "bad" });
      $("#main").replaceWith(main);
      $("#toasts").append(...$$("#toasts > .toast", page));
      document.title = page.title;
      if (request.responseURL !== location.href) history.pushState({ htmx: true }, "", request.responseURL);
      window.htmx?.process(main); settle(); main.focus(); focusFault(main);
    };
    request.onerror = () => { end(); toast({ message: text("offline"), kind: "bad" }); };
    request.onabort = end;
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
  acts["cancel-upload"] = b => b.form._sending?.abort();

  /* -- chart cursor -- */
  let cursor;
  const cursorOf = chart => {
    cursor ??= Object.assign(document.createElement("div"), { className: "pop tip cursor", popover: "manual" });
    cursor.setAttribute("role", "tooltip"); cursor.replaceChildren();
    cursor.append(Object.assign(document.createElement("p"), { className: "tip-title" }), document.createElement("ul"));
    JSON.parse(chart.dataset.series).forEach((name, i) => {
      const item = document.createElement("li"), key = document.createElement("span"), value = document.createElement("span");
      key.className = `key s${i + 1}`; value.className = "end num";
      item.append(key, name, value); cursor.lastChild.append(item);
    });
    chart.after(cursor);
  };
  document.addEventListener("pointerover", e => {
    const column = e.target.closest?.(".col");
    if (!column) { if (cursor?.matches(":popover-open")) cursor.hidePopover(); return; }
    const chart = column.closest(".chart");
    if (cursor?.previousElementSibling !== chart) cursorOf(chart);
    $(".tip-title", cursor).textContent = column.dataset.t;
    column.dataset.v.split("|").forEach((value, i) => { $$(".end", cursor)[i].textContent = value; });
    if (!cursor.matches(":popover-open")) cursor.showPopover();
    const a = column.getBoundingClientRect(), b = cursor.getBoundingClientRect();
    cursor.style.left = clamp(a.left + a.width / 2 - b.width / 2, 8, innerWidth - b.width - 8) + "px";
    cursor.style.top = Math.max(8, a.top - b.height - 4) + "px";
  });

  /* -- after each load and swap -- */
  const settle = source => {
    syncFilters();
    showDrawers(!!source?.closest?.("dialog") || source?.id === "stage" || source?.id === "drawer");
    $$("dialog[data-show]").forEach(d => { d.removeAttribute("data-show"); openDialog(d); });
    $$("[data-confirm]").forEach(checkConfirm);
    portal.restage?.();
    showToasts();
  };
  const portal = window.portal = { $, $$, toast, announce, openDialog, text };
  document.addEventListener("DOMContentLoaded", () => { settle(); focusFault($("main") ?? document); });
})();
