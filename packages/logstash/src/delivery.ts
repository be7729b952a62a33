// Where an event goes once its filters are through.
import type { Place } from './ast.ts'

/** An output as the file has it. */
export interface OutputDescription {
  readonly kind: OutputKind
  readonly place: Place
  /** The setting `id`; '' where there is none. */
  readonly id: string
  /** The codec by name; '' where there is none. */
  readonly codec: string
  /** Settings that are the same for all events, as texts. */
  readonly settings: ReadonlyMap<string, readonly string[]>
}

export type OutputKind = 'elasticsearch' | 'email' | 'file' | 'http' | 'null' | 'stdout'

/** One event to one output. */
export interface Delivery {
  readonly output: OutputDescription
  /** Settings with `%{field}` in them, as they are for this event: elasticsearch's `index`, email's `to`, `subject` and `body`, file's `path` … */
  readonly rendered: ReadonlyMap<string, string>
}
