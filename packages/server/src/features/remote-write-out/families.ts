import type { MetricMetadata } from '../../store/port.ts'

const suffix = /_(?:bucket|sum|count|total|info|created)$/

/** Families by the names of their metrics. */
export class Families {
  #rows: ReadonlyMap<string, MetricMetadata> = new Map()

  set(rows: readonly MetricMetadata[]): void {
    this.#rows = new Map(rows.map((row) => [row.family, row]))
  }

  of(metric: string): MetricMetadata | undefined {
    return this.#rows.get(metric) ?? this.#rows.get(metric.replace(suffix, ''))
  }
}
