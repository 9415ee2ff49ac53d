// What an earlier page or visit could not save is found in the browser's own store and saved now.

import { same, show, valuesNow } from "./controls.js";
import { without } from "./saver.js";
import { takeSent } from "./visit.js";

/** Drop what belongs to an answer sent since, and what the page before has brought to the server itself. */
export async function tidied(store, info, visit, rev) {
  const sent = takeSent(visit);
  const kept = await store.read();
  if (!kept) return {};
  if (kept.round !== info.round) {
    store.remove();
    return {};
  }
  if (!sent || !(Number(rev) > Number(sent.rev))) return kept.items;
  await store.update((now) => without(now, Object.entries(sent.ids)));
  return (await store.read())?.items ?? {};
}

/** Put kept answers of this page into its controls; true when something was put in. */
export function putIn(saver, items) {
  const now = valuesNow(saver.form);
  const replaced = new Map();
  let found = false;
  for (const [name, { base, value, id }] of Object.entries(items)) {
    if (!now.has(name)) continue;
    saver.ids.set(name, id);
    const stored = saver.base.get(name) ?? [];
    if (same(stored, value) || !same(now.get(name), stored)) continue; // arrived after all, or changed again
    if (stored.length && !same(stored, base)) replaced.set(name, stored);
    show(saver.form, name, value);
    found = true;
  }
  if (replaced.size) saver.status.merged(saver.form, new Map(), replaced);
  return found;
}

/**
 * Save kept answers of other pages; what another window has changed since waits until its page is shown.
 * Resolves to the revision they were saved as, or null when there was nothing to save.
 */
export async function saveElsewhere({ store, info, connection }, items, isHere = () => false) {
  const names = Object.keys(items).filter((name) => !isHere(name));
  const told = names.length ? await connection.savedOf(names) : { kind: "none" };
  if (told.kind !== "ok" || told.round !== info.round) return null;
  const isFree = (name) => [[], items[name].base, items[name].value].some((each) => same(told.values[name] ?? [], each));
  const sides = new Map();
  for (const name of names.filter((each) => told.sides[each] && isFree(each))) {
    sides.set(told.sides[name], [...(sides.get(told.sides[name]) ?? []), name]);
  }
  let rev = null;
  for (const [side, together] of sides) {
    const fields = new URLSearchParams({ csrf_token: told.csrf, rev: rev ?? told.rev, round: info.round, shown: together.join(" ") });
    for (const name of together) for (const value of items[name].value) fields.append(`q-${name}`, value);
    const answer = await connection.save(side, fields);
    if (answer.kind !== "ok") break;
    rev = answer.rev;
    const arrived = together.filter((name) => !answer.unsaved.includes(name));
    await store.update((kept) => without(kept, arrived.map((name) => [name, items[name].id])));
  }
  return rev;
}
