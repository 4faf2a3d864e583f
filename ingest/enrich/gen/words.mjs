// Makes ../data/words.txt from the npm package isbot, whose licence is the Unlicense:
//
//   npm pack isbot@5.2.3 && tar -xzf isbot-5.2.3.tgz, then node words.mjs FOLDER/package
//
// A line is a regular expression for a user agent in lower case. Go's know no look-around: those
// few are written again here, or left out where the other lists say the same.
import {writeFileSync} from 'node:fs'
import {resolve, dirname} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const rewritten = {
  '(?:^|[^g])news(?!sapphire)': '(?:^|[^g])news(?:[^s]|$)',
  '(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))': '',
  '(?<! cu)bots?(?:\\b|_)': '(?:^|[^u])bots?(?:\\b|_)',
  '(?<!cam)scan': '(?:^|[^m])scan',
  '(?<!lib)http': '(?:^|[^b])http',
  'java(?!;)': 'java(?:[^;]|$)',
}
// unfit convict browsers that real people use: those within apps, and of televisions.
const unfit = new Set(process.argv.slice(3))

const {list} = await import(pathToFileURL(resolve(process.argv[2], 'index.mjs')))
const lines = list.map(p => rewritten[p] ?? p).filter(p => p && !unfit.has(p))
for (const p of lines) if (/\(\?<?[!=]/.test(p)) throw new Error(`look-around in ${p}`)
writeFileSync(resolve(dirname(fileURLToPath(import.meta.url)), '../data/words.txt'), lines.join('\n') + '\n')
