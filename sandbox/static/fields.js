// Inputs: reading their values, searching selects, showing errors at the field.
import { ask } from "./wire.js";
import { place } from "./menus.js";

export function valueOf(field) {
  if (field.matches(".boxes")) {
    const chosen = [...field.querySelectorAll("input:checked")].map((box) => box.value);
    return field.dataset.type === "checkboxes" ? chosen : chosen[0] ?? null;
  }
  if (field.matches(".combo")) {
    const chosen = [...field.querySelectorAll(".chip")].map((chip) => chip.dataset.value);
    return field.hasAttribute("data-multi") ? chosen : chosen[0] ?? null;
  }
  return field.value;
}

// What the person changed; untouched inputs keep what the app put there.
export function changedFields(view) {
  return [...view.querySelectorAll("[data-field][data-dirty]")].map((field) => ({
    block_id: field.dataset.blockId,
    action_id: field.dataset.actionId,
    type: field.dataset.type,
    value: valueOf(field),
  }));
}

export function showErrors(view, errors) {
  let first = null;
  for (const block of view.querySelectorAll(".block-input")) {
    const words = errors[block.dataset.blockId] || "";
    const line = block.querySelector(".error");
    line.hidden = !words;
    line.textContent = words;
    block.querySelector(".field").classList.toggle("field-wrong", Boolean(words));
    for (const input of block.querySelectorAll("input, select, textarea")) {
      if (words) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    if (words && !first) first = block.querySelector("input, select, textarea");
  }
  if (!first) return;
  first.focus({ preventScroll: true });
  first.closest(".block-input").scrollIntoView({ block: "center" }); // its error stands below it
}

export function whereIs(element) {
  const view = element.closest("[data-view]");
  if (view) return { view: view.dataset.view };
  const message = element.closest("[data-ts]");
  return message ? { channel: message.dataset.channel, ts: message.dataset.ts } : {};
}

// Searching selects -----------------------------------------------------------------------

const parts = (combo) => ({
  input: combo.querySelector('[role="combobox"]'),
  list: combo.querySelector('[role="listbox"]'),
});

function options(combo) {
  return [...parts(combo).list.querySelectorAll('[role="option"]:not([hidden])')];
}

function open(combo) {
  const { input, list } = parts(combo);
  if (!list.matches(":popover-open")) list.showPopover();
  list.style.minWidth = `${combo.offsetWidth}px`;
  place(list, combo);
  input.setAttribute("aria-expanded", "true");
}

export function shut(combo) {
  const { input, list } = parts(combo);
  if (list.matches(":popover-open")) list.hidePopover();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function activate(combo, option) {
  const { input, list } = parts(combo);
  list.querySelectorAll(".active").forEach((other) => other.classList.remove("active"));
  if (!option) return;
  option.classList.add("active");
  option.id ||= `${list.id}-${[...list.children].indexOf(option)}`;
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function say(list, words) {
  const note = document.createElement("li");
  note.className = "note";
  note.textContent = words;
  list.replaceChildren(note);
}

function listed(choice) {
  const option = document.createElement("li");
  option.setAttribute("role", "option");
  option.dataset.value = choice.value;
  const label = document.createElement("span");
  label.textContent = choice.label;
  option.append(label);
  if (choice.note) {
    const note = document.createElement("small");
    note.textContent = choice.note;
    option.append(note);
  }
  return option;
}

const asked = new WeakMap();

async function search(combo) {
  const { input, list } = parts(combo);
  const query = input.value.trim();
  const min = Number(combo.dataset.min);
  const turn = (asked.get(combo) || 0) + 1;
  asked.set(combo, turn);
  if (query.length < min) {
    say(list, `Type at least ${min} ${min === 1 ? "character" : "characters"}.`);
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, query ? 150 : 0));
  if (asked.get(combo) !== turn) return;
  const answer = await ask("suggest", {
    ...whereIs(combo), action_id: combo.dataset.actionId, block_id: combo.dataset.blockId, query,
  });
  if (asked.get(combo) !== turn || !answer) return;
  if (answer.options.length) list.replaceChildren(...answer.options.map(listed));
  else say(list, "Nothing found.");
}

// Options by their name; by their description only where no name fits.
function filter(combo) {
  const { input, list } = parts(combo);
  const words = input.value.trim().toLowerCase();
  const all = [...list.querySelectorAll('[role="option"]')];
  const has = (text) => text.toLowerCase().includes(words);
  const named = all.filter((option) => has(option.querySelector("span").textContent));
  const shown = named.length ? named : all.filter((option) => has(option.textContent));
  for (const option of all) option.hidden = !shown.includes(option);
}

async function look(combo) {
  open(combo);
  if (combo.hasAttribute("data-remote")) await search(combo);
  else filter(combo);
  const chosen = [].concat(valueOf(combo) ?? []);
  for (const option of options(combo)) {
    option.setAttribute("aria-selected", String(chosen.includes(option.dataset.value)));
  }
  activate(combo, options(combo)[0]);
  if (document.activeElement === parts(combo).input) open(combo);
  else shut(combo);
}

function changed(combo) {
  combo.dataset.dirty = "";
  combo.dispatchEvent(new Event("change", { bubbles: true }));
}

function choose(combo, option) {
  const { input } = parts(combo);
  const chips = combo.querySelector(".chips");
  const value = option.dataset.value;
  const same = [...chips.children].find((chip) => chip.dataset.value === value);
  if (!combo.hasAttribute("data-multi")) chips.replaceChildren();
  if (same && combo.hasAttribute("data-multi")) same.remove();
  else if (!(combo.dataset.max && chips.children.length >= Number(combo.dataset.max))) {
    const chip = document.createElement("span");
    chip.className = "chip";
    chip.dataset.value = value;
    const label = document.createElement("span");
    label.textContent = option.querySelector("span").textContent;
    const cross = document.createElement("button");
    cross.type = "button";
    cross.textContent = "×";
    cross.setAttribute("aria-label", `Remove ${label.textContent}`);
    chip.append(label, cross);
    chips.append(chip);
  }
  input.value = "";
  if (combo.hasAttribute("data-multi")) look(combo);
  else shut(combo);
  changed(combo);
}

function key(combo, event) {
  const { input, list } = parts(combo);
  const shown = options(combo);
  const at = shown.findIndex((option) => option.classList.contains("active"));
  const isOpen = list.matches(":popover-open");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!isOpen) return look(combo);
    const step = event.key === "ArrowDown" ? 1 : -1;
    activate(combo, shown[(at + step + shown.length) % shown.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (isOpen && at >= 0) choose(combo, shown[at]);
    else look(combo);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    event.stopPropagation();
    shut(combo);
  } else if (event.key === "Backspace" && !input.value) {
    const last = combo.querySelector(".chip:last-child");
    if (last) {
      last.remove();
      changed(combo);
    }
  }
}

export function watchCombos() {
  const comboOf = (event) => event.target.closest?.("[data-combo]");
  document.addEventListener("focusout", (event) => {
    const combo = comboOf(event);
    if (combo && !combo.contains(event.relatedTarget)) shut(combo);
  });
  document.addEventListener("input", (event) => {
    const combo = comboOf(event);
    if (combo) look(combo);
  });
  document.addEventListener("keydown", (event) => {
    const combo = comboOf(event);
    if (combo && event.target.matches('[role="combobox"]')) key(combo, event);
  }, true);
  // Choosing by mouse must not take the focus away from the search field first.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest('.combo [role="listbox"]')) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const combo = comboOf(event);
    if (!combo) return;
    const option = event.target.closest('[role="option"]');
    const cross = event.target.closest(".chip button");
    if (option) choose(combo, option);
    else if (cross) {
      cross.parentElement.remove();
      changed(combo);
      parts(combo).input.focus();
    } else {
      parts(combo).input.focus();
      look(combo);
    }
  });
}
