// Nothing is lost: what somebody answers is saved as it changes, kept when it cannot be, and found again.

import { Connection, refusal } from "./connection.js";
import { valuesAtFirst } from "./controls.js";
import { guardLeaving } from "./leaving.js";
import { keepOnOpenLink } from "./open_link.js";
import { putIn, saveElsewhere, tidied } from "./recovery.js";
import { Saver } from "./saver.js";
import { Status } from "./status.js";
import { watchTime } from "./time_limit.js";
import { forgetVisit, noteSent, storeOf, visitInfo } from "./visit.js";

const AGAIN = 5_000;

/** A page for people who answer: what it is, is written on it. */
async function start(root) {
  const { visit, side } = root.dataset;
  const page = {
    root, side, visit,
    connection: new Connection(visit),
    status: new Status(root),
    form: document.getElementById("svar"),
    isShared: "shared" in root.dataset,
    isOpen: "open" in root.dataset,
  };
  if (/^\d+$/.test(side) && !page.isOpen) return answering(page);
  if (page.isShared) {
    forgetVisit(visit); // what the welcome page kept before they said so
    limitTime(page, () => true);
  }
  const info = await visitInfo(page.connection, page.isShared);
  const store = info.kind === "ok" ? await storeOf(info) : null;
  if (page.isOpen) return page.form && keepOnOpenLink({ ...page, store });
  if (page.form) guardSending(page, store);
  if (store && side !== "trekk") await recoverHere(page, info, store);
}

/** A page of questions with a draft on the server. */
async function answering(page) {
  const { form, side, connection, status, visit, root } = page;
  const saver = new Saver({ form, side, connection, status, base: valuesAtFirst(form) });
  if ("unsaved" in root.dataset) Object.assign(saver, { forced: true, base: new Map() });
  form.addEventListener("input", () => saver.touched());
  form.addEventListener("change", () => saver.touched());
  addEventListener("online", () => saver.trouble && saver.flush());
  addEventListener("pageshow", () => { saver.isLeaving = false; saver.touched(); });
  addEventListener("beforeunload", (event) => isAtRisk(saver) && event.preventDefault());
  document.addEventListener("visibilitychange", () => (document.hidden ? saveLast(saver) : lookAgain(saver)));
  addEventListener("pagehide", () => saveLast(saver));
  document.dispatchEvent(new CustomEvent("answering:ready", { detail: true })); // to early.js: changes before this moment are seen from here on too
  saver.touched();
  guardLeaving(form, {
    ready: () => isReady(saver),
    blocked: () => status.blocked(saver),
    left: async () => {
      saver.isLeaving = true;
      await saver.keep();
      if (saver.store) noteSent(visit, { side, rev: saver.rev, ids: Object.fromEntries(saver.ids) });
    },
  });
  if (page.isShared) limitTime(page, () => saver.stopped || !saver.changed().length);
  await recover(page, saver);
  saver.touched();
}

/** Find the visit's store, however long the server is away, and what was left in it. */
async function recover(page, saver) {
  const info = await visitInfo(page.connection, page.isShared);
  if (info.kind !== "ok") {
    if (refusal(info.kind)) return saver.refuse(info.kind);
    if (info.kind !== "away") return saver.stop(info.kind);
    if (saver.changed().length) saver.failed();
    setTimeout(() => recover(page, saver), AGAIN);
    return undefined;
  }
  saver.round = info.round;
  saver.store = await storeOf(info);
  if (!saver.store) return undefined;
  const items = await tidied(saver.store, info, page.visit, saver.rev);
  const here = valuesAtFirst(page.form);
  const rev = await saveElsewhere({ store: saver.store, info, connection: page.connection }, items, (name) => here.has(name));
  if (rev !== null) saver.know(rev);
  if (putIn(saver, items)) page.status.notice(page.status.text("found"));
  return undefined;
}

/** On a page without questions: save what was left, and show the page as it is then. */
async function recoverHere(page, info, store) {
  const seen = page.form?.elements.rev?.value ?? page.root.dataset.rev;
  const items = await tidied(store, info, page.visit, seen);
  const rev = await saveElsewhere({ store, info, connection: page.connection }, items);
  if (rev !== null && page.side !== "lagret") location.replace(page.form ? `${page.visit}/kontroll` : page.visit);
}

/** Whether a page may be left: its own changes go along, so others' must be known first. */
async function isReady(saver) {
  clearTimeout(saver.timer);
  await saver.running;
  if (saver.stopped) return true; // the server says why
  if (saver.trouble) await saver.flush();
  if (saver.refused) return saver.refused === "refused" && (saver.isKept || !saver.changed().length); // the server says why
  const isCurrent = navigator.onLine && !saver.trouble && (await saver.catchUp({ isQuiet: true }));
  if (saver.stopped) return true;
  if (!isCurrent) return false;
  return saver.toldSomething ? null : true;
}

/** The window is put away, perhaps for good; when it is left by a button, the form carries the answers itself. */
function saveLast(saver) {
  if (!saver.isLeaving) saver.flush({ keepalive: true });
}

/** Another window may have saved while this one was not looked at. */
async function lookAgain(saver) {
  await saver.running;
  if (!saver.stopped && !saver.changed().length) await saver.catchUp({ isQuiet: true });
}

/** What is sent is what the page shows: another window may have changed it since. */
function guardSending({ form, connection, status, visit }, store) {
  guardLeaving(form, {
    ready: async () => {
      const told = await connection.saved("", form.elements.rev.value);
      if (told.kind !== "ok") return told.kind !== "away";
      if (String(told.rev) === form.elements.rev.value) return true;
      location.replace(`${visit}/kontroll`);
      return null;
    },
    blocked: () => status.blocked({ isKept: true }), // the draft is on the server already
    left: async () => {},
  });
}

function isAtRisk(saver) {
  return !saver.isKept && !saver.stopped && (saver.trouble || saver.running) && saver.changed().length > 0;
}

function limitTime({ root, connection }, mayEnd) {
  const dialog = root.querySelector("dialog");
  const token = dialog.querySelector("input[name=csrf_token]").value;
  const [minutes, warned] = root.dataset.shared.split(" ").map(Number);
  const stay = async () => {
    if ((await connection.stay(token)).kind === "gone") location.reload();
  };
  watchTime(dialog, { minutes, warned, stay, mayEnd });
}

const root = document.getElementById("lagring");
if (root?.dataset.visit) start(root);
else if (root) forgetVisit(location.pathname.replace(/\/[^/]+$/, "")); // a receipt, or the end of a visit
