// What writing documents goes by beside the intake, for its tests: nothing set up, nothing stored before.
import type { StoredLog } from '../../../store/port.ts'
import type { WriterParts } from './write-routes.ts'

export interface FakeDocuments {
  /** Names of aliases. */
  readonly aliases: string[]
  /** What the store has of before the start, the newest first. */
  readonly stored: StoredLog[]
  /** Indices that were deleted, with what differs each time. */
  readonly epochs: Map<string, string>
  readonly parts: Pick<WriterParts, 'setup' | 'names' | 'stored'>
}

export function fakeDocuments(): FakeDocuments {
  const aliases: string[] = []
  const stored: StoredLog[] = []
  const epochs = new Map<string, string>()
  const parts = {
    setup: { find: async () => aliases.map((name) => ({ name, body: {}, changedAtMs: 0 })) },
    names: { epochs: async () => epochs },
    stored: {
      has: async () => false,
      async *newest() {
        yield* stored
      },
    },
  }
  return { aliases, stored, epochs, parts }
}
