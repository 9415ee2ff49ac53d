// Shows and hides questions, answer options and messages while a page is answered. The server has the last word.

import { words } from "./expressions.js";
import { follow, normal, offered, problem } from "./following.js";

const PREFIX = "q-", MOST_ROUNDS = 20;
const block = document.getElementById("live");
const live = block ? JSON.parse(block.dataset.live) : null;
const form = block?.closest("form");
const touched = new Set();

const controls = (name) => [...form.elements].filter((control) => control.name === PREFIX + name);
const nodeOf = (name) => document.getElementById(`live-${name}`) ?? document.getElementById(PREFIX + name);

function answers() {
  const written = new Map();
  for (const control of form.elements) {
    if (!control.name?.startsWith(PREFIX) || control.disabled) continue;
    const name = control.name.slice(PREFIX.length), values = written.get(name) ?? [];
    written.set(name, values);
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.checked) values.push(control.value);
    } else if (control.multiple) values.push(...[...control.selectedOptions].map((option) => option.value));
    else values.push(control.value);
  }
  return new Map([...written].map(([name, values]) => [name, normal(live.types?.[name] ?? "", values)]));
}

function update() {
  let now = follow(live, answers());
  for (let round = 0; round < MOST_ROUNDS && offerAll(now.values); round += 1) now = follow(live, answers());
  const appeared = showAndHide(now.hidden);
  for (const place of document.querySelectorAll("[data-insert]")) insert(place, now.values);
  const shown = form.elements.namedItem("shown");
  if (shown) shown.value = namesShown(shown.value, now.hidden);
  for (const name of Object.keys(live.checks ?? {})) tell(name, now);
  return appeared;
}

// True when an answer has changed with its options, so that what hangs on it must be looked at again.
function offerAll(values) {
  const groups = Object.entries(live.choices ?? {});
  return groups.map(([name, each]) => offer(name, offered(each, values))).some(Boolean);
}

function namesShown(before, hidden) {
  const conditional = (live.steps ?? []).filter(([name, show]) => show !== true && nodeOf(name)).map(([name]) => name);
  const fixed = words(before).filter((name) => !conditional.includes(name));
  return [...fixed, ...conditional.filter((name) => !hidden.has(name))].join(" ");
}

function showAndHide(hidden) {
  let appeared = false;
  for (const [name, show] of live.steps ?? []) {
    const node = show === true ? null : nodeOf(name);
    if (!node || node.hidden === hidden.has(name)) continue;
    node.hidden = hidden.has(name);
    appeared ||= !node.hidden;
  }
  for (const battery of document.querySelectorAll(".sv-battery")) {
    battery.hidden = [...battery.querySelectorAll("fieldset")].every((row) => row.hidden);
  }
  return appeared;
}

// A choice no longer offered is out of sight and not sent, but still chosen: change your mind, and it is back.
function offer(name, codes) {
  return controls(name).map((control) => (control.tagName === "SELECT" ? offerIn(control, codes) : offerOne(control, codes))).some(Boolean);
}

function offerOne(control, codes) {
  const was = control.disabled;
  control.disabled = !codes.has(control.value);
  (control.closest(".sv-choice") ?? control.parentElement).hidden = control.disabled;
  return was !== control.disabled && control.checked;
}

const options = new WeakMap(), wanted = new WeakMap();
function offerIn(select, codes) {
  if (!options.has(select)) options.set(select, [...select.options]);
  const left = options.get(select).filter((option) => option.value === "" || codes.has(option.value));
  for (const option of left) option.hidden = option.disabled = false;
  const before = select.value;
  if (left.length !== select.options.length || left.some((option, n) => select.options[n] !== option)) {
    select.replaceChildren(...left);
    select.value = [wanted.get(select), before].find((code) => code && codes.has(code)) ?? "";
  }
  return select.value !== before;
}

function insert(place, values) {
  const name = place.dataset.insert, value = values.get(name) ?? "";
  const labels = controls(name).filter((control) => control.labels?.length && "checked" in control && /radio|checkbox/.test(control.type));
  const select = controls(name).find((control) => control.tagName === "SELECT");
  let text = value;
  if (select) text = [...select.selectedOptions].map((option) => option.textContent).join(", ");
  else if (labels.length) {
    const chosen = words(value);
    text = labels.filter((control) => chosen.includes(control.value)).map((control) => control.labels[0].textContent.trim()).join(", ");
  } else if (live.language !== "en" && live.types?.[name] !== "text") text = local(value, live.types?.[name]);
  if (place.textContent !== text) place.textContent = text;
}

function local(value, type) {
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (date) return `${date[3]}.${date[2]}.${date[1]}`;
  return /^-?\d+\.\d+$/.test(value) && type !== "geopoint" ? value.replace(".", ",") : value;
}

// A message comes when an answer is left, and goes as soon as it is right.
function tell(name, now) {
  const found = controls(name);
  if (!found.length) return;
  const wrong = now.hidden.has(name) ? "" : problem(live, name, now.values);
  const message = document.getElementById(`${PREFIX}${name}-feil`);
  if (!wrong) {
    if (message && touched.has(name)) clear(name, found, message);
  } else if (touched.has(name) && wording(name, wrong)) {
    show(name, found, message, wrong);
  }
}

function wording(name, wrong) {
  return live.messages?.[name]?.[wrong] ?? live.words[wrong] ?? "";
}

function holder(name) {
  const node = document.getElementById(PREFIX + name);
  if (node?.tagName === "FIELDSET") return node.querySelector(":scope.sv-likert__row > legend") ?? node;
  return node?.closest(".ds-field") ?? null;
}

function show(name, found, message, wrong) {
  const text = wording(name, wrong);
  const fresh = message ?? document.createElement(holder(name)?.tagName === "LEGEND" ? "span" : "p");
  if (fresh.textContent === text) return;
  fresh.textContent = text;
  if (!message) {
    fresh.id = `${PREFIX}${name}-feil`;
    fresh.className = "ds-validation-message";
    holder(name)?.append(fresh);
  }
  const isOurs = wrong === "type" || !(wrong in (live.messages?.[name] ?? {}));
  fresh.lang = isOurs ? document.documentElement.lang : live.language;
  for (const control of found) control.setAttribute("aria-invalid", "true");
  describe(name, found, true);
  say(text);
}

function clear(name, found, message) {
  message.remove();
  for (const control of found) control.removeAttribute("aria-invalid");
  describe(name, found, false);
  const summary = document.querySelector(".ds-error-summary");
  summary?.querySelector(`a[href="#${CSS.escape(PREFIX + name)}"]`)?.closest("li").remove();
  if (summary && !summary.querySelector("li")) summary.remove();
}

function describe(name, found, add) {
  const node = document.getElementById(PREFIX + name), id = `${PREFIX}${name}-feil`;
  const target = node?.tagName === "FIELDSET" ? node : found[0];
  if (target.matches(".sv-likert__row")) return;
  const ids = words(target.getAttribute("aria-describedby") ?? "").filter((each) => each !== id);
  if (add) ids.push(id);
  if (ids.length) target.setAttribute("aria-describedby", ids.join(" "));
  else target.removeAttribute("aria-describedby");
}

function say(text) {
  block.textContent = text;
}

function nameOf(event) {
  const name = event.target.name ?? "";
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : "";
}

function onInput(event) {
  const name = nameOf(event);
  if (!name) return;
  if (document.getElementById(`${PREFIX}${name}-feil`)) touched.add(name);
  if (update()) say(live.words.appeared);
}

// A field left by pressing a button: its message waits until the button is let go, or it would slide away from under the press.
let isPressed = false;
const waiting = [];

function onPress(event) {
  isPressed = Boolean(event.target.closest?.("button, a, summary"));
}

function onLetGo() {
  isPressed = false;
  setTimeout(() => { for (const event of waiting.splice(0)) onChange(event); }); // after the click itself
}

function onChange(event) {
  const name = nameOf(event);
  if (!name) return;
  if (isPressed) return void waiting.push(event);
  touched.add(name);
  if (event.target.tagName === "SELECT") wanted.set(event.target, event.target.value);
  if (update()) say(live.words.appeared);
}

// The server marks which answer options it has shown; those the script keeps up with need no mark, shown at first or not.
function unmark() {
  const followed = Object.keys(live.choices ?? {});
  if (!followed.length) return;
  const kept = form.elements.namedItem("live") ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "live" }));
  kept.value = [...words(kept.value).filter((each) => !followed.includes(each.split(":")[0])), ...followed].join(" ");
}

if (live && form) {
  form.addEventListener("input", onInput);
  form.addEventListener("change", onChange);
  addEventListener("pointerdown", onPress, true);
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, onLetGo, true);
  addEventListener("pageshow", update);
  unmark();
  update();
}
