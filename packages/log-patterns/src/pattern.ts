// A template of similar lines, and how often they came.

/** Severities by OpenTelemetry's six ranges, before them those that say none. */
export const severityClasses = ['unknown', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type SeverityClass = (typeof severityClasses)[number]

/** Index in `severityClasses` of a severity number (0 to 24). */
export const severityClassOf = (severity: number): number =>
  severity >= 1 && severity <= 24 ? ((severity - 1) >> 2) + 1 : 0

/** The lines of one minute, by severity class. */
export interface MinuteCount {
  /** ms since 1970, a whole minute. */
  readonly minuteMs: number
  readonly bySeverity: readonly number[]
}

/** A template with its counts, as plain data. */
export interface Pattern {
  /** Words as they came; undefined where lines differ. */
  readonly words: readonly (string | undefined)[]
  /** What stands before each word and behind the last: one more than there are words. */
  readonly gaps: readonly string[]
  readonly count: number
  readonly bySeverity: readonly number[]
  readonly firstMs: number
  readonly lastMs: number
  /** In order of time; not more than the miner keeps. */
  readonly minutes: readonly MinuteCount[]
}

/** What a miner has seen. Summaries of several miners or times are put together by `mergeSummaries`. */
export interface PatternSummary {
  /** Most frequent first. */
  readonly patterns: readonly Pattern[]
  /** Lines whose templates had to make room for others. */
  readonly otherCount: number
}

/** The template as text. Loki prints `<_>` for what changes, others `<*>`. */
export function printPattern({ words, gaps }: Pick<Pattern, 'words' | 'gaps'>, wildcard: string): string {
  let text = gaps[0] ?? ''
  words.forEach((word, i) => {
    text += (word ?? wildcard) + (gaps[i + 1] ?? '')
  })
  return text
}

/** Patterns that were first seen at this moment or later, e.g. since a deploy. */
export const newSince = (summary: PatternSummary, sinceMs: number): readonly Pattern[] =>
  summary.patterns.filter(({ firstMs }) => firstMs >= sinceMs)
