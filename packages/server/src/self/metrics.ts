// Our own metrics, read by /metrics and by the collector that stores them as job="tidewatch".
import type { Counter, Family, Gauge, Histogram, Logger, MetricDefinition, Metrics, OwnSample } from './port.ts'

const namePattern = /^(?:tidewatch|process|nodejs|prometheus_remote_storage|alertmanager)_[a-z0-9_]+$/
const labelPattern = /^[a-z][a-z0-9_]*$/
/** More label sets than this in one family share one cell with the value `other`: labels come partly from outside. */
const maxCells = 2000

interface StoredFamily {
  readonly definition: MetricDefinition
  readonly type: OwnSample['type']
  samples(): Iterable<OwnSample>
}

export function createMetrics(options: { readonly logger: Logger }): Metrics {
  const families = new Map<string, StoredFamily>()
  const updates: (() => void)[] = []
  const add = <Cell>(family: CellFamily<Cell>): CellFamily<Cell> => {
    const { name } = family.definition
    if (families.has(name)) throw new Error(`metric ${name} exists twice`)
    families.set(name, family)
    return family
  }
  const render = (): OwnSample[] => {
    for (const update of updates) {
      try {
        update()
      } catch (error) {
        options.logger.warn('an own metric cannot be read', { error })
      }
    }
    return [...families.values()].flatMap((family) => [...family.samples()])
  }
  return {
    counter: (definition) => add(new CellFamily(definition, 'counter', counterCell, simpleSamples)),
    gauge: (definition) => add(new CellFamily(definition, 'gauge', gaugeCell, simpleSamples)),
    histogram: (definition) =>
      add(new CellFamily(definition, 'histogram', () => histogramCell(definition.buckets), histogramSamples)),
    beforeRead: (update) => {
      updates.push(update)
    },
    render,
    text: () => renderText(render()),
  }
}

class CellFamily<Cell> implements Family<Cell>, StoredFamily {
  readonly definition: MetricDefinition
  readonly type: OwnSample['type']
  readonly #cells = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly cell: Cell }>()
  readonly #make: () => Cell
  readonly #expand: (family: StoredFamily, labels: Readonly<Record<string, string>>, cell: Cell) => Iterable<OwnSample>

  constructor(
    definition: MetricDefinition,
    type: OwnSample['type'],
    make: () => Cell,
    expand: (family: StoredFamily, labels: Readonly<Record<string, string>>, cell: Cell) => Iterable<OwnSample>,
  ) {
    checkDefinition(definition, type)
    this.definition = definition
    this.type = type
    this.#make = make
    this.#expand = expand
    // a metric without labels is there from the start, as 0
    if ((definition.labels ?? []).length === 0) this.with()
  }

  with(...labelValues: readonly string[]): Cell {
    const key = labelValues.length === 1 ? (labelValues[0] as string) : labelValues.join('\xff')
    const found = this.#cells.get(key)
    if (found !== undefined) return found.cell
    const names = this.definition.labels ?? []
    if (labelValues.length !== names.length)
      throw new Error(`metric ${this.definition.name} has labels ${names.join(', ')}`)
    if (this.#cells.size >= maxCells && labelValues.some((value) => value !== 'other'))
      return this.with(...names.map(() => 'other'))
    const cell = this.#make()
    this.#cells.set(key, { labels: Object.fromEntries(names.map((name, i) => [name, labelValues[i] as string])), cell })
    return cell
  }

  *samples(): Iterable<OwnSample> {
    for (const { labels, cell } of this.#cells.values()) yield* this.#expand(this, labels, cell)
  }
}

function checkDefinition(definition: MetricDefinition, type: OwnSample['type']): void {
  const { name, labels = [] } = definition
  if (!namePattern.test(name)) throw new Error(`${name} is not a name for a metric of ours`)
  if ((type === 'counter') !== name.endsWith('_total'))
    throw new Error(`${name}: counters, and only they, end in _total`)
  for (const label of labels) if (!labelPattern.test(label)) throw new Error(`${name}: ${label} is not a label name`)
}

interface ValueCell {
  value: number
}

function counterCell(): Counter & ValueCell {
  return {
    value: 0,
    add(amount = 1) {
      if (amount > 0) this.value += amount
    },
  }
}

function gaugeCell(): Gauge & ValueCell {
  return {
    value: 0,
    set(value) {
      this.value = value
    },
    add(amount) {
      this.value += amount
    },
  }
}

function* simpleSamples(
  family: StoredFamily,
  labels: Readonly<Record<string, string>>,
  cell: unknown,
): Iterable<OwnSample> {
  const { name, help } = family.definition
  yield { name, family: name, type: family.type, help, labels, value: (cell as ValueCell).value }
}

interface HistogramCell extends Histogram {
  readonly bounds: Float64Array
  readonly counts: Float64Array
  sum: number
}

function histogramCell(buckets: readonly number[]): HistogramCell {
  return {
    bounds: Float64Array.from(buckets),
    counts: new Float64Array(buckets.length + 1),
    sum: 0,
    observe(value) {
      let i = 0
      while (i < this.bounds.length && value > (this.bounds[i] as number)) i++
      this.counts[i]++
      this.sum += value
    },
  }
}

function* histogramSamples(
  family: StoredFamily,
  labels: Readonly<Record<string, string>>,
  cell: HistogramCell,
): Iterable<OwnSample> {
  const { name, help } = family.definition
  const sample = (suffix: string, value: number, more: Readonly<Record<string, string>> = {}): OwnSample => ({
    name: name + suffix,
    family: name,
    type: 'histogram',
    help,
    labels: { ...labels, ...more },
    value,
  })
  let total = 0
  for (const [i, count] of cell.counts.entries()) {
    total += count
    yield sample('_bucket', total, { le: i < cell.bounds.length ? String(cell.bounds[i]) : '+Inf' })
  }
  yield sample('_sum', cell.sum)
  yield sample('_count', total)
}

/** Prometheus's text format 0.0.4. */
export function renderText(samples: readonly OwnSample[]): string {
  const lines: string[] = []
  let family = ''
  for (const sample of samples) {
    if (sample.family !== family) {
      family = sample.family
      lines.push(
        `# HELP ${family} ${sample.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${family} ${sample.type}`,
      )
    }
    const labels = Object.entries(sample.labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    lines.push(`${sample.name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${formatValue(sample.value)}`)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
