// Writing: Enter sends, "/" explains the commands, "@" finds people, drafts are kept.
import { ask, data, toast } from "./wire.js";
import { place } from "./menus.js";

const box = (form) => form.querySelector("textarea");
const list = (form) => form.querySelector(".suggestions");
const draftKey = (form) => `draft ${data.as} ${data.channel} ${form.dataset.thread}`;

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
}

function hint(code, small, take) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const name = document.createElement("code");
  name.textContent = code;
  const words = document.createElement("small");
  words.textContent = small;
  item.append(name, words);
  item.take = take;
  return item;
}

function commandHints(text) {
  const typed = text.split(" ")[0];
  const isWhole = text.includes(" ");
  return data.commands
    .filter((c) => (isWhole ? c.command === typed : c.command.startsWith(typed)))
    .map((c) => hint(`${c.command} ${c.usage_hint}`.trim(), `${c.description} · ${c.app}`,
      isWhole ? null : `${c.command} `));
}

function peopleHints(area) {
  const before = area.value.slice(0, area.selectionStart);
  const typed = /(?:^|\s)@([\p{L}.\w-]*)$/u.exec(before);
  if (!typed) return [];
  const words = typed[1].toLowerCase();
  const start = before.length - typed[1].length;
  return data.people
    .filter((p) => p.handle.startsWith(words) || p.name.toLowerCase().startsWith(words))
    .slice(0, 8)
    .map((p) => hint(`@${p.handle}`, `${p.name}${p.title ? ` · ${p.title}` : ""}`,
      `${area.value.slice(0, start)}${p.handle} ${area.value.slice(area.selectionStart)}`));
}

function suggest(form) {
  const area = box(form);
  const hints = area.value.startsWith("/") ? commandHints(area.value) : peopleHints(area);
  const box_ = list(form);
  box_.replaceChildren(...hints);
  hints.forEach((item, index) => (item.id = `${box_.id}-${index}`));
  if (!hints.length) return shut(form);
  if (!box_.matches(":popover-open")) box_.showPopover();
  box_.style.width = `${Math.min(form.offsetWidth, 560)}px`;
  place(box_, form.querySelector(".composer-box"));
  // A popover that fits below would cover nothing here: writing is at the bottom, so go above.
  box_.style.top = `${form.querySelector(".composer-box").getBoundingClientRect().top - box_.offsetHeight - 6}px`;
  area.setAttribute("aria-expanded", "true");
  pick(form, hints[0].take ? 0 : -1);
}

function shut(form) {
  const box_ = list(form);
  if (box_.matches(":popover-open")) box_.hidePopover();
  box(form).setAttribute("aria-expanded", "false");
  box(form).removeAttribute("aria-activedescendant");
}

function pick(form, at) {
  [...list(form).children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
  const chosen = list(form).children[at];
  if (!chosen) return box(form).removeAttribute("aria-activedescendant");
  box(form).setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function take(form, item) {
  if (!item || !item.take) return;
  write(form, item.take);
}

export function write(form, text) {
  const area = box(form);
  area.value = text;
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function send(form) {
  const area = box(form);
  const text = area.value.trim();
  const isCommand = text.startsWith("/");
  if (!text || form.ariaBusy === "true") return;
  if (isCommand && form.dataset.thread) {
    toast("Commands of apps do not work in threads. Type it in the channel.");
    return;
  }
  form.ariaBusy = "true";
  shut(form);
  area.value = "";
  grow(area);
  sessionStorage.removeItem(draftKey(form));
  const body = { channel: data.channel, text, thread: form.dataset.thread };
  const answer = await ask(isCommand ? "command" : "say", body);
  form.ariaBusy = "false";
  if (!answer && !area.value) write(form, text);
}

function key(form, event) {
  const isOpen = list(form).matches(":popover-open");
  const all = [...list(form).children];
  const at = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp") && all[0].take) {
    event.preventDefault();
    pick(form, (at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length);
  } else if (isOpen && at >= 0 && (event.key === "Tab" || event.key === "Enter")) {
    // A command that is typed in full is sent; a beginning is completed.
    if (event.key === "Enter" && all[at].take.trim() === box(form).value.trim()) return;
    event.preventDefault();
    event.stopPropagation();
    take(form, all[at]);
  } else if (isOpen && event.key === "Escape") {
    event.stopPropagation();
    shut(form);
  }
}

export function watchComposers() {
  for (const form of document.querySelectorAll("[data-composer]")) {
    box(form).value = sessionStorage.getItem(draftKey(form)) || "";
    grow(box(form));
  }
  const formOf = (event) => event.target.closest?.("[data-composer]");
  document.addEventListener("input", (event) => {
    const form = formOf(event);
    if (!form) return;
    grow(event.target);
    sessionStorage.setItem(draftKey(form), event.target.value);
    suggest(form);
  });
  document.addEventListener("keydown", (event) => {
    const form = formOf(event);
    if (!form || !event.target.matches("textarea")) return;
    key(form, event);
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented) {
      event.preventDefault();
      send(form);
    }
  });
  document.addEventListener("focusout", (event) => {
    const form = formOf(event);
    if (form) shut(form);
  });
  document.addEventListener("mousedown", (event) => {
    const item = event.target.closest(".suggestions li");
    if (!item) return;
    event.preventDefault();
    take(item.closest("[data-composer]"), item);
  });
  document.addEventListener("submit", (event) => {
    const form = formOf(event);
    if (!form) return;
    event.preventDefault();
    send(form);
  });
}
