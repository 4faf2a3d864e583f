// Questions to the server this page came from, with the cookie of the login.

import { headers } from './admin.js';

// Refusal is an error that the server gave, in its words.
export class Refusal extends Error {
  constructor(status, fault) {
    super(fault?.message || 'The server answered ' + status + '.');
    this.status = status;
    this.code = fault?.code || '';
  }
}

async function send(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: 'same-origin', ...options,
      headers: { Accept: 'application/json', ...headers(), ...options?.headers } });
  } catch (fault) {
    if (fault.name === 'AbortError') throw fault;
    throw new Refusal(0, { message: 'The server cannot be reached.' });
  }
  const text = await answer.text();
  let body = text;
  try { body = JSON.parse(text); } catch { /* what is no JSON is text */ }
  if (!answer.ok) throw new Refusal(answer.status, body?.error);
  return body;
}

// Asker asks each question once in its life, which is one drawing of the page.
export class Asker {
  #asked = new Map();
  #stop = new AbortController();

  ask(path, params) {
    const query = new URLSearchParams(params || {}).toString();
    const url = query ? path + '?' + query : path;
    if (!this.#asked.has(url)) this.#asked.set(url, send(url, { signal: this.#stop.signal }));
    return this.#asked.get(url);
  }

  stop() { this.#stop.abort(); }
}

// change asks the server to change something.
export function change(method, path, body) {
  const more = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  return send(path, { method, ...more });
}
