import type { MetricMetadata } from '../store/port.ts'

/** Families whose metadata is remembered; senders repeat it every minute, and all but the changes would be the same rows. */
const maxFamilies = 100_000

/** What is already in the store of the metadata of metric families, as far as this process wrote it. Bounded: the oldest go. */
export class KnownMetadata {
  readonly #known = new Map<string, string>()

  /** The rows that say something new, the last of each family. */
  news(rows: readonly MetricMetadata[]): readonly MetricMetadata[] {
    const last = new Map<string, MetricMetadata>()
    for (const row of rows) {
      if (this.#known.get(familyKey(row)) !== content(row)) last.set(familyKey(row), row)
    }
    return [...last.values()]
  }

  /** They are safe now. */
  note(rows: readonly MetricMetadata[]): void {
    for (const row of rows) {
      const key = familyKey(row)
      this.#known.delete(key)
      this.#known.set(key, content(row))
    }
    for (const key of this.#known.keys()) {
      if (this.#known.size <= maxFamilies) break
      this.#known.delete(key)
    }
  }
}

const familyKey = (row: MetricMetadata): string => `${row.project} ${row.family}`
const content = (row: MetricMetadata): string => `${row.type}\n${row.unit}\n${row.help}`
