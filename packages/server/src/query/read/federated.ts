// What `/federate` says: the newest sample of each series in Prometheus's text format, with its time.
// https://prometheus.io/docs/prometheus/latest/federation/ and .../instrumenting/exposition_formats/
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import { type GrowingSampleBuffer, wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { numberText } from '../number-text.ts'
import { ByteWriter } from './bytes.ts'
import type { ReadAnswer } from './job.ts'

const pieceBytes = 256 * 1024
const plainMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/

export class FederatedAnswer implements ReadAnswer {
  readonly #external: readonly string[]
  readonly #utf8Names: boolean
  readonly #writer = new ByteWriter()
  #family = ''

  /**
   * `external`: name, value, name, value ...; one without a value is written too, as Prometheus writes `instance=""`. `utf8Names`: the caller
   * reads quoted names; for others what does not fit becomes an underscore.
   */
  constructor(external: readonly string[], utf8Names: boolean) {
    this.#external = external
    this.#utf8Names = utf8Names
  }

  window(): void {
    // all selectors are read as one
  }

  /** Series must come by name. The last sample of each counts; one that ended has none. */
  series(labels: Labels, { timesMs, values, length, histograms }: GrowingSampleBuffer): void {
    const last = length - 1
    const name = labels.get(metricNameLabel)
    // a series without a name, or a native histogram, has no place in this format
    if (name === '' || histograms?.[last] !== undefined || isStaleAt(wordsOf(values), last)) return
    const quoted = this.#utf8Names && !plainMetric.test(name)
    const metric = quoted ? `"${escapeValue(name)}"` : escapedMetric(name)
    const pairs = quoted ? [metric] : []
    for (const [label, value] of pairsOf(labels, this.#external))
      pairs.push(`${this.#labelName(label)}="${escapeValue(value)}"`)
    const inner = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
    if (name !== this.#family) this.#writer.text(`# TYPE ${metric} untyped\n`)
    this.#family = name
    this.#writer.text(
      `${quoted ? '' : metric}${inner} ${numberText(values[last] as number)} ${timesMs[last] as number}\n`,
    )
  }

  takePiece(): Uint8Array<ArrayBuffer> | undefined {
    return this.#writer.length < pieceBytes ? undefined : this.finish()
  }

  finish(): Uint8Array<ArrayBuffer> {
    const piece = this.#writer.copy()
    this.#writer.length = 0
    return piece
  }

  #labelName(name: string): string {
    if (this.#utf8Names && !plainLabel.test(name)) return `"${escapeValue(name)}"`
    return escapedLabel(name)
  }
}

/** The series' labels without the name, then the external ones (name, value, ...) that it does not have. */
export function* pairsOf(labels: Labels, external: readonly string[]): Generator<readonly [string, string]> {
  for (const pair of labels.entries()) if (pair[0] !== metricNameLabel) yield pair
  for (let i = 0; i < external.length; i += 2) {
    const name = external[i] as string
    if (!labels.has(name)) yield [name, external[i + 1] as string]
  }
}

/** A name as those can read it who know letters, digits, underscores and colons alone. */
export const escapedMetric = (name: string): string => escaped(name, plainMetric, /[^a-zA-Z0-9_:]/gu)

/** The same of a label's: without colons. */
export const escapedLabel = (name: string): string => escaped(name, plainLabel, /[^a-zA-Z0-9_]/gu)

function escaped(name: string, plain: RegExp, others: RegExp): string {
  if (plain.test(name)) return name
  const replaced = name.replace(others, '_')
  return plain.test(replaced) ? replaced : `_${replaced.slice(1)}`
}

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
