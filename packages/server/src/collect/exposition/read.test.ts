import { expect, it } from 'vitest'
import { readExposition } from './read.ts'

const { signal } = new AbortController()
const body = '# HELP m Help.\n# TYPE m gauge\nm{a="1"} 1\nm{a="1"} 2 17\nother NaN\n'

async function told(text: string, of: AbortSignal = signal): Promise<unknown[]> {
  const found: unknown[] = []
  await readExposition(
    Buffer.from(text),
    { format: 'text', signal: of },
    {
      sample: (flat, value, timeMs) => found.push([flat.join(' '), value, timeMs]),
      histogram: (flat, histogram, timeMs) => found.push([flat.join(' '), histogram, timeMs]),
      metadata: (kind, family, line) => found.push([kind, family, line]),
    },
  )
  return found
}

it('tells the lines of a body in their order', async () => {
  expect(await told(body)).toEqual([
    ['help', 'm', 'Help.'],
    ['type', 'm', 'gauge'],
    ['__name__ m a 1', 1, Number.NaN],
    ['__name__ m a 1', 2, 17],
    ['__name__ other', Number.NaN, Number.NaN],
  ])
})

it('names the line that is none', async () => {
  await expect(told(`${body}m{\n`)).rejects.toThrow('line 6')
})

it('ends between two slices when nobody waits any more', async () => {
  const aborted = AbortSignal.abort(new Error('gone'))
  await expect(told('m 1\n'.repeat(5000), aborted)).rejects.toThrow('gone')
})
