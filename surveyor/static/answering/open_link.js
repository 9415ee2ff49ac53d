// Everybody's link: the server keeps no draft, so the browser's own store holds what has been answered until it is sent.

import { same, show, valuesAtFirst, valuesNow } from "./controls.js";
import { guardLeaving } from "./leaving.js";
import { countHere, showParts } from "./parts.js";

const QUIET = 400; // milliseconds without a change before the list of parts is asked for anew

/** Keep the answers of a page, or of the review, which has none of its own. */
export async function keepOnOpenLink({ root, form, side, store, connection, status, isShared }) {
  const state = form.elements.state;
  const kept = (await store?.read()) ?? { items: {} };
  const arrived = kept.sending && performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (!arrived && kept.state) state.value = kept.state;
  const recount = countHere(form, status.text("count"));
  putIn(form, kept.items);
  recount();
  if (!arrived && kept.side && kept.side !== side) offerToGoOn({ root, form, kept, status, store, connection });
  let isKept = false; // the browser may have no room
  const note = async (changes) => {
    isKept = Boolean(await store?.update((now) => noted(now, form, { side, ...changes })));
    document.dispatchEvent(new CustomEvent("answering:ready", { detail: isKept || isShared })); // to early.js: whether to ask
    return isKept;
  };
  form.addEventListener("input", () => setTimeout(recount)); // after questions have come and gone
  form.addEventListener("input", async () => (await note({ state: state.value })) && status.kept());
  if (arrived || !kept.side || kept.side === side) await note({ state: state.value, sending: false });
  if (isKept && isChanged(form)) status.kept(); // changed before we came, or put in again
  followParts({ form, side, connection, recount });
  guardLeaving(form, {
    ready: () => connection.answers(),
    blocked: () => status.blocked({ isKept }),
    left: () => note({ state: state.value, sending: true }),
  });
  addEventListener("online", () => status.back());
}

function isChanged(form) {
  const first = valuesAtFirst(form);
  return [...valuesNow(form)].some(([name, value]) => !same(first.get(name), value));
}

function putIn(form, items) {
  const first = valuesAtFirst(form);
  const now = valuesNow(form);
  for (const [name, { value }] of Object.entries(items)) {
    const isUntouched = first.has(name) && same(now.get(name), first.get(name)); // else it was changed before we came
    if (isUntouched && !same(first.get(name), value)) show(form, name, value);
  }
}

/** Ask for the list of parts as it is with these answers, while somebody looks at it. The server keeps nothing of them. */
function followParts({ form, side, connection, recount }) {
  const list = document.querySelector(".sv-parts");
  if (!/^\d+$/.test(side) || !list) return;
  let timer;
  let latest;
  const ask = async () => {
    const mine = (latest = {});
    const told = await connection.parts(side, form);
    if (told.kind !== "ok" || mine !== latest) return;
    showParts(told.parts);
    recount();
  };
  const soon = () => {
    clearTimeout(timer);
    latest = null;
    if (list.open) timer = setTimeout(ask, QUIET);
  };
  form.addEventListener("input", soon);
  list.addEventListener("toggle", () => list.open && ask());
}

function noted(kept, form, changes) {
  const items = { ...kept?.items };
  const first = valuesAtFirst(form);
  for (const [name, value] of valuesNow(form)) {
    if (items[name] || !same(first.get(name), value)) items[name] = { side: changes.side, value };
  }
  return { ...kept, items, ...changes };
}

/** The page reloaded, or opened anew: the way back to where the respondent was. */
function offerToGoOn({ root, form, kept, status, store, connection }) {
  status.notice(status.text("go-on"), status.text("go-on-button"), async () => {
    await store.update((now) => ({ ...now, sending: true }));
    const post = root.appendChild(document.createElement("form"));
    const isReview = kept.side === "kontroll";
    Object.assign(post, { method: "post", action: `${connection.visit}/${isReview ? "kontroll" : `side/${kept.side}`}` });
    const fields = { csrf_token: form.elements.csrf_token.value, state: kept.state, to: isReview ? "kontroll" : "her" };
    for (const [name, value] of Object.entries(fields)) add(post, name, value);
    for (const [name, item] of Object.entries(kept.items)) {
      if (item.side === kept.side) for (const value of item.value) add(post, `q-${name}`, value);
    }
    post.submit();
  });
}

function add(form, name, value) {
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: value ?? "" }));
}
