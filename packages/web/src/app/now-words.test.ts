import type { AlertsSummary, FiringRow } from '@tidewatch/api/firing-alerts.ts'
import { expect, it } from 'vitest'
import { describeNow } from './now-words.ts'

const alert = (severity: FiringRow['severity'], by?: string): FiringRow => ({
  ...{ fingerprint: severity, name: 'A', sentence: '', severity, startsAtMs: 0, labels: {}, silences: 0, mutedBy: [] },
  ...(by === undefined ? { standing: 'open' } : { standing: 'taken', taker: { by, atMs: 0 } }),
})
/** As the server sums it up: the worst first. */
function summaryOf(worst: readonly FiringRow[], changes: Partial<AlertsSummary> = {}): AlertsSummary {
  const next = worst.find(({ taker }) => taker === undefined)
  const open = worst.filter(({ taker }) => taker === undefined).length
  return {
    counts: { open, taken: worst.length - open, suppressed: 0 },
    severities: { critical: 0, high: 0, medium: 0, low: 0 },
    worst: [...worst],
    ...(next === undefined ? {} : { next }),
    pending: { total: 0, rows: [] },
    rules: { total: 1, failing: 0 },
    ...changes,
  }
}
const describe = (known: Partial<Parameters<typeof describeNow>[0]>) =>
  describeNow({ summary: summaryOf([]), problem: undefined, newestAgeMs: 4000, ...known })
const say = (known: Partial<Parameters<typeof describeNow>[0]>) => {
  const words = describe(known)
  return words && `${words.tone}: ${words.title} ${words.detail}`.trim()
}

it('is one calm line when nothing fires', () => {
  expect(say({})).toBe('calm: Nothing is on fire. 1 rule, newest sample 4 s ago.')
})

it('counts what fires and takes the tone of the worst', () => {
  expect(say({ summary: summaryOf([alert('critical'), alert('medium')]) })).toBe('critical: 2 firing')
})

it('is calm where all that fires is held back', () => {
  const counts = { open: 0, taken: 0, suppressed: 3 }
  expect(say({ summary: summaryOf([], { counts }) })).toMatch(/^calm: Nothing is on fire/)
})

it('shows the worst that nobody has, and is calm when somebody has each', () => {
  const [critical, medium] = [alert('critical', 'Mara'), alert('medium')]
  expect(describe({ summary: summaryOf([critical, medium]) })).toMatchObject({ tone: 'warning', worst: medium })
  const all = describe({ summary: summaryOf([critical, alert('medium', 'Mara')]) })
  expect(all).toMatchObject({ tone: 'calm', glyph: 'acknowledged', worst: critical })
})

it('never calls it calm where it does not know', () => {
  expect(say({ problem: 'Tidewatch does not answer' })).toBe(
    'warning: The state of alerts is not known. Tidewatch does not answer',
  )
  expect(say({ summary: summaryOf([], { rules: { total: 1, failing: 1 } }) })).toBe(
    'warning: 1 of 1 rules cannot be evaluated. See Rules for the reason.',
  )
  expect(say({ newestAgeMs: 300_000 })).toBe(
    'warning: The newest sample is 5 min old. Rules see nothing newer. See Sources.',
  )
  expect(say({ summary: summaryOf([], { rules: { total: 0, failing: 0 } }) })).toBe(
    'calm: No rule is loaded, so nothing can fire. See Rules for how to bring yours.',
  )
  expect(say({ summary: undefined })).toBeUndefined()
})
