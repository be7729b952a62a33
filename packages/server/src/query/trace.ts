// What one query did, for the person who asks (`stats`): Prometheus's block, and below `tidewatch` where its samples came from and what took how
// long. Nothing is kept of a query that was not asked about. https://prometheus.io/docs/prometheus/latest/querying/api/#expression-queries
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { EvaluateResult } from '@tidewatch/promql/evaluate/result.ts'
import type { SelectRequest } from '@tidewatch/promql/port.ts'
import { goQuote } from '@tidewatch/promql/quote.ts'

/** What a caller wants to know; `all` is each step and where the samples came from too. */
export type StatsWanted = 'basic' | 'all'

/** Where a query was evaluated: on the thread that answers HTTP, or in one of the query workers. */
export type EvaluatedIn = 'server' | 'worker'

/** One selector's way to its samples. */
interface SelectorTrace {
  readonly selector: string
  /** Seconds since 1970: what was asked for, both ends included. */
  readonly start: number
  readonly end: number
  readonly series: number
  readonly seriesInHead: number
  readonly seriesInStore: number
  samplesFromHead: number
  samplesFromStore: number
  /** Points that buckets of five minutes or an hour were made. */
  samplesFromRollups: number
}

/** The moments between a query's stages. */
type Stage = 'parse' | 'select' | 'store' | 'evaluate' | 'encode'

/** Selectors that are told one by one; more are only added up. */
const maxSelectors = 50

export class QueryTrace {
  readonly #nowMs: () => number
  readonly #queuedMs: number
  readonly #evaluatedIn: EvaluatedIn
  readonly #selectors = new Map<SelectRequest, SelectorTrace>()
  readonly #tookMs: Record<Stage, number> = { parse: 0, select: 0, store: 0, evaluate: 0, encode: 0 }
  #lastMs: number

  /** `queuedMs`: how long it waited for its turn. */
  constructor(nowMs: () => number, options: { readonly queuedMs: number; readonly evaluatedIn: EvaluatedIn }) {
    this.#nowMs = nowMs
    this.#queuedMs = options.queuedMs
    this.#evaluatedIn = options.evaluatedIn
    this.#lastMs = nowMs()
  }

  /** The time since the last stage was this one's. */
  finished(stage: Stage): void {
    const nowMs = this.#nowMs()
    this.#tookMs[stage] += nowMs - this.#lastMs
    this.#lastMs = nowMs
  }

  selected(request: SelectRequest, series: number, parts: { readonly inHead: number; readonly inStore: number }): void {
    this.#selectors.set(request, {
      selector: selectorText(request.matchers),
      start: request.startMs / 1000,
      end: request.endMs / 1000,
      series,
      seriesInHead: parts.inHead,
      seriesInStore: parts.inStore,
      samplesFromHead: 0,
      samplesFromStore: 0,
      samplesFromRollups: 0,
    })
  }

  /** One series was read. */
  read(
    request: SelectRequest,
    {
      fromRollups,
      fromStore,
      fromHead,
    }: { readonly fromRollups: number; readonly fromStore: number; readonly fromHead: number },
  ): void {
    const trace = this.#selectors.get(request)
    if (trace === undefined) return
    trace.samplesFromStore += fromStore
    trace.samplesFromHead += fromHead
    trace.samplesFromRollups += fromRollups
  }

  /** `data.stats` of the answer: once its result is written. */
  stats(
    result: EvaluateResult,
    wanted: StatsWanted,
    times: { readonly startMs: number; readonly stepMs: number },
  ): object {
    this.finished('encode')
    const { parse, select, store, evaluate } = this.#tookMs
    const timings = {
      evalTotalTime: seconds(select + store + evaluate),
      resultSortTime: 0,
      queryPreparationTime: seconds(select + store),
      innerEvalTime: seconds(evaluate),
      execQueueTime: seconds(this.#queuedMs),
      execTotalTime: seconds(this.#queuedMs + parse + select + store + evaluate),
    }
    const samples = {
      totalQueryableSamples: result.counted?.counts.total ?? 0,
      peakSamples: result.counted?.peakSamples ?? 0,
    }
    if (wanted === 'basic') return { timings, samples }
    const perStep = Array.from(result.counted?.counts.perStep ?? [], (count, i) => [
      (times.startMs + i * times.stepMs) / 1000,
      count,
    ])
    return { timings, samples: { totalQueryableSamplesPerStep: perStep, ...samples }, tidewatch: this.#own(result) }
  }

  #own(result: EvaluateResult): object {
    const all = [...this.#selectors.values()]
    const sum = (of: (trace: SelectorTrace) => number): number => all.reduce((total, trace) => total + of(trace), 0)
    return {
      evaluatedIn: this.#evaluatedIn,
      /** Samples read and values kept: what the limit counts. */
      samplesTouched: result.samples,
      series: sum(({ series }) => series),
      samplesFromHead: sum(({ samplesFromHead }) => samplesFromHead),
      samplesFromStore: sum(({ samplesFromStore }) => samplesFromStore),
      samplesFromRollups: sum(({ samplesFromRollups }) => samplesFromRollups),
      /** Seconds. */
      stages: {
        queue: seconds(this.#queuedMs),
        ...Object.fromEntries(Object.entries(this.#tookMs).map(([stage, ms]) => [stage, seconds(ms)])),
      },
      selectors: all.slice(0, maxSelectors),
    }
  }
}

const seconds = (ms: number): number => Math.round(ms * 1e3) / 1e6

function selectorText(matchers: readonly Matcher[]): string {
  const name = matchers.find((one) => one.op === '=' && one.name === '__name__' && /^[a-zA-Z_:][\w:]*$/.test(one.value))
  const rest = matchers
    .filter((one) => one !== name)
    .map(({ name: label, op, value }) => `${label}${op}${goQuote(value)}`)
  return `${name?.value ?? ''}${rest.length === 0 && name !== undefined ? '' : `{${rest.join(', ')}}`}`
}
