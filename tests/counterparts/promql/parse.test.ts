// Our parser beside that of Debian's Prometheus: damaged queries are taken by both or by neither, formatted alike and refused in the same words
// at the same place, but for what version 3 changed. DAMAGED_CASES and DAMAGED_FIRST for long runs.
import { parse } from '@tidewatch/promql/parse.ts'
import { format } from '@tidewatch/promql/print.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startPrometheus, tempDir } from '../programs.ts'
import { damaged } from './damaged.ts'
import { spanMs } from './data.ts'
import { caseOf } from './expressions.ts'
import { randomOf } from './random.ts'

const count = Number(process.env.DAMAGED_CASES ?? 4000)
const firstCase = Number(process.env.DAMAGED_FIRST ?? 1)

const stack = new AsyncDisposableStack()
let prometheus: Program

beforeAll(async () => {
  prometheus = stack.use(await startPrometheus('global: {}\n', { dir: stack.use(tempDir()) }))
})
afterAll(() => stack.disposeAsync())

/** The formatted query, or what is wrong with it. */
interface Verdict {
  readonly formatted?: string
  readonly refusal?: string
}

function ours(query: string): Verdict {
  try {
    return { formatted: format(parse(query)) }
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) }
  }
}

async function theirs(query: string): Promise<Verdict> {
  const response = await fetch(`${prometheus.url}/api/v1/format_query`, {
    method: 'POST',
    body: new URLSearchParams({ query }),
  })
  const { data, error } = (await response.json()) as { readonly data?: string; readonly error?: string }
  return data === undefined
    ? { refusal: String(error).replace(/^invalid parameter "query": /, '') }
    : { formatted: data }
}

/** Words that version 3 put in place of others. */
function inOldWords(refusal: string): string {
  return refusal
    .replace(/expected number, duration, step\(\), or range\(\)(?:, or)?/, 'expected duration')
    .replace('bad number or duration syntax', 'bad duration syntax')
    .replace('unknown position', '1:1')
}

/** Of the operator `@` version 2 tells an internal number too, of an expression its anchors. */
function inPlainWords(refusal: string): string {
  return refusal
    .replace(/"<Item \d+>" /, '')
    .replace(/`\^\(\?:(.*)\)\$`$/, '`$1`')
    .replace(' duration or ', ' duration ')
    .trimEnd()
}

/** What only version 3 understands, or reads in other pieces. */
function isNewer(query: string, our: Verdict, their: Verdict): boolean {
  const { refusal = '' } = their
  const bracketed = /\[[^\]]*$|\[[^\]]*[^\]\dsmhdwy:\s][^\]]*\]/.test(query)
  return (
    // durations are numbers, also where one stands behind a comma
    /unexpected duration "|trailing commas not allowed/.test(refusal) ||
    // what stands in brackets may be computed, and be a plain number
    /missing unit character in duration/.test(refusal) ||
    (bracketed &&
      /in duration|bad duration syntax|unexpected colon '|in subquery or range|in subquery selector/.test(refusal)) ||
    // so may an offset, and it may have either sign
    /(?:"\("|<op:[+-]>|unexpected number "[^"]*"(?:\.{3})?) in offset/.test(refusal) ||
    // names in quotes, and colons in names of labels
    /unexpected (?:string|metric identifier) .* in (?:label matching, expected identifier|grouping opts, expected label)/.test(
      refusal,
    ) ||
    // the grammar of editors takes this as a label's name, and so do we
    /unexpected <without> in grouping opts, expected label/i.test(refusal) ||
    // operators that trim histograms
    /[<>]\//.test(query) ||
    // start() and end() are functions
    (/\b(?:start|end)\s*\(/i.test(query) && refusal.includes('unexpected "("')) ||
    // numbers have underscores, and are whole before they are judged
    /bad number or duration syntax|unexpected number "\.|error parsing number|unknown unit|not a valid duration/.test(
      our.refusal ?? '',
    ) ||
    // without exponents, and with what is matched on where that is nothing
    (their.formatted !== undefined && /\de[+-]\d|ignoring \(\) group/.test(their.formatted + (our.formatted ?? '')))
  )
}

test(`${count} damaged queries`, { timeout: 120_000 + count * 100 }, async () => {
  const different: string[] = []
  const seen = { taken: 0, refused: 0, newer: 0 }
  for (let seed = firstCase; seed < firstCase + count; seed++) {
    const random = randomOf(seed)
    const { query: right } = caseOf(seed, { startMs: 0, spanMs })
    const query = damaged(right.replaceAll('double_exponential_smoothing', 'rate').slice(0, 150), random)
    const our = ours(query)
    const their = await theirs(query)
    const isSame =
      our.formatted === their.formatted && inOldWords(our.refusal ?? '') === inPlainWords(their.refusal ?? '')
    if (isSame) seen[our.formatted === undefined ? 'refused' : 'taken']++
    else if (isNewer(query, our, their)) seen.newer++
    else different.push(`${seed}: ${JSON.stringify({ query, our, their })}`)
  }
  console.log(seen)
  expect(different).toEqual([])
  // most are the same in both versions
  expect(seen.newer).toBeLessThan(count / 4)
  expect(seen.taken).toBeGreaterThan(count / 50)
})
