// Talking to the server about one visit. Every answer has a `kind`; `away` means: try again later; a refusal does not.

const PATIENCE = 10_000;
const KINDS = {
  400: "forged", 403: "forged", 404: "gone", 408: "away", 409: "conflict", 410: "closed", 413: "too-large", 425: "away", 429: "away",
};
const REFUSALS = { forged: "refused", refused: "refused", "too-large": "too-large" };

/** The word for a refusal that trying again does not change, or null. */
export function refusal(kind) {
  return REFUSALS[kind] ?? null;
}

function kindOf(status) {
  return KINDS[status] ?? (status >= 400 && status < 500 ? "refused" : "away");
}

export class Connection {
  constructor(visit) {
    this.visit = visit; // the address of the visit, which all others begin with
  }

  /** Save answers of a page: ok with `rev` and the names of what was left out, or why not. */
  save(side, fields, { keepalive = false } = {}) {
    return this.ask(`${this.visit}/side/${side}/lagring`, { method: "POST", body: fields, keepalive });
  }

  /** What is stored by now, with the answers of a page when one is named and something is newer than `rev`. */
  saved(side, rev) {
    const about = new URLSearchParams({ ...(side && { side }), ...(rev && { rev }) });
    return this.ask(`${this.visit}/lagring?${about}`, {});
  }

  /** What is stored of these questions by now, and on which pages they stand. */
  savedOf(names) {
    return this.ask(`${this.visit}/lagring?${new URLSearchParams({ items: names.join(" ") })}`, {});
  }

  /** The list of parts as it would be with what the form says; nothing is kept. */
  parts(side, form) {
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    return this.ask(`${this.visit}/side/${side}/oversikt`, { method: "POST", body });
  }

  /** Tell that somebody is still there. */
  stay(token) {
    return this.ask(`${this.visit}/fortsatt`, { method: "POST", body: new URLSearchParams({ csrf_token: token }) });
  }

  /** Whether the server answers at all. */
  async answers() {
    if (!navigator.onLine) return false;
    try {
      const probe = new URL("./saving.js", import.meta.url);
      return (await fetch(probe, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(5_000) })).ok;
    } catch {
      return false;
    }
  }

  async ask(address, options) {
    try {
      const response = await fetch(address, {
        headers: { Accept: "application/json" }, redirect: "error", signal: AbortSignal.timeout(PATIENCE), ...options,
      });
      if (!response.ok) return { kind: kindOf(response.status) };
      document.dispatchEvent(new Event("answering:contact"));
      if (response.status === 204) return { kind: "ok" };
      const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
      return isOurs ? { kind: "ok", ...(await response.json()) } : { kind: "gone" }; // a page: the visit was over
    } catch {
      return { kind: "away" };
    }
  }
}
