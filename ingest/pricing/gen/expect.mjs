// Makes ../testdata/upstream.json.gz: what the package itself finds and computes for every name
// its patterns spell out, so that a test can hold our matcher and arithmetic against it.
//
//   node expect.mjs package
import {writeFileSync, mkdirSync} from 'node:fs'
import {gzipSync, constants} from 'node:zlib'
import {resolve, dirname} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const {waitForUpdate, calcPrice} = await import(pathToFileURL(resolve(process.argv[2], 'dist/index.js')))
const timestamp = new Date('2026-11-21T12:00:00Z')
const usages = [
  {input_tokens: 300000, output_tokens: 5000},
  {input_tokens: 150000, cache_read_tokens: 1000, cache_write_tokens: 333, output_tokens: 777},
]

function literals(m) {
  const [[op, arg]] = Object.entries(m)
  if (op === 'or' || op === 'and') return arg.flatMap(literals)
  return op === 'regex' ? [] : [arg]
}

const rows = []
for (const p of await waitForUpdate()) {
  const names = new Set(p.models.flatMap(m => [m.id, ...literals(m.match)]))
  for (const name of names) {
    const found = usages.map(u => {
      try { return calcPrice(u, name, {providerId: p.id, timestamp}) } catch { return null }
    })
    if (found[0] === null) { rows.push([p.id, name, '']); continue }
    const cents = found.map(r => r && Number(r.total_price.toPrecision(12)))
    const [{provider, model, model_price}] = found
    const tokens = 'input_mtok' in model_price && 'output_mtok' in model_price
    rows.push([p.id, name, `${provider.id}/${model.id}`, tokens ? cents : null])
  }
}
const dir = resolve(dirname(fileURLToPath(import.meta.url)), '../testdata')
mkdirSync(dir, {recursive: true})
const zipped = gzipSync(JSON.stringify(rows), {level: constants.Z_BEST_COMPRESSION})
writeFileSync(resolve(dir, 'upstream.json.gz'), zipped)
console.log(rows.length, 'names', zipped.length, 'bytes')
