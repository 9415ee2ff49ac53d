// What could not be saved yet, kept in the browser: AES-GCM under a key that only the respondent's link gives.

const PREFIX = "svar:";

/** One respondent's store. Every window of the browser shares it; a lock keeps them apart. */
export class BrowserStore {
  /** The store of this name, or null where the browser offers no encryption or no storage. */
  static async open({ name, key }, until) {
    try {
      if (!globalThis.crypto?.subtle || !globalThis.localStorage) return null;
      const raw = Uint8Array.from(key.match(/../g), (two) => parseInt(two, 16));
      return new BrowserStore(name, await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]), until);
    } catch {
      return null;
    }
  }

  constructor(name, key, until) {
    Object.assign(this, { name, key, until });
  }

  /** What is kept, or null; what cannot be read with this key is as if it were not there. */
  async read() {
    try {
      const { n, c } = JSON.parse(localStorage.getItem(PREFIX + this.name));
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(n) }, this.key, bytes(c));
      return JSON.parse(new TextDecoder().decode(plain).trimEnd());
    } catch {
      return null;
    }
  }

  /** Change what is kept; `change` gets it and returns the new content, or null for none. True when it is done. */
  async update(change) {
    const work = async () => {
      const content = change(await this.read());
      if (content === null) this.remove();
      else await this.write(content);
      return true;
    };
    try {
      return await (navigator.locks ? navigator.locks.request(PREFIX + this.name, work) : work());
    } catch {
      return false; // full, or switched off by the browser
    }
  }

  async write(content) {
    const text = JSON.stringify(content);
    const padded = text.padEnd(Math.ceil(text.length / 1024) * 1024); // lengths tell little
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, this.key, new TextEncoder().encode(padded));
    localStorage.setItem(PREFIX + this.name, JSON.stringify({ until: this.until, n: text64(nonce), c: text64(new Uint8Array(sealed)) }));
  }

  remove() {
    forget(this.name);
  }
}

/** Remove a store by name. */
export function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // no storage, nothing to remove
  }
}

/** Remove stores of measurements that are over, save the one in use: the device's own clock may be years ahead. */
export function sweep(inUse, today = new Date().toISOString().slice(0, 10)) {
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX) && each !== PREFIX + inUse)) {
      if (!(JSON.parse(localStorage.getItem(key))?.until >= today)) localStorage.removeItem(key);
    }
  } catch {
    // no storage, nothing to sweep
  }
}

function text64(array) {
  return btoa(Array.from(array, (byte) => String.fromCharCode(byte)).join(""));
}

function bytes(text) {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
