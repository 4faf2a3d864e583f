// Who may do what: keys, users with a password, and shares by which anybody may look.

import { change } from './api.js';
import { el } from './el.js';
import { pages } from './pages.js';
import { act, rows, state, when } from './rows.js';

const text = (id, name, more) => el('label', { for: id }, name + ' ', el('input', { id, autocomplete: 'off', ...more }));
const pick = (id, name, all) => el('label', { for: id }, name + ' ',
  el('select', { id }, all.map(([value, shown]) => el('option', { value }, shown ?? value))));
const value = (id) => document.getElementById(id).value.trim();

// maker is a form that makes something and shows what came of it: does gives an element or nothing, and
// then the page is drawn anew.
function maker(tools, does, ...fields) {
  const told = el('div', { role: 'status' });
  const form = el('form', { class: 'form', on: { submit: async (event) => {
    event.preventDefault();
    try {
      const made = await does();
      if (made) told.replaceChildren(made);
      else tools.redraw();
    } catch (fault) {
      told.replaceChildren(el('p', { class: 'worse' }, fault.message));
    }
  } } }, fields);
  return [form, told];
}

const once = (words, secret) => el('p', { class: 'secret' }, words + ' ', el('code', {}, secret));

export function keys(answer, tools) {
  const at = when(tools);
  return el('div', {}, maker(tools, async () => {
    const made = await change('POST', '/v1/keys', { name: value('keyname'), scopes: [value('keyscope')] });
    return once('Copy it now, it is shown this once:', made.secret);
  }, text('keyname', 'Name', { required: true, maxlength: 64, placeholder: 'my-app' }),
  pick('keyscope', 'May', [['ingest', 'send events'], ['query', 'ask'], ['export', 'export'], ['admin', 'administer']]),
  el('button', {}, 'Make a key')), rows('Keys', answer.keys, {
    name: (k) => k.name, id: (k) => el('code', {}, k.id), may: (k) => (k.scopes || []).join(', '),
    'bound to': (k) => bound(k.bound), state: (k) => state(k.state), made: (k) => at(k.created),
    'last used': (k) => at(k.last_used), expires: (k) => at(k.expires),
    action: (k) => (k.state === 'live' ? act('Revoke', k.name, tools, () => change('DELETE', '/v1/keys/' + encodeURIComponent(k.id)),
      'Revoke the key ' + k.name + '? What uses it is refused at once, and it cannot be brought back.') : ''),
  }, 'No keys.'));
}

const bound = (b) => Object.entries(b || {}).map(([name, of]) => name + ' ' + of).join(', ') || '–';

export function shares(answer, tools) {
  const at = when(tools);
  const choice = pages.filter((p) => p.panels.some((one) => !one.admin)).map((p) => el('label', { class: 'check' },
    el('input', { type: 'checkbox', name: 'sharedpage', value: p.id }), ' ' + p.title));
  const form = maker(tools, async () => {
    const body = { name: value('sharename'), expires: value('sharelife'),
      pages: [...document.querySelectorAll('[name=sharedpage]:checked')].map((box) => box.value) };
    if (value('shareof') !== 'everything') body[value('shareof')] = value('sharewhich');
    const made = await change('POST', '/v1/dashboard/shares', body);
    return once('Send this link, it is shown this once:', made.url);
  }, text('sharename', 'For', { maxlength: 64, placeholder: 'the board' }),
  pick('shareof', 'Events of', [['everything'], ['site', 'the site'], ['agent', 'the agent'], ['project', 'the project']]),
  text('sharewhich', 'named', { maxlength: 128, placeholder: 'example.com' }),
  pick('sharelife', 'Ends after', [['7d', 'a week'], ['1d', 'a day'], ['30d', '30 days'], ['365d', 'a year']]),
  el('fieldset', { class: 'choice' }, el('legend', {}, 'Only these pages (all, if none is chosen)'), choice),
  el('button', {}, 'Make a link'));
  return el('div', {}, el('p', { class: 'note' }, 'Whoever has the link may look, and do nothing else, until it ends.'), form,
    rows('Shares', answer.shares, {
      for: (s) => s.name, shows: (s) => (s.pages ? s.pages.join(', ') : 'all pages'), 'events of': (s) => bound(s.bound),
      opens: (s) => el('code', {}, s.page), made: (s) => at(s.created), ends: (s) => at(s.expires),
      action: (s) => act('End', s.name, tools, () => change('DELETE', '/v1/dashboard/shares/' + encodeURIComponent(s.id)),
        'End the share ' + s.name + '? Whoever has its link sees nothing from then on.'),
    }, 'Nothing is shared.'));
}

export function users(answer, tools) {
  const at = when(tools);
  return el('div', {}, maker(tools, () => change('PUT', '/v1/dashboard/users/' + encodeURIComponent(value('username')),
    { password: document.getElementById('userphrase').value, scopes: value('usermay').split(' ') }).then(() => null),
  text('username', 'Name', { required: true, maxlength: 64, placeholder: 'anna@example.com' }),
  text('userphrase', 'Password', { required: true, type: 'password', autocomplete: 'new-password' }),
  pick('usermay', 'May', [['query export', 'look and export'], ['query', 'look'], ['query export admin', 'administer']]),
  el('button', {}, 'Set the password')), rows('Users', answer.users, {
    name: (u) => u.name, may: (u) => (u.scopes || []).join(', '), made: (u) => at(u.created), 'password of': (u) => at(u.changed),
    action: (u) => act('Remove', u.name, tools, () => change('DELETE', '/v1/dashboard/users/' + encodeURIComponent(u.name)),
      'Remove ' + u.name + '? The sessions of this user end at once.'),
  }, 'No users with a password.'));
}
