import { formatProblem } from '@tidewatch/core/error.ts'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { readYaml } from '../../config/yaml.ts'
import { onCallSection } from './config.ts'
import type { OnCallPlan } from './port.ts'

const read = (text: string) =>
  readYaml({ name: 'tidewatch.yml', path: 'tidewatch.yml', text }, z.strictObject({ oncall: onCallSection.schema }))

function planOf(text: string): OnCallPlan {
  const parsed = read(text)
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'))
  return parsed.value.oncall
}
const problemsOf = (text: string): readonly string[] => {
  const parsed = read(text)
  return parsed.ok ? [] : parsed.problems.map(formatProblem)
}

it('reads people, turns by their names and lengths, times written with and without quotes', () => {
  const { people, schedules, policies } = planOf(`oncall:
  people:
    - { name: ada, contacts: [{ email: ada@example.org }, { phone: '+4915112345678', channel: sms }, { telegram: 12345 }] }
    - { name: ben, contacts: [{ channel: own }] }
  schedules:
    - name: backend
      time_zone: Europe/Berlin
      layers:
        - { people: [ada, ben], rotation: 2w, hand_over: { at: 10:30, day: mon }, starts: 2026-01-07 }
        - { people: [ben], rotation: 12h, starts: 2026-01-07T21:00, only: [{ days: [sat, sun], from: '22:00', to: '06:00' }] }
  policies:
    - { name: main, steps: [{ notify: [{ schedule: backend }, { channel: ops }], wait: 2m }] }
`)
  expect(people[0]?.contacts[1]).toEqual({ address: { kind: 'phone', value: '+4915112345678' }, channel: 'sms' })
  const utc = (text: string): number => Date.parse(`${text}Z`)
  expect(schedules[0]?.layers[0]).toMatchObject({
    ...{ name: 'layer 1', turnMs: 14 * 86_400_000, anchorLocalMs: utc('2026-01-05T10:30') },
    beginsLocalMs: utc('2026-01-07T10:30'),
  })
  expect(schedules[0]?.layers[1]).toMatchObject({
    ...{ turnMs: 12 * 3_600_000, anchorLocalMs: utc('2026-01-07T09:00'), beginsLocalMs: utc('2026-01-07T21:00') },
    windows: [{ weekdays: [6, 0], fromMinute: 1320, toMinute: 360 }],
  })
  expect(policies[0]).toMatchObject({ repeats: 0, steps: [{ waitMs: 120_000 }] })
})

it('names file, line and key of what is wrong, and what would be right', () => {
  expect(
    problemsOf(`oncall:
  people:
    - { name: ada, contacts: [{ email: nowhere }] }
    - { name: ada, contacts: [{ phone: '0151 1234' }] }
  schedules:
    - { name: backend, time_zone: Europe/Berln, layers: [{ people: [ada], rotation: monthly, starts: soon }] }
`),
  ).toMatchInlineSnapshot(`
    [
      "tidewatch.yml:3:40 oncall.people[0].contacts[0].email: "nowhere": not an address such as ada@example.org.",
      "tidewatch.yml:4:40 oncall.people[1].contacts[0].phone: "0151 1234": not a number such as '+4915112345678': + and the country, no spaces, in quotes.",
      "tidewatch.yml:6:35 oncall.schedules[0].time_zone: "Europe/Berln": not a time zone. Write one such as Europe/Berlin or UTC.",
      "tidewatch.yml:6:85 oncall.schedules[0].layers[0].rotation: "monthly": not a rotation. Write daily, weekly, or a length of 1h to 366d such as 12h, 3d or 2w.",
      "tidewatch.yml:6:102 oncall.schedules[0].layers[0].starts: "soon": not a local date. Write '2026-01-05' or '2026-01-05T09:00'.",
    ]
  `)
  expect(
    problemsOf(`oncall:
  people:
    - { name: ada, contacts: [{ email: ada@example.org }] }
    - { name: ada, contacts: [{ email: ada@example.org }] }
  schedules:
    - { name: backend, time_zone: UTC, layers: [{ people: [bne], starts: 2026-01-05 }] }
  policies:
    - { name: main, steps: [{ notify: [{ person: eve }, { schedule: front }] }] }
`),
  ).toMatchInlineSnapshot(`
    [
      "tidewatch.yml:4:15 oncall.people[1].name: "ada": there is another one of the same name.",
      "tidewatch.yml:6:60 oncall.schedules[0].layers[0].people[0]: "bne": there is no such person. Known: ada.",
      "tidewatch.yml:8:50 oncall.policies[0].steps[0].notify[0].person: "eve": there is no such person. Known: ada.",
      "tidewatch.yml:8:69 oncall.policies[0].steps[0].notify[1].schedule: "front": there is no such schedule. Known: backend.",
    ]
  `)
})
