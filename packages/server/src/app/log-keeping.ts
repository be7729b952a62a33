// How long a line is kept: by the first class of `retention.logs` that it is in, else as long as logs are.
import { severityWord } from '@tidewatch/core/log-severity.ts'
import type { LogKeeping } from '../ingest/port.ts'
import type { LogRetention } from '../query/logs/api/storage.ts'
import type { LogClass } from '../store/config.ts'
import { endlessKeepDays, longestKeepDays } from '../store/logs/keep-code.ts'
import type { RetentionLimits } from '../store/port.ts'
import type { Keeping } from './keeping.ts'

const dayMs = 86_400_000
/** What the table of logs has for "as long as logs are kept". */
const asLogs = 0
/** Answers that are remembered; services are few. */
const maxKnown = 10_000

/** The keeping of a configuration; `limits` are those of logs as a whole. */
export function logKeeping(classes: readonly LogClass[], limits: () => RetentionLimits): LogKeeping {
  const classAt = classFinder(classes)
  const days = classes.map(({ age }) =>
    age === 'off' ? endlessKeepDays : Math.min(longestKeepDays, Math.ceil(age / dayMs)),
  )
  const known = new Map<string, number>()
  return {
    get maxAgeMs() {
      const ages = [limits().ageMs, ...classes.map(({ age }) => (age === 'off' ? undefined : age))]
      return ages.includes(undefined) ? undefined : Math.max(...ages.map(Number))
    },
    usesService: classes.some(({ services }) => services.length > 0),
    daysOf(service, severity) {
      if (days.length === 0) return asLogs
      const key = `${severity} ${service}`
      const found = known.get(key)
      if (found !== undefined) return found
      if (known.size === maxKnown) known.clear()
      const kept = days[classAt(service, severity)] ?? asLogs
      known.set(key, kept)
      return kept
    },
  }
}

/** Finds the first class that a line is in; what it returns tells -1 where there is none. */
export function classFinder(classes: readonly LogClass[]): (service: string, severity: number) => number {
  const tests = classes.map(({ services, levels }) => ({
    isService: services.length === 0 ? undefined : serviceTest(services),
    levels: levels.length === 0 ? undefined : new Set<string>(levels),
  }))
  return (service, severity) => {
    const word = severityWord(severity) ?? 'unknown'
    return tests.findIndex(({ isService, levels }) => isService?.(service) !== false && levels?.has(word) !== false)
  }
}

/** `*` stands for any letters. */
function serviceTest(services: readonly string[]): (service: string) => boolean {
  const escaped = services.map((name) => name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'))
  const pattern = new RegExp(`^(?:${escaped.join('|')})$`, 's')
  return (service) => pattern.test(service)
}

/** What is in force, for people. */
export function logRetention({ limits, logClasses }: Pick<Keeping, 'limits' | 'logClasses'>): LogRetention {
  const { ageMs, sizeBytes } = limits('logs')
  return { ...keptDays(ageMs, logClasses()), limitBytes: sizeBytes }
}

/** Of each class, and of lines that are in none. */
export function keptDays(
  ageMs: number | undefined,
  classes: readonly LogClass[],
): Pick<LogRetention, 'rules' | 'usualDays'> {
  const rules = classes.map(({ services, levels, age }) => ({
    ...{ services: [...services], levels: [...levels] },
    days: wholeDays(age === 'off' ? undefined : age),
  }))
  return { rules, usualDays: wholeDays(ageMs) }
}

/** Days go as a whole; 0 is without an end. */
const wholeDays = (ageMs: number | undefined): number => Math.ceil((ageMs ?? 0) / dayMs)
