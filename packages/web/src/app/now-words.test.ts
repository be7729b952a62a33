import type { GettableAlert } from '@tidewatch/api/alertmanager.ts'
import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { describeNow } from './now-words.ts'

const groups = (health: 'ok' | 'err'): RuleGroup[] => [
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
        alerts: [],
      },
    ],
  },
]
const alert = (severity: string, state: 'active' | 'suppressed' = 'active'): GettableAlert => ({
  fingerprint: severity,
  labels: { severity },
  annotations: {},
  startsAt: '2026-11-21T03:00:00Z',
  endsAt: '2026-11-21T04:00:00Z',
  updatedAt: '2026-11-21T03:00:00Z',
  receivers: [],
  status: { state, silencedBy: [], inhibitedBy: [], mutedBy: [] },
})
const taken = (...fingerprints: string[]) =>
  new Map(fingerprints.map((fingerprint) => [fingerprint, { fingerprint, by: 'Mara', via: 'page', note: '', atMs: 0 }]))
const describe = (known: Partial<Parameters<typeof describeNow>[0]>) =>
  describeNow({
    ...{ groups: groups('ok'), firing: [], takers: taken() },
    problem: undefined,
    newestAgeMs: 4000,
    ...known,
  })
const say = (known: Partial<Parameters<typeof describeNow>[0]>) => {
  const words = describe(known)
  return words && `${words.tone}: ${words.title} ${words.detail}`.trim()
}

it('is one calm line when nothing fires', () => {
  expect(say({})).toBe('calm: Nothing is on fire. 1 rule, newest sample 4 s ago.')
})

it('counts what fires and takes the tone of the worst', () => {
  expect(say({ firing: [alert('warning'), alert('critical')] })).toBe('critical: 2 firing')
})

it('leaves out what is held back', () => {
  expect(say({ firing: [alert('critical', 'suppressed'), alert('warning')] })).toBe('warning: 1 firing')
  expect(say({ firing: [alert('critical', 'suppressed')] })).toMatch(/^calm: Nothing is on fire/)
})

it('shows the worst that nobody has, and is calm when somebody has each', () => {
  const firing = [alert('warning'), alert('critical')]
  expect(describe({ firing, takers: taken('critical') })).toMatchObject({ tone: 'warning', worst: firing[0] })
  const all = describe({ firing, takers: taken('critical', 'warning') })
  expect(all).toMatchObject({ tone: 'calm', glyph: 'acknowledged', worst: firing[1], taker: { by: 'Mara' } })
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
  expect(say({ firing: undefined })).toBeUndefined()
})
