// Which indexes the table of logs has: switched by the page, done by the one process that leads.
import {
  type LogIndexName,
  type LogIndexSetting,
  logIndexNames,
  type OptionalLogIndex,
} from '@tidewatch/api/log-settings.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Logger } from '../../self/port.ts'
import type { LogSettingsBook } from './book.ts'
import type { IndexWork, LogIndexStore } from './port.ts'

const retryMs = 30_000

export interface LogIndexesOptions {
  readonly book: LogSettingsBook
  readonly store: LogIndexStore
  readonly clock: Clock
  readonly logger: Logger
}

export class LogIndexes {
  readonly #options: LogIndexesOptions
  #woken = new AbortController()
  /** Why the store could not be told. */
  #trouble = ''

  constructor(options: LogIndexesOptions) {
    this.#options = options
    options.book.follow(() => this.#wake())
  }

  /** Tells the store what is wanted, until the signal fires. */
  async lead(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    while (!signal.aborted) {
      const woken = this.#woken.signal
      try {
        await this.#apply(signal)
        this.#trouble = ''
      } catch (error) {
        if (signal.aborted) return
        this.#trouble = AppError.from(error).message
        logger.error('the indexes of logs could not be changed', { error: this.#trouble })
      }
      try {
        await clock.sleep(retryMs, { signal: AbortSignal.any([signal, woken]) })
      } catch {
        // the sleep ends early only when stopping or woken
      }
    }
  }

  /** Throws as the store does. */
  async states(options: { readonly signal: AbortSignal }): Promise<readonly LogIndexSetting[]> {
    const { book, store } = this.#options
    const sizes = await store.sizes(options)
    const works = await store.underWay(options)
    const off = book.kept.indexes?.value.off ?? []
    return logIndexNames.map((name) => {
      const switchedOff = off.find((one) => one.name === name)
      return {
        ...{ name, enabled: switchedOff === undefined, bytes: sizes.get(name) ?? 0 },
        ...(switchedOff === undefined ? {} : { formerBytes: switchedOff.formerBytes }),
        ...this.#stage(name, works.get(name)),
      }
    })
  }

  /** Resolves when the setting is kept; the store follows. False where it was so already. */
  async switch(
    name: OptionalLogIndex,
    enabled: boolean,
    { by, signal }: { readonly by: string; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { book, store } = this.#options
    const off = book.kept.indexes?.value.off ?? []
    if (enabled === !off.some((one) => one.name === name)) return false
    const others = off.filter((one) => one.name !== name)
    const formerBytes = enabled ? 0 : ((await store.sizes({ signal })).get(name) ?? 0)
    await book.put('indexes', { off: enabled ? others : [...others, { name, formerBytes }] }, by)
    return true
  }

  #wake(): void {
    this.#woken.abort()
    this.#woken = new AbortController()
  }

  async #apply(signal: AbortSignal): Promise<void> {
    const { book, store } = this.#options
    const { wanted, applied } = offOf(book)
    const clear = wanted.filter((name) => !applied.includes(name))
    const build = applied.filter((name) => !wanted.includes(name))
    if (clear.length === 0 && build.length === 0) return
    // told again after a kill between the two: that does no harm
    await store.apply({ off: wanted, clear, build }, { signal })
    await book.put('indexes_applied', { off: wanted }, 'tidewatch')
  }

  #stage(name: LogIndexName, work: IndexWork | undefined): Pick<LogIndexSetting, 'stage' | 'partsToDo' | 'message'> {
    const { wanted, applied } = offOf(this.#options.book)
    const isOff = wanted.some((one) => one === name)
    const isTold = isOff === applied.some((one) => one === name)
    const message = isTold ? (work?.message ?? '') : this.#trouble
    const settled = isOff ? 'off' : 'on'
    const moving = isOff ? 'clearing' : 'building'
    const stage = message !== '' ? 'failing' : isTold && work === undefined ? settled : moving
    return { stage, partsToDo: work?.partsToDo ?? 0, message }
  }
}

/** Those that are to be off. */
export const indexesOff = ({ kept }: Pick<LogSettingsBook, 'kept'>): readonly OptionalLogIndex[] =>
  (kept.indexes?.value.off ?? []).map(({ name }) => name)

function offOf(book: LogSettingsBook): {
  readonly wanted: readonly OptionalLogIndex[]
  readonly applied: readonly OptionalLogIndex[]
} {
  return { wanted: indexesOff(book), applied: book.kept.indexes_applied?.value.off ?? [] }
}
