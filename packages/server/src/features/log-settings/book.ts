// The page's settings of logs as they are kept, read again where another process may have changed them.
import {
  type LogArchiveWish,
  type LogRetentionWish,
  logArchiveWish,
  logRetentionWish,
  type OptionalLogIndex,
  optionalLogIndexes,
} from '@tidewatch/api/log-settings.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { z } from 'zod'
import type { LogSettingRows } from './state.ts'

/** An archive as it is kept: its secret is sealed. */
export const keptArchive = logArchiveWish.extend({ sealedSecret: z.string().optional() })
export type KeptArchive = LogArchiveWish & { readonly sealedSecret?: string | undefined }

/** Indexes that are switched off, and what each took then. */
const keptIndexes = z.object({ off: z.array(z.object({ name: z.enum(optionalLogIndexes), formerBytes: z.number() })) })
/** Those of which the store has been told so. */
const appliedIndexes = z.object({ off: z.array(z.enum(optionalLogIndexes)) })

const shapes = {
  retention: logRetentionWish,
  archive: keptArchive,
  indexes: keptIndexes,
  indexes_applied: appliedIndexes,
} as const

interface Values {
  readonly retention: LogRetentionWish
  readonly archive: KeptArchive
  readonly indexes: { readonly off: readonly { readonly name: OptionalLogIndex; readonly formerBytes: number }[] }
  readonly indexes_applied: { readonly off: readonly OptionalLogIndex[] }
}

export type SettingName = keyof Values

export interface Kept<T> {
  readonly value: T
  readonly by: string
  readonly changedMs: number
}

/** What was set; each value is the same object until it changes. */
export type KeptSettings = { readonly [Name in SettingName]?: Kept<Values[Name]> }

export class LogSettingsBook {
  readonly #rows: LogSettingRows
  readonly #clock: Clock
  readonly #followers: ((kept: KeptSettings) => void)[] = []
  #kept: KeptSettings = {}
  /** What was read last, as text: settings that did not change stay the same objects. */
  #texts = new Map<string, string>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(rows: LogSettingRows, clock: Clock) {
    this.#rows = rows
    this.#clock = clock
  }

  get kept(): KeptSettings {
    return this.#kept
  }

  /** Told of each change, the first time now. */
  follow(follower: (kept: KeptSettings) => void): void {
    this.#followers.push(follower)
    follower(this.#kept)
  }

  /** Rejects where the rows cannot be read; then what was read last counts. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read())
  }

  /** Kept, and in force in this process, when it resolves; undefined takes it back. */
  put<Name extends SettingName>(name: Name, value: Values[Name] | undefined, by: string): Promise<void> {
    return this.#inTurn(async () => {
      if (value === undefined) await this.#rows.remove(name)
      else await this.#rows.put({ name, body: value, by, changedMs: this.#clock.nowMs() })
      await this.#read()
    })
  }

  async #read(): Promise<void> {
    const rows = await this.#rows.all()
    const texts = new Map(rows.map((row) => [row.name, JSON.stringify(row)]))
    const names = Object.keys(shapes) as SettingName[]
    const changed = names.filter((name) => texts.get(name) !== this.#texts.get(name))
    if (changed.length === 0) return
    const next: Partial<Record<SettingName, unknown>> = { ...this.#kept }
    for (const name of changed) {
      const row = rows.find((one) => one.name === name)
      next[name] =
        row === undefined ? undefined : { value: shapes[name].parse(row.body), by: row.by, changedMs: row.changedMs }
    }
    this.#texts = texts
    this.#kept = next as KeptSettings
    for (const follower of this.#followers) follower(this.#kept)
  }

  /** One read or change at a time: an older state must not come after a newer one. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(run)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}
