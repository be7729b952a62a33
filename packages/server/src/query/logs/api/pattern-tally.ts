// What is known of one pattern of a span: how many lines when, of which level, how many from before a deploy, and whether that is unusual.
import type { Deploy } from '@tidewatch/api/deploys.ts'
import type { LogLine, LogPatterns } from '@tidewatch/api/logs.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { type Anomaly, volumeAnomaly } from '@tidewatch/log-patterns/anomaly.ts'

/** Parts of the span in which lines are counted apart. */
const parts = 50
/** Parts without a count to compare with. */
const leastParts = 15
const maxExample = 2000

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export class PatternTally {
  count = 0
  firstMs = Number.POSITIVE_INFINITY
  lastMs = Number.NEGATIVE_INFINITY
  /** Of lines before their deploy, of those since. */
  before = 0
  since = 0
  /** The first deploy since which there are lines of it. */
  deploy: Deploy | undefined
  readonly severities: Record<string, number> = {}
  readonly counts: number[] = new Array<number>(parts).fill(0)
  readonly example: string
  readonly #span: Span

  constructor(example: string, span: Span) {
    this.example = example.slice(0, maxExample)
    this.#span = span
  }

  add({ severity }: LogLine, ms: number, deploy: Deploy | undefined): void {
    const { fromMs, toMs } = this.#span
    this.count++
    this.firstMs = Math.min(this.firstMs, ms)
    this.lastMs = Math.max(this.lastMs, ms)
    const word = severityWord(severity) ?? 'unknown'
    this.severities[word] = (this.severities[word] ?? 0) + 1
    const part = Math.min(parts - 1, Math.max(0, Math.floor(((ms - fromMs) / (toMs - fromMs)) * parts)))
    this.counts[part] = (this.counts[part] ?? 0) + 1
    if (deploy !== undefined && ms < deploy.atMs) this.before++
    else {
      this.since++
      if (deploy !== undefined && deploy.atMs < (this.deploy?.atMs ?? Number.POSITIVE_INFINITY)) this.deploy = deploy
    }
  }

  /** The part of the span that is furthest off those before it. Parts before `wholeFromMs` were not looked at, and those after `nowMs` are not over. */
  unusual({ wholeFromMs, nowMs }: { readonly wholeFromMs: number; readonly nowMs: number }): Unusual | undefined {
    const { fromMs, toMs } = this.#span
    const widthMs = (toMs - fromMs) / parts
    const first = Math.max(0, Math.ceil((wholeFromMs - fromMs) / widthMs))
    const end = Math.min(parts, Math.floor((nowMs - fromMs) / widthMs))
    let worst: (Anomaly & { readonly part: number }) | undefined
    for (let part = first + leastParts; part < end; part++) {
      const found = volumeAnomaly(this.counts.slice(first, part), this.counts[part] ?? 0)
      if (found !== undefined && Math.abs(found.score) > Math.abs(worst?.score ?? 0)) worst = { ...found, part }
    }
    if (worst === undefined) return undefined
    const { kind, expected, observed, part } = worst
    const startMs = Math.round(fromMs + part * widthMs)
    return { kind, startMs, endMs: Math.round(startMs + widthMs), expected, observed }
  }
}

type Unusual = NonNullable<LogPatterns['patterns'][number]['unusual']>
