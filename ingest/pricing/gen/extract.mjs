// Makes ../prices.json.gz from the npm package @pydantic/genai-prices (MIT, see
// ../LICENSE-genai-prices.txt). Run by hand when prices change, then run the tests, whose worked
// examples say which well-known prices moved:
//
//   npm pack @pydantic/genai-prices@0.1.8 && tar xzf pydantic-genai-prices-0.1.8.tgz
//   node extract.mjs package 2026-09-23        # the folder, and the day that version was published
//
// What it changes on the way:
//   - prices become whole pico-USD per token (USD per million x 1e6; fees per request and
//     per web search become pico-USD each); the handful with more digits are rounded half to even;
//   - patterns become lower-case lists [op, argument...], and the three regular expressions with a
//     lookahead, which Go's regexp has not, become a "not";
//   - a model without any price is "free" if its name or a comment says so, else it is left out, so
//     that its requests count as unpriced;
//   - what no event carries is dropped: descriptions, usage extractors, prices of video, hours of
//     audio, pages, searches in files, and of audio and images read from a cache.
import {writeFileSync, readFileSync} from 'node:fs'
import {gzipSync, constants} from 'node:zlib'
import {resolve, dirname} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const [folder, date] = process.argv.slice(2)
if (!folder || !/^\d{4}-\d\d-\d\d$/.test(date ?? '')) throw new Error('usage: extract.mjs FOLDER DATE')
const {version} = JSON.parse(readFileSync(resolve(folder, 'package.json')))
const {waitForUpdate} = await import(pathToFileURL(resolve(folder, 'dist/index.js')))

// The keys of a price here and there.
const components = {
  input_mtok: 'in', cache_read_mtok: 'cr', cache_write_mtok: 'cw', cache_write_1h_mtok: 'ch',
  input_audio_mtok: 'ai', input_image_mtok: 'ii', output_mtok: 'out', output_reasoning_mtok: 're',
  output_audio_mtok: 'ao', output_image_mtok: 'io',
}

// scaled is x * 10^power as a whole number, computed on the decimal digits.
function scaled(x, power) {
  if (!(x >= 0)) throw new Error(`bad price ${x}`)
  const [, whole, frac = '', exp = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(x))
  const shift = power + Number(exp) - frac.length
  let n = BigInt(whole + frac)
  if (shift >= 0) return Number(n * 10n ** BigInt(shift))
  const unit = 10n ** BigInt(-shift), rest = (n % unit) * 2n
  n /= unit
  return Number(rest > unit || (rest === unit && n % 2n === 1n) ? n + 1n : n)
}

function price(v) {
  if (typeof v === 'number') return scaled(v, 6)
  const tiers = [...v.tiers].sort((a, b) => a.start - b.start)
  return [scaled(v.base, 6), ...tiers.map(t => [t.start, scaled(t.price, 6)])]
}

function prices(p) {
  const out = {}
  for (const [key, short] of Object.entries(components)) if (p[key] !== undefined) out[short] = price(p[key])
  if (p.requests_kcount !== undefined) out.rq = scaled(p.requests_kcount, 9)
  if (p.web_searches_kcount !== undefined) out.ws = scaled(p.web_searches_kcount, 9)
  return out
}

function when(c) {
  if (!c) return {}
  if (c.type === 'start_date') return {from: c.start_date}
  if (c.type === 'time_of_date') return {between: [seconds(c.start_time), seconds(c.end_time)]}
  throw new Error(`unknown constraint ${JSON.stringify(c)}`)
}

function seconds(time) {
  const [, h, m, s] = /^(\d\d):(\d\d):(\d\d)Z$/.exec(time)
  return Number(h) * 3600 + Number(m) * 60 + Number(s)
}

function regex(source) {
  if (source === '^(?!.*-[tT][tT][sS](?:$|-))') return ['not', ['re', '-tts(?:$|-)']]
  const noSlash = '^(?![^/]+/)'
  if (source.startsWith(noSlash)) {
    return ['and', ['not', ['re', '^[^/]+/']], regex('^' + source.slice(noSlash.length))]
  }
  if (/\(\?[=!<]/.test(source)) throw new Error(`a lookaround that is new: ${source}`)
  return ['re', source]
}

function match(m) {
  const [[op, arg], more] = Object.entries(m)
  if (more) throw new Error(`two operators: ${JSON.stringify(m)}`)
  switch (op) {
    case 'equals': return ['eq', arg.toLowerCase()]
    case 'starts_with': return ['pre', arg.toLowerCase()]
    case 'ends_with': return ['suf', arg.toLowerCase()]
    case 'contains': return ['has', arg.toLowerCase()]
    case 'regex': return regex(arg)
    case 'or': case 'and': return [op, ...arg.map(match)]
  }
  throw new Error(`unknown operator ${op}`)
}

function free(m) {
  const said = `${m.price_comments ?? ''} ${m.description ?? ''}`
  return m.id.endsWith(':free') || /free of charge|included in the subscription/i.test(said)
}

function model(m) {
  const list = Array.isArray(m.prices) ? m.prices : [{prices: m.prices}]
  const rates = list.map(x => ({...when(x.constraint), ...prices(x.prices)}))
  const out = {id: m.id, match: match(m.match), rates}
  if (list.every(x => Object.keys(x.prices).length === 0)) {
    if (!free(m)) return undefined
    out.free = true
  }
  return out
}

let models = 0
const providers = (await waitForUpdate()).map(p => {
  const out = {id: p.id, models: p.models.map(model).filter(Boolean)}
  models += out.models.length
  if (p.model_match) out.family = match(p.model_match)
  if (p.provider_match) out.called = match(p.provider_match)
  if (p.fallback_model_providers) out.fallback = p.fallback_model_providers
  return out
})
const text = JSON.stringify({version: `genai-prices/${version}`, date, providers})
const zipped = gzipSync(text, {level: constants.Z_BEST_COMPRESSION})
const target = resolve(dirname(fileURLToPath(import.meta.url)), '../prices.json.gz')
writeFileSync(target, zipped)
console.log(`${providers.length} providers, ${models} models, ${text.length} -> ${zipped.length} bytes`)
