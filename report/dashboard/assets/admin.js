// Most logins may look and export, and no more. Who changes something, or sees keys and jobs, is a user
// with the scope admin or shows an administrator's key: it is kept in this variable until the page is
// left, and nowhere else.

import { el } from './el.js';

let key = '';
let told = () => {};

export const known = () => key !== '' || 'admin' in document.body.dataset;

// headers are those that show the key.
export const headers = () => (key ? { Authorization: 'Bearer ' + key } : {});

// whenKnown is told when a key was given or taken back.
export function whenKnown(listener) { told = listener; }

// form asks for the key.
export function form(why) {
  const input = el('input', { type: 'password', autocomplete: 'off', required: true, placeholder: 'ak_adm_…',
    'aria-label': 'Admin key', spellcheck: 'false' });
  const problem = el('p', { class: 'worse', role: 'alert' });
  return el('form', { class: 'admin', on: { submit: async (event) => {
    event.preventDefault();
    const given = input.value.trim();
    const answer = /^[\w-]+$/.test(given) && await fetch('/v1/keys', { headers: { Authorization: 'Bearer ' + given } }).catch(() => null);
    if (!answer || !answer.ok) {
      problem.textContent = 'That is no key of an administrator.';
      return;
    }
    key = given;
    told();
  } } }, el('p', { class: 'note' }, why + ' It is forgotten when you leave this page.'),
  el('p', { class: 'form' }, input, el('button', {}, 'Use this key')), problem);
}
