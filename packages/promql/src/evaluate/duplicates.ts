import { executionError } from './evaluator.ts'
import { absent, type Row } from './row.ts'

export const sameLabelset = 'vector cannot contain metrics with the same labelset'

/** Sees that no two series with the same labels have a value at the same step. */
export class DuplicateCheck {
  readonly #seen = new Map<string, Uint8Array>()

  see(row: Row): void {
    const key = row.labels.key()
    const before = this.#seen.get(key)
    if (before === undefined) {
      this.#seen.set(key, row.present.slice())
      return
    }
    for (let i = 0; i < before.length; i++) {
      if (row.present[i] === absent) continue
      if (before[i] !== absent) throw executionError(sameLabelset)
      before[i] = row.present[i] as number
    }
  }
}
