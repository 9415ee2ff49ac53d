// The list of parts keeps up with the answers: which parts are asked, and how much is answered in each.

import { valuesAtFirst, valuesNow } from "./controls.js";

const list = document.querySelector(".sv-parts__list");

/** Show the parts as the server tells them: number, name, how much is answered. */
export function showParts(parts) {
  if (!list || !parts?.length) return;
  const rows = new Map([...list.children].map((row) => [numberOf(row), row]));
  const wanted = new Set(parts.map(([number]) => String(number)));
  for (const [number, row] of rows) if (!wanted.has(number)) row.remove();
  parts.forEach(([number, label, told], place) => {
    const row = rows.get(String(number)) ?? fresh([...rows.values()][0], number, label);
    tell(row, told);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null); // no row is moved in vain: it may have the focus
  });
}

/** Count anew in the row of this page, where nothing is saved before the page is left. Gives what to call then. */
export function countHere(form, wording) {
  const told = list?.querySelector("[aria-current=step] .sv-parts__told");
  if (!told) return () => {};
  const before = count(form, valuesAtFirst(form));
  return () => {
    const now = count(form, valuesNow(form));
    const numbers = { n: Number(told.dataset.n) + now.n - before.n, total: Number(told.dataset.total) + now.total - before.total };
    told.textContent = wording.replace(/\{(n|total)\}/g, (_, which) => numbers[which]);
  };
}

function count(form, values) {
  const asked = [...values].filter(([name]) => isShown(form, name));
  return { n: asked.filter(([, said]) => said.some(Boolean)).length, total: asked.length };
}

function isShown(form, name) {
  const found = form.elements.namedItem(`q-${name}`);
  return !(found instanceof RadioNodeList ? found[0] : found)?.closest("[hidden]");
}

function fresh(pattern, number, label) {
  const row = pattern.cloneNode(true);
  row.removeAttribute("aria-current");
  row.querySelector(".ds-tag")?.remove();
  Object.assign(row.querySelector("button"), { value: number, textContent: label });
  return row;
}

function tell(row, text) {
  let told = row.querySelector(".sv-parts__told");
  if (!told && !text) return;
  if (!told) {
    told = Object.assign(document.createElement("span"), { className: "sv-parts__told" });
    row.querySelector("button").after(" ", told);
  }
  if (told.textContent !== text) told.textContent = text;
}

const numberOf = (row) => row.querySelector("button").value;
