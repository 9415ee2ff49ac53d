// What a window knows of its visit: the revision of the sent answer, and the key of the browser's own store.

import { BrowserStore, forget, sweep } from "./store.js";

/** The visit as the server tells it; on the respondent's own machine asked for once a window. */
export async function visitInfo(connection, isShared) {
  if (isShared) return { kind: "ok", round: "", store: null };
  const kept = remembered(connection.visit);
  if (kept) return kept;
  const { kind, round, until, store } = await connection.saved();
  if (kind !== "ok") return { kind };
  const info = { kind, round, until, store };
  if (store) remember(connection.visit, info);
  return info;
}

/** The browser's own store of a visit, or null; others whose time is over go. */
export function storeOf(info) {
  sweep(info.store?.name);
  return info.store ? BrowserStore.open(info.store, info.until) : null;
}

/** Forget a visit that is over, and what the browser has kept of it. */
export function forgetVisit(visit) {
  const info = remembered(visit);
  if (info?.store) forget(info.store.name);
  for (const name of [keyOf(visit), sentKey(visit)]) sessionStorage.removeItem(name);
}

/** Note which changes a form is about to send, never what they say: the next page then knows what arrived. */
export function noteSent(visit, sent) {
  try {
    sessionStorage.setItem(sentKey(visit), JSON.stringify(sent));
  } catch {
    // the next page will ask the server instead
  }
}

/** What the page before sent; told once. */
export function takeSent(visit) {
  const sent = parsed(sentKey(visit));
  sessionStorage.removeItem(sentKey(visit));
  return sent;
}

function remember(visit, info) {
  try {
    sessionStorage.setItem(keyOf(visit), JSON.stringify(info));
  } catch {
    // asked for again on the next page
  }
}

function remembered(visit) {
  return parsed(keyOf(visit));
}

function parsed(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

const keyOf = (visit) => `visit:${visit}`;
const sentKey = (visit) => `sent:${visit}`;
