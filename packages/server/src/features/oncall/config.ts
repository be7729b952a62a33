// `oncall` of tidewatch.yml: people, schedules, policies.
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { defineConfigSection } from '../../config/port.ts'
import { durationWithin, shortName, timeOfDay, timeZone, weekday } from '../../config/week-times/port.ts'
import type { Address, Contact, Layer, OnCallPlan, Policy, Schedule, Target, Window } from './port.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** A local day, perhaps with a time, as ms as if it were UTC. */
const localTime = z.union([z.string(), z.date()]).transform((written, context) => {
  const text = written instanceof Date ? written.toISOString().slice(0, 16).replace('T00:00', '') : written
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?$/.exec(text)
  const ms = Date.parse(`${match?.[1]}T${match?.[2] ?? '00:00'}Z`)
  if (match !== null && Number.isFinite(ms)) return { ms, hasTime: match[2] !== undefined }
  context.addIssue({ code: 'custom', message: "not a local date. Write '2026-01-05' or '2026-01-05T09:00'." })
  return z.NEVER
})

const rotation = z
  .string()
  .transform((written, context): { readonly kind: 'daily' | 'weekly' | 'custom'; readonly ms: number } => {
    if (written === 'daily') return { kind: 'daily', ms: dayMs }
    if (written === 'weekly') return { kind: 'weekly', ms: 7 * dayMs }
    const ms = parseDurationMs(written)
    if (ms !== undefined && ms >= hourMs && ms <= 366 * dayMs)
      return { kind: ms % (7 * dayMs) === 0 ? 'weekly' : 'custom', ms }
    context.addIssue({
      code: 'custom',
      message: 'not a rotation. Write daily, weekly, or a length of 1h to 366d such as 12h, 3d or 2w.',
    })
    return z.NEVER
  })

const addressKinds = ['email', 'phone', 'telegram', 'slack'] as const
const addressForms = {
  email: z
    .string()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, 'not an address such as ada@example.org.'),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, "not a number such as '+4915112345678': + and the country, no spaces, in quotes."),
  telegram: z
    .union([z.string(), z.int()])
    .transform(String)
    .pipe(z.string().regex(/^-?\d{1,20}$/, 'not the number of a chat: the bot @userinfobot tells one.')),
  slack: z
    .string()
    .regex(
      /^[UWCD][A-Z0-9]{4,20}$/,
      'not the id of a member such as U012AB3CD: it stands in the profile under "More".',
    ),
}

const contact = z
  .strictObject({
    email: addressForms.email.optional(),
    phone: addressForms.phone.optional(),
    telegram: addressForms.telegram.optional(),
    slack: addressForms.slack.optional(),
    channel: z.string().min(1).optional(),
  })
  .transform((written, context): Contact => {
    const kinds = addressKinds.filter((kind) => written[kind] !== undefined)
    const [kind] = kinds
    if (kinds.length > 1 || (kind === undefined && written.channel === undefined)) {
      context.addIssue({
        code: 'custom',
        message: `a contact is one of ${addressKinds.join(', ')}, or the name of a channel.`,
      })
      return z.NEVER
    }
    return {
      address: kind === undefined ? undefined : { kind, value: String(written[kind]) },
      channel: written.channel,
    }
  })

const window = z
  .strictObject({
    days: z.array(weekday).min(1).max(7).default([0, 1, 2, 3, 4, 5, 6]),
    from: timeOfDay.default(0),
    to: timeOfDay.default(1440),
  })
  .transform(({ days, from, to }): Window => ({ weekdays: days, fromMinute: from, toMinute: to }))

const layer = z
  .strictObject({
    name: shortName.optional(),
    people: z.array(z.string()).min(1, 'a layer needs somebody.').max(100),
    rotation: rotation.default({ kind: 'weekly', ms: 7 * dayMs }),
    hand_over: z.strictObject({ at: timeOfDay.default(540), day: weekday.optional() }).default({ at: 540 }),
    starts: localTime,
    ends: localTime.optional(),
    only: z.array(window).max(50).default([]),
  })
  .transform((written, context): Layer => {
    const { rotation: turn, hand_over: handOver, starts, ends, only: windows } = written
    if (handOver.day !== undefined && turn.kind !== 'weekly')
      context.addIssue({
        code: 'custom',
        path: ['hand_over', 'day'],
        message: 'only turns of whole weeks are handed over on a day of the week.',
      })
    const startDayMs = Math.floor(starts.ms / dayMs) * dayMs
    const beginsLocalMs = starts.hasTime ? starts.ms : startDayMs + handOver.at * minuteMs
    const back = handOver.day === undefined ? 0 : (new Date(startDayMs).getUTCDay() - handOver.day + 7) % 7
    let anchorLocalMs = startDayMs - back * dayMs + handOver.at * minuteMs
    // the begin lies before that day's hand-over: the turn had begun a week, or a turn, before
    while (anchorLocalMs > beginsLocalMs) anchorLocalMs -= handOver.day === undefined ? turn.ms : 7 * dayMs
    return {
      name: written.name ?? '',
      people: written.people,
      ...{ anchorLocalMs, turnMs: turn.ms, beginsLocalMs, endsLocalMs: ends?.ms, windows },
    }
  })

const schedule = z
  .strictObject({ name: shortName, time_zone: timeZone, layers: z.array(layer).min(1).max(20) })
  .transform(
    ({ name: own, time_zone: zone, layers }): Schedule => ({
      name: own,
      timeZone: zone,
      layers: layers.map((one, i) => (one.name === '' ? { ...one, name: `layer ${i + 1}` } : one)),
    }),
  )

const target = z
  .strictObject({ person: z.string().optional(), schedule: z.string().optional(), channel: z.string().optional() })
  .transform((written, context): Target => {
    const named = (['person', 'schedule', 'channel'] as const).flatMap((kind) => {
      const one = written[kind]
      return one === undefined ? [] : [{ kind, name: one }]
    })
    const [first] = named
    if (first !== undefined && named.length === 1) return first
    context.addIssue({ code: 'custom', message: 'name one of person, schedule, channel.' })
    return z.NEVER
  })

const policy = z
  .strictObject({
    name: shortName,
    repeat: z.int().min(0).max(100).default(0),
    steps: z
      .array(
        z.strictObject({
          notify: z.array(target).min(1).max(50),
          wait: durationWithin(1000, 24 * hourMs).default(300_000),
        }),
      )
      .min(1)
      .max(50),
  })
  .transform(
    ({ name: own, repeat, steps }): Policy => ({
      name: own,
      repeats: repeat,
      steps: steps.map(({ notify: targets, wait: waitMs }) => ({ targets, waitMs })),
    }),
  )

const person = z
  .strictObject({
    name: shortName,
    time_zone: timeZone.optional(),
    contacts: z.array(contact).min(1, 'nobody can be called without a contact.').max(20),
  })
  .transform(({ name: own, time_zone: zone, contacts }) => ({ name: own, timeZone: zone, contacts }))

type Issues = z.core.$RefinementCtx

function checkNames(plan: OnCallPlan, context: Issues): void {
  const report = (path: PropertyKey[], message: string): void =>
    context.addIssue({ code: 'custom', path, message, input: undefined })
  for (const kind of ['people', 'schedules', 'policies'] as const) {
    const seen = new Set<string>()
    for (const [i, { name: own }] of plan[kind].entries()) {
      if (seen.has(own)) report([kind, i, 'name'], 'there is another one of the same name.')
      seen.add(own)
    }
  }
  const people = new Set(plan.people.map((one) => one.name))
  const schedules = new Set(plan.schedules.map((one) => one.name))
  const unknown = (what: string, known: ReadonlySet<string>): string =>
    `there is no such ${what}. Known: ${[...known].join(', ') || 'none'}.`
  for (const [i, one] of plan.schedules.entries())
    for (const [j, { people: names }] of one.layers.entries())
      for (const [k, own] of names.entries())
        if (!people.has(own)) report(['schedules', i, 'layers', j, 'people', k], unknown('person', people))
  for (const [i, { steps }] of plan.policies.entries())
    for (const [j, { targets }] of steps.entries())
      for (const [k, { kind, name: own }] of targets.entries()) {
        const path = ['policies', i, 'steps', j, 'notify', k, kind]
        if (kind === 'person' && !people.has(own)) report(path, unknown('person', people))
        if (kind === 'schedule' && !schedules.has(own)) report(path, unknown('schedule', schedules))
      }
}

export const onCallSection = defineConfigSection<OnCallPlan>({
  key: 'oncall',
  schema: z
    .strictObject({
      people: z.array(person).max(1000).default([]),
      schedules: z.array(schedule).max(200).default([]),
      policies: z.array(policy).max(200).default([]),
    })
    .default({ people: [], schedules: [], policies: [] })
    .superRefine(checkNames),
})

/** What only the channels know: names that do not exist, and addresses that nothing reaches. */
export function contactFaults(
  plan: OnCallPlan,
  channels: {
    readonly names: ReadonlySet<string>
    reaches(kind: Address['kind'], channel: string | undefined): boolean
  },
): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] {
  const { names } = channels
  const noChannel = `there is no such channel. Known: ${[...names].join(', ') || 'none'}.`
  const ofPeople = plan.people.flatMap(({ contacts }, i) =>
    contacts.flatMap(({ address, channel }, j) => {
      const path = ['oncall', 'people', i, 'contacts', j]
      if (channel !== undefined && !names.has(channel)) return [{ path: [...path, 'channel'], message: noChannel }]
      if (address === undefined || channels.reaches(address.kind, channel)) return []
      const message =
        channel === undefined
          ? `no channel reaches a single ${address.kind} address: add one under channels.`
          : `the channel ${channel} does not reach a single ${address.kind} address.`
      return [{ path: [...path, address.kind], message }]
    }),
  )
  const ofSteps = plan.policies.flatMap(({ steps }, i) =>
    steps.flatMap(({ targets }, j) =>
      targets.flatMap(({ kind, name: own }, k) =>
        kind === 'channel' && !names.has(own)
          ? [{ path: ['oncall', 'policies', i, 'steps', j, 'notify', k, 'channel'], message: noChannel }]
          : [],
      ),
    ),
  )
  return [...ofPeople, ...ofSteps]
}
