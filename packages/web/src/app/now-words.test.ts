import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { describeNow } from './now-words.ts'

const groups = (health: 'ok' | 'err', alerts: { severity: string }[] = []): RuleGroup[] => [
  {
    name: 'g',
    file: 'f',
    interval: 15,
    rules: [
      {
        type: 'alerting',
        name: 'A',
        query: 'x',
        health,
        state: 'firing',
        duration: 0,
        annotations: {},
        alerts: alerts.map((labels) => ({
          labels,
          annotations: {},
          state: 'firing',
          activeAt: '2026-11-21T03:00:00Z',
          value: '1',
        })),
      },
    ],
  },
]
const say = (known: Partial<Parameters<typeof describeNow>[0]>) => {
  const words = describeNow({ groups: groups('ok'), problem: undefined, newestAgeMs: 4000, ...known })
  return words && `${words.tone}: ${words.title} ${words.detail}`.trim()
}

it('is one calm line when nothing fires', () => {
  expect(say({})).toBe('calm: Nothing is on fire. 1 rule, newest sample 4 s ago.')
})

it('counts what fires and takes the tone of the worst', () => {
  expect(say({ groups: groups('ok', [{ severity: 'warning' }, { severity: 'critical' }]) })).toBe('critical: 2 firing')
})

it('never calls it calm where it does not know', () => {
  expect(say({ problem: 'Tidewatch does not answer' })).toBe(
    'warning: The state of alerts is not known. Tidewatch does not answer',
  )
  expect(say({ groups: groups('err') })).toBe('warning: 1 of 1 rules cannot be evaluated. See Rules for the reason.')
  expect(say({ newestAgeMs: 300_000 })).toBe(
    'warning: The newest sample is 5 min old. Rules see nothing newer. See Sources.',
  )
  expect(say({ groups: [] })).toBe('calm: No rule is loaded, so nothing can fire. See Rules for how to bring yours.')
  expect(say({ groups: undefined })).toBeUndefined()
})
