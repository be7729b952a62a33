// What a real Alertmanager 0.33.1 answers. Wordings are ours; verdicts, results and keys are its own.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { fingerprintOf } from './fingerprint.ts'
import { Inhibitor } from './inhibitor.ts'
import { isLabelName } from './label-name.ts'
import { createMatcher, formatMatcher, fromApiMatcher, toApiMatcher } from './matcher.ts'
import { parseMatcher, parseMatchers } from './parse-matchers.ts'
import type { ApiMatcher, MatcherMode } from './port.ts'
import { formatLabelSet, groupKeyOf, groupLabelsOf, matchRoutes } from './routes.ts'
import { silenceMatches, validateMatcher, validateSilence } from './silences.ts'
import { templateDataOf, webhookDataOf } from './template-data.ts'
import {
  aroundIntervals,
  aroundRoute,
  aroundRules,
  configOf,
  directory,
  hasCases,
  readTable,
  readText,
} from './testing/conformance.ts'
import { TimeIntervals } from './time-intervals.ts'

type Texts = Readonly<Record<string, string>>

/** The rows under one name, each with its number; a table that is empty is a fault. */
function rows<T>(file: string, name: string, least: number): (readonly [string, T])[] {
  if (!hasCases) return []
  const table = readTable<Readonly<Record<string, readonly T[]>>>(file)[name] ?? []
  expect(table.length).toBeGreaterThanOrEqual(least)
  return table.map((row, i) => [`${name} ${i + 1}: ${JSON.stringify(row).slice(0, 90)}`, row])
}

/** What it gives, or that it is refused. */
function outcome<T>(work: () => T): T | 'refused' {
  try {
    return work()
  } catch (error) {
    if (error instanceof AppError) return 'refused'
    throw error
  }
}

test('the conformance cases are there', ({ skip }) => {
  skip(!hasCases && process.env.CI !== 'true', `no conformance cases in ${directory}; set CONFORMANCE_DIR`)
  expect(hasCases).toBe(true)
})

describe.runIf(hasCases)('matchers', () => {
  interface Parsed {
    readonly matchers?: readonly { readonly name: string; readonly type: string; readonly value: string }[]
    readonly error?: string
  }
  type ParseRow = Readonly<Record<MatcherMode, Parsed>> & { readonly input: string; readonly plural: boolean }

  test.each(rows<ParseRow>('matchers.json', 'parse', 242))('%s', (_name, row) => {
    for (const mode of ['classic', 'utf8', 'fallback'] as const) {
      const read = () => (row.plural ? parseMatchers(row.input, mode) : [parseMatcher(row.input, mode)])
      const found = outcome(() => read().map(({ name, op, value }) => ({ name, type: op, value })))
      expect([mode, found]).toEqual([mode, row[mode].matchers ?? 'refused'])
    }
  })

  interface Simple {
    readonly name: string
    readonly type: MatchOp
    readonly value: string
  }
  test.each(rows<Simple & { readonly match: boolean; readonly pattern: string }>('matchers.json', 'match', 17))(
    '%s',
    (_name, { type, pattern, value, match }) => {
      expect(createMatcher('a', type, pattern).matches(value)).toBe(match)
    },
  )

  test.each(rows<Simple & { readonly string: string }>('matchers.json', 'string', 12))('%s', (_name, row) => {
    expect(formatMatcher(createMatcher(row.name, row.type, row.value))).toBe(row.string)
  })

  test.each(rows<Simple & { readonly json: string; readonly dir: string }>('matchers.json', 'json', 9))(
    '%s',
    (_name, row) => {
      const matcher = createMatcher(row.name, row.type, row.value)
      if (row.dir === 'marshal') expect(JSON.stringify(toApiMatcher(matcher))).toBe(row.json)
      const read = fromApiMatcher(JSON.parse(row.json) as ApiMatcher)
      expect([read.name, read.op, read.value]).toEqual([row.name, row.type, row.value])
    },
  )

  interface NameRow {
    readonly input: string
    readonly mode: MatcherMode
    readonly valid: boolean
  }
  test.each(rows<NameRow>('matchers.json', 'labelNames', 10))('%s', (_name, { input, mode, valid }) => {
    expect(isLabelName(input, mode)).toBe(valid)
  })
})

describe.runIf(hasCases)('routes', () => {
  interface Result {
    readonly receiver: string
    readonly groupBy: readonly string[]
    readonly groupByAll: boolean
    readonly groupWait: string
    readonly groupInterval: string
    readonly repeatInterval: string
    readonly muteTimeIntervals?: readonly string[]
    readonly activeTimeIntervals?: readonly string[]
    readonly key: string
    readonly id: string
    readonly groupLabels: Texts
    readonly groupKey: string
  }
  interface Tree {
    readonly route?: string
    readonly config?: string
    readonly cases: readonly { readonly labels: Texts; readonly receivers?: string[]; readonly result: Result[] }[]
  }

  test.each(rows<Tree>('routes.json', 'trees', 6))('%s', (_name, tree) => {
    const { route } = configOf(tree.config === undefined ? aroundRoute(tree.route ?? '') : readText(tree.config))
    expect(tree.cases.length).toBeGreaterThan(5)
    for (const { labels: texts, receivers, result } of tree.cases) {
      // with the empty values that some have
      const labels = Labels.fromSorted(Object.entries(texts).sort().flat())
      const found = matchRoutes(route, labels)
      if (receivers !== undefined) expect(found.map(({ receiver }) => receiver)).toEqual(receivers)
      const shown = found.map((one) => {
        const groupLabels = groupLabelsOf(one, labels)
        return {
          receiver: one.receiver,
          groupBy: one.groupBy,
          groupByAll: one.groupByAll,
          groupWait: one.groupWaitMs,
          groupInterval: one.groupIntervalMs,
          repeatInterval: one.repeatIntervalMs,
          muteTimeIntervals: one.muteTimeIntervals,
          activeTimeIntervals: one.activeTimeIntervals,
          key: one.key,
          id: one.id,
          groupLabels: { ...groupLabels.toObject() },
          groupKey: groupKeyOf(one, groupLabels),
        }
      })
      expect(shown).toEqual(
        result.map((one) => ({
          ...one,
          groupWait: parseDurationMs(one.groupWait),
          groupInterval: parseDurationMs(one.groupInterval),
          repeatInterval: parseDurationMs(one.repeatInterval),
          muteTimeIntervals: one.muteTimeIntervals ?? [],
          activeTimeIntervals: one.activeTimeIntervals ?? [],
        })),
      )
    }
  })
})

describe.runIf(hasCases)('inhibition', () => {
  interface Row {
    readonly rules: string
    readonly alerts: readonly { readonly labels: Texts; readonly state: 'firing' | 'resolved' }[]
    readonly targets: readonly { readonly labels: Texts; readonly muted: boolean }[]
  }
  const nowMs = 1_700_000_000_000

  test.each(rows<Row>('inhibition.json', 'cases', 30))('%s', (_name, { rules, alerts, targets }) => {
    const inhibitor = new Inhibitor(configOf(aroundRules(rules)).inhibitRules)
    for (const alert of alerts) {
      const labels = Labels.from(alert.labels)
      const endsAtMs = alert.state === 'firing' ? nowMs + 1 : nowMs
      inhibitor.update({ fingerprint: fingerprintOf(labels), labels, endsAtMs })
    }
    const muted = targets.map(({ labels }) => inhibitor.isInhibited(Labels.from(labels), nowMs) !== undefined)
    expect(muted).toEqual(targets.map((target) => target.muted))
  })
})

describe.runIf(hasCases)('silences', () => {
  interface MatchRow {
    readonly matcherSets: readonly (readonly ApiMatcher[])[]
    readonly labels: Texts
    readonly matches: boolean
  }
  test.each(rows<MatchRow>('silences.json', 'match', 112))('%s', (_name, row) => {
    const sets = row.matcherSets.map((set) => set.map(fromApiMatcher))
    expect(silenceMatches(sets, Labels.from(row.labels))).toBe(row.matches)
  })

  interface MatcherRow {
    readonly mode: MatcherMode
    readonly name: string
    readonly value: string | { readonly $bytes: string }
    readonly type: string
    readonly error: string | null
  }
  test.each(rows<MatcherRow>('silences.json', 'validateMatcher', 22))('%s', (_name, row) => {
    // half of a pair stands for bytes that are no text: JSON has no other way to bring them
    const value = typeof row.value === 'string' ? row.value : '\ud800'
    const [isRegex, isEqual] = [row.type.endsWith('REGEXP'), !row.type.startsWith('NOT_')]
    const isKnown = /^(?:NOT_)?(?:EQUAL|REGEXP)$/.test(row.type)
    const found = outcome(() =>
      isKnown
        ? validateMatcher({ name: row.name, value, isRegex, isEqual }, row.mode)
        : createMatcher(row.name, row.type as MatchOp, value),
    )
    expect(found === 'refused').toBe(row.error !== null)
  })

  interface SilenceRow {
    readonly silence: {
      readonly startsAt?: string
      readonly endsAt?: string
      readonly matcherSets: readonly (readonly ApiMatcher[])[]
    }
    readonly error: string | null
  }
  test.each(rows<SilenceRow>('silences.json', 'validateSilence', 7))('%s', (_name, { silence, error }) => {
    const draft = {
      matcherSets: silence.matcherSets,
      startsAtMs: Date.parse(silence.startsAt ?? ''),
      endsAtMs: Date.parse(silence.endsAt ?? ''),
    }
    expect(outcome(() => validateSilence(draft, 'classic')) === 'refused').toBe(error !== null)
  })
})

describe.runIf(hasCases)('time intervals', () => {
  interface ContainsRow {
    readonly definition: string
    readonly times?: readonly { readonly time: string; readonly contains: boolean }[]
    readonly error?: string
  }
  test.each(rows<ContainsRow>('timeintervals.json', 'contains', 78))('%s', (_name, row) => {
    if (row.error !== undefined) {
      expect(() => configOf(aroundIntervals(row.definition))).toThrow()
      return
    }
    const intervals = new TimeIntervals(configOf(aroundIntervals(row.definition)).timeIntervals)
    const times = row.times ?? []
    expect(times.map(({ time }) => intervals.mutes(['t'], Date.parse(time)).length > 0)).toEqual(
      times.map(({ contains }) => contains),
    )
  })

  interface RangeRow {
    readonly yaml: string
    readonly start: number
    readonly end: number
    readonly error: boolean
  }
  test.each(rows<RangeRow>('timeintervals.json', 'timeRanges', 8))('%s', (_name, row) => {
    const read = () => configOf(aroundIntervals(`- times: [${row.yaml}]`)).timeIntervals.get('t')?.[0]?.times
    if (row.error) expect(read).toThrow()
    else expect(read()).toEqual([{ startMinute: row.start, endMinute: row.end }])
  })

  interface MutesRow {
    readonly intervals: string
    readonly now: string
    readonly mutedBy: readonly string[]
  }
  test.each(rows<MutesRow>('timeintervals.json', 'mutes', 6))('%s', (_name, row) => {
    const named = Object.entries(parse(row.intervals) as Readonly<Record<string, unknown>>)
    const entries = named.map(([name, list]) => ({ name, time_intervals: list }))
    const text = stringify({ route: { receiver: 'r' }, receivers: [{ name: 'r' }], time_intervals: entries })
    const intervals = configOf(text).timeIntervals
    expect(new TimeIntervals(intervals).mutes([...intervals.keys()], Date.parse(row.now)).sort()).toEqual(row.mutedBy)
  })
})

describe.runIf(hasCases)('template data', () => {
  interface DataRow {
    readonly alerts: readonly {
      readonly labels: Texts
      readonly annotations: Texts
      readonly startsAt: string
      readonly endsAt: string
      readonly generatorURL: string
    }[]
    readonly receiver: string
    readonly reason: string
    readonly groupLabels: Texts | null
    readonly externalURL: string
    readonly data: unknown
  }
  const unknownTime = '0001-01-01T00:00:00Z'

  test.each(rows<DataRow>('templatedata.json', 'cases', 11))('%s', (_name, row) => {
    const alerts = row.alerts.map((alert) => ({
      labels: Labels.from(alert.labels),
      annotations: alert.annotations,
      startsAtMs: Date.parse(alert.startsAt),
      endsAtMs: alert.endsAt === unknownTime ? undefined : Date.parse(alert.endsAt),
      generatorUrl: alert.generatorURL,
    }))
    const data = templateDataOf(alerts, {
      receiver: row.receiver,
      groupLabels: Labels.from(row.groupLabels ?? {}),
      externalUrl: row.externalURL,
      notificationReason: row.reason,
      nowMs: Date.parse('2026-01-01T00:00:00Z'),
    })
    expect(JSON.parse(JSON.stringify(webhookDataOf(data)))).toEqual(row.data)
  })

  interface PrintRow {
    readonly labels: Texts
    readonly fingerprint: string
    readonly string: string
  }
  test.each(rows<PrintRow>('templatedata.json', 'fingerprints', 10))('%s', (_name, row) => {
    // with the empty value that one of them has
    const labels = Labels.fromSorted(Object.entries(row.labels).sort().flat())
    expect(fingerprintOf(labels)).toBe(row.fingerprint)
    expect(formatLabelSet(labels)).toBe(row.string)
  })
})
