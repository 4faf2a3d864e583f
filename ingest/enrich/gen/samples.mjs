// Makes ../testdata/crawlers.txt.gz, the sample user agents of an npm package under the MIT license:
//
//   npm pack crawler-user-agents@1.60.0 && tar -xzf crawler-user-agents-1.60.0.tgz
//   node samples.mjs package
//
// A line is: pattern, user agent, with a tab between.
import {readFileSync, writeFileSync} from 'node:fs'
import {gzipSync, constants} from 'node:zlib'
import {resolve, dirname} from 'node:path'
import {fileURLToPath} from 'node:url'

const lines = []
for (const {pattern, instances} of JSON.parse(readFileSync(resolve(process.argv[2], 'crawler-user-agents.json')))) {
  for (const agent of instances) lines.push(pattern + '\t' + agent.replace(/[\t\n]/g, ' '))
}
writeFileSync(resolve(dirname(fileURLToPath(import.meta.url)), '../testdata/crawlers.txt.gz'),
  gzipSync(lines.join('\n') + '\n', {level: constants.Z_BEST_COMPRESSION}))
