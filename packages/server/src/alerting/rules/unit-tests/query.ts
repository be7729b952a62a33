// Asks PromQL of the samples of one unit test.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import { compact } from '@tidewatch/promql/native/arithmetic.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { VectorSample } from '../../../query/port.ts'
import type { SampleMemory } from './sample-memory.ts'

/** Undefined histogram: `value` is the value. */
export interface FoundSample extends VectorSample {
  readonly histogram: FloatHistogram | undefined
}

export interface MemoryQueriesOptions {
  /** Step of subqueries without one. */
  readonly evaluationIntervalMs: number
  readonly judge: (expr: Expr, text: string) => void
  readonly signal: AbortSignal
}

const lookbackMs = 5 * 60_000

export class MemoryQueries {
  readonly #memory: SampleMemory
  readonly #options: MemoryQueriesOptions
  /** One for each expression of the rules and tests, so their number bounds the map. */
  readonly #parsed = new Map<string, Expr>()

  constructor(memory: SampleMemory, options: MemoryQueriesOptions) {
    this.#memory = memory
    this.#options = options
  }

  /** The vector at one moment; a scalar as one sample without labels. Throws `query.parse` and `query.execution` in Prometheus's words. */
  async vector({ query, atMs }: { readonly query: string; readonly atMs: number }): Promise<FoundSample[]> {
    const { evaluationIntervalMs, signal } = this.#options
    const result = await evaluate(this.#parse(query), this.#memory, {
      startMs: atMs,
      endMs: atMs,
      stepMs: 0,
      kind: 'instant',
      lookbackMs,
      signal,
      query,
      defaultStepMs: evaluationIntervalMs,
    })
    if (result.type === 'scalar') return [{ labels: Labels.empty, atMs, value: result.value, histogram: undefined }]
    if (result.type !== 'vector') throw new AppError('query.execution', 'rule result is not a vector or scalar')
    return result.series.map(({ labels, values, present, histograms }) => {
      const histogram = present[0] === 2 ? histograms?.[0] : undefined
      return {
        labels,
        atMs,
        value: histogram?.sum ?? (values[0] as number),
        histogram: histogram === undefined ? undefined : compact(histogram),
      }
    })
  }

  #parse(query: string): Expr {
    let expr = this.#parsed.get(query)
    if (expr === undefined) {
      expr = parse(query)
      this.#options.judge(expr, query)
      this.#parsed.set(query, expr)
    }
    return expr
  }
}
