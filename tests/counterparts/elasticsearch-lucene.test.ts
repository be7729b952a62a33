// The kit's cases of the Lucene syntax, asked of the product by Elasticsearch's API.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'

interface Case {
  readonly language: string
  readonly query: string
  readonly ids?: readonly string[]
  readonly error?: unknown
}

/**
 * Cases that ask for what only a schema says: that a level, tag or name is one whole value (here it is found by its words, and a level by what it means), that
 * the case of a service's letters matters, that a name of nested objects is seen by none, that a date without a field is a time.
 */
const ofTheSchema: readonly string[] = [
  'level:error',
  'level:Error',
  'level:ERROR',
  'level:Err*',
  'level:err*',
  'service:legacy app',
  'level:eror~1',
  'amount:10',
  'amount:\\-10',
  'level:error OR level:fatal',
  'level:error AND NOT service:api',
  'level:error NOT service:api',
  'level:error || level:fatal',
  '+level:error tags:urgent',
  'level:error -tags:urgent',
  'level:error AND (NOT service:api)',
  'level:(error OR fatal)',
  'level:(error fatal)',
  'level:(+error -fatal)',
  'level:/ERR.*/',
  'user.name:ann',
  'user.name:Ann',
  'user.\\*:ann',
  'user.email:ann@example.com',
  'url.path:\\/cart\\/checkout',
  'url.path:\\/API*',
  'items.name:book',
  'service_name:Legacy*',
  '2025-06-13',
]

interface Hits {
  readonly hits?: { readonly hits: readonly { readonly _source: { readonly kit_id: string } }[] }
}

async function ask(server: Pick<RunningServer, 'url'>, path: string, body: string) {
  const headers = { 'content-type': 'application/x-ndjson' }
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body })
  return { json: (await response.json()) as { readonly responses: readonly Hits[] } }
}

async function store(server: Pick<RunningServer, 'url'>, documents: readonly object[]): Promise<void> {
  const body = documents.flatMap((one) => ['{"index":{}}', JSON.stringify(one)]).join('\n')
  const { json } = await ask(server, '/kit/_bulk', `${body}\n`)
  expect(json).toMatchObject({ errors: false })
}

const kit = process.env.CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../shared/conformance', import.meta.url))
const dir = join(kit, 'lucene')
const cases: readonly Case[] = JSON.parse(readFileSync(join(dir, 'cases.json'), 'utf8'))

test('lines without a schema are found as mapped documents are, but for what only a schema says', async () => {
  await using server = await startServer({ args: ['--retention', 'off'] })
  const documents = readFileSync(join(dir, 'documents.ndjson'), 'utf8').trim().split('\n')
  // what names a document there is not searched
  await store(
    server,
    documents.map((text) => JSON.parse(text)).map(({ id, ...rest }) => ({ ...rest, kit_id: `kit${id}kit` })),
  )
  const asked = cases.filter(
    ({ language, query, ids }) => language === 'lucene' && ids !== undefined && !query.includes('now'),
  )
  const wrong: string[] = []
  for (let at = 0; at < asked.length; at += 30) {
    const some = asked.slice(at, at + 30)
    const body = some.flatMap(({ query }) => ['{}', JSON.stringify({ size: 100, query: { query_string: { query } } })])
    const { json } = await ask(server, '/kit/_msearch', `${body.join('\n')}\n`)
    for (const [i, { query, ids = [] }] of some.entries()) {
      const hits = json.responses[i]?.hits?.hits ?? []
      const found = hits.map(({ _source }) => _source.kit_id.slice(3, -3)).sort()
      if (JSON.stringify(found) !== JSON.stringify([...ids].sort())) wrong.push(query)
    }
  }
  expect(wrong.sort()).toEqual(ofTheSchema.toSorted())
})
