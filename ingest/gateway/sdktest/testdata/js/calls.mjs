// Makes the calls of javascript_test.go with the official SDKs, and prints for each what the caller
// saw, as a line of JSON: {"user": ..., "text": ..., "calls": [...], "tokens": ..., "error": {...}}.
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';

const [url, apiKey] = [process.env.GATEWAY, process.env.GATEWAY_KEY];

// see runs a call for a user and prints what came of it.
async function see(user, call) {
  const seen = { user, text: '', calls: [] };
  try {
    await call(user, seen);
  } catch (e) {
    seen.error = { name: e.constructor.name, status: e.status ?? 0, code: e.code ?? '', message: e.message };
  }
  console.log(JSON.stringify(seen));
}

const openai = (user, maxRetries = 0) => new OpenAI({
  baseURL: url + '/gateway/openai/v1', apiKey, maxRetries, defaultHeaders: { 'X-Analytics-User': user },
});
const chat = (text) => ({ model: 'gpt-4o', messages: [{ role: 'user', content: text }] });

for (const wish of ['plain', 'gzip', 'tools']) {
  await see('openai-' + wish, async (user, seen) => {
    const got = await openai(user).chat.completions.create(chat('double:' + wish));
    seen.text = got.choices[0].message.content ?? '';
    seen.calls = (got.choices[0].message.tool_calls ?? []).map((c) => c.id + c.function.arguments);
    seen.tokens = got.usage.total_tokens;
  });
  await see('openai-' + wish + '-stream', async (user, seen) => {
    const stream = await openai(user).chat.completions.create({ ...chat('double:' + wish), stream: true });
    const calls = [];
    for await (const chunk of stream) {
      if (chunk.choices.length === 0) throw new Error('a chunk that nobody asked for');
      const delta = chunk.choices[0].delta;
      seen.text += delta.content ?? '';
      for (const c of delta.tool_calls ?? []) {
        calls[c.index] = (calls[c.index] ?? '') + (c.id ?? '') + (c.function.arguments ?? '');
      }
    }
    seen.calls = calls;
  });
}
await see('openai-usage', async (user, seen) => {
  const stream = await openai(user).chat.completions.create(
    { ...chat('Hi'), stream: true, stream_options: { include_usage: true } });
  for await (const chunk of stream) {
    seen.text += chunk.choices[0]?.delta?.content ?? '';
    seen.tokens = chunk.usage?.total_tokens ?? seen.tokens;
  }
});
await see('openai-responses', async (user, seen) => {
  const stream = await openai(user).responses.create({ model: 'gpt-4o', input: 'Hi', stream: true });
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') seen.text += event.delta;
    if (event.type === 'response.completed') seen.tokens = event.response.usage.total_tokens;
  }
});
await see('openai-embedding', async (user, seen) => {
  const got = await openai(user).embeddings.create(
    { model: 'text-embedding-3-small', input: 'Hi', encoding_format: 'float' });
  seen.text = got.data[0].embedding.join(',');
});
await see('openai-retry', async (user, seen) => {
  seen.text = (await openai(user, 2).chat.completions.create(chat('double:flaky ' + user)))
    .choices[0].message.content;
});
for (const wish of ['status400', 'status401', 'status429', 'status500']) {
  await see('openai-' + wish, (user) => openai(user).chat.completions.create(chat('double:' + wish)));
}
for (const wish of ['cut', 'midway']) {
  await see('openai-' + wish, async (user) => {
    const stream = await openai(user).chat.completions.create({ ...chat('double:' + wish), stream: true });
    for await (const chunk of stream) void chunk;
  });
}

const anthropic = (user, maxRetries = 0) => new Anthropic({
  baseURL: url + '/gateway/anthropic', apiKey, maxRetries, defaultHeaders: { 'X-Analytics-User': user },
});
const message = (text) => ({
  model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: text }],
});
const blocks = (got, seen) => {
  for (const b of got.content) {
    if (b.type === 'text') seen.text += b.text;
    if (b.type === 'tool_use') seen.calls.push(b.id + JSON.stringify(b.input));
  }
  seen.tokens = got.usage.output_tokens;
};
for (const wish of ['plain', 'gzip', 'tools']) {
  await see('anthropic-' + wish, async (user, seen) =>
    blocks(await anthropic(user).messages.create(message('double:' + wish)), seen));
  await see('anthropic-' + wish + '-stream', async (user, seen) =>
    blocks(await anthropic(user).messages.stream(message('double:' + wish)).finalMessage(), seen));
}
for (const wish of ['status400', 'status401', 'status429', 'status500', 'status529']) {
  await see('anthropic-' + wish, (user) => anthropic(user).messages.create(message('double:' + wish)));
}
for (const wish of ['cut', 'midway']) {
  await see('anthropic-' + wish, (user) =>
    anthropic(user).messages.stream(message('double:' + wish)).finalMessage());
}

const gemini = (user) => new GoogleGenAI({
  apiKey, httpOptions: { baseUrl: url + '/gateway/gemini', headers: { 'X-Analytics-User': user } },
});
const content = (text) => ({ model: 'gemini-2.5-flash', contents: text });
const parts = (got, seen) => {
  for (const p of got.candidates?.[0]?.content?.parts ?? []) {
    seen.text += p.text ?? '';
    if (p.functionCall) seen.calls.push(p.functionCall.name + JSON.stringify(p.functionCall.args));
  }
  seen.tokens = got.usageMetadata?.totalTokenCount;
};
for (const wish of ['plain', 'gzip', 'tools']) {
  await see('gemini-' + wish, async (user, seen) =>
    parts(await gemini(user).models.generateContent(content('double:' + wish)), seen));
  await see('gemini-' + wish + '-stream', async (user, seen) => {
    const stream = await gemini(user).models.generateContentStream(content('double:' + wish));
    for await (const part of stream) parts(part, seen);
  });
}
for (const wish of ['status400', 'status401', 'status429']) {
  await see('gemini-' + wish, (user) => gemini(user).models.generateContent(content('double:' + wish)));
}
await see('gemini-cut', async (user) => {
  const stream = await gemini(user).models.generateContentStream(content('double:cut'));
  for await (const part of stream) void part;
});
