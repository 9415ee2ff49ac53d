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
  for (const [name, { side, base, value, id }] of Object.entries(items)) {
    if (side !== saver.side || !now.has(name)) continue;
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

/** Save kept answers of other pages; what another window has changed since waits until its page is shown. */
export async function saveElsewhere({ store, info, connection, token, here }, items) {
  const sides = new Set(Object.values(items).map((item) => item.side));
  sides.delete(here);
  let latest = null;
  for (const side of sides) {
    const rev = await saveSide({ store, info, connection, token, side }, items);
    latest = rev ?? latest;
  }
  return latest;
}

async function saveSide({ store, info, connection, token, side }, items) {
  const told = await connection.saved(side);
  if (told.kind !== "ok" || told.round !== info.round) return null;
  const mine = Object.entries(items).filter(([, item]) => item.side === side);
  const may = ([name, item]) => [[], item.base, item.value].some((values) => same(told.values[name] ?? [], values));
  const sending = mine.filter(may);
  const fields = new URLSearchParams({ csrf_token: told.csrf ?? token, rev: told.rev, round: info.round });
  fields.set("shown", sending.map(([name]) => name).join(" "));
  for (const [name, item] of sending) for (const value of item.value) fields.append(`q-${name}`, value);
  const answer = sending.length ? await connection.save(side, fields) : { kind: "none" };
  if (answer.kind !== "ok") return null;
  await store.update((kept) => without(kept, sending.map(([name, item]) => [name, item.id])));
  return answer.rev;
}
