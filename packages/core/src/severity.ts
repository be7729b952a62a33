// One scale of severities for all that teams call them.

/** From the one that wakes people to the one that is only recorded. */
export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

/** What else teams write, by our word. Prometheus's habit is critical, warning, info; loggers say error; PagerDuty all four of its own. */
const aliases: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  crit: 'critical',
  fatal: 'critical',
  emergency: 'critical',
  emerg: 'critical',
  page: 'critical',
  disaster: 'critical',
  p1: 'critical',
  high: 'high',
  error: 'high',
  err: 'high',
  major: 'high',
  p2: 'high',
  medium: 'medium',
  warning: 'medium',
  warn: 'medium',
  minor: 'medium',
  average: 'medium',
  p3: 'medium',
  low: 'low',
  info: 'low',
  informational: 'low',
  notice: 'low',
  debug: 'low',
  none: 'low',
  p4: 'low',
  p5: 'low',
}

/** What stands for an alert that says nothing of its severity: seen in working hours, waking nobody. */
export const unstatedSeverity: Severity = 'medium'

/** The place of a written severity on the one scale; undefined where the word is not known. */
export function severityOf(written: string): Severity | undefined {
  const word = written.trim().toLowerCase()
  return Object.hasOwn(aliases, word) ? aliases[word] : undefined
}

/** All words that lead to it. */
export const wordsOf = (severity: Severity): string[] =>
  Object.keys(aliases).filter((word) => aliases[word] === severity)

/** The worst of several, as on the one scale; undefined for none. */
export function worstSeverity(among: Iterable<Severity>): Severity | undefined {
  let worst: Severity | undefined
  for (const one of among) if (worst === undefined || severities.indexOf(one) < severities.indexOf(worst)) worst = one
  return worst
}
