// The configuration in force, and how a new one takes its place: checked first, and only then handed to those who follow it.
import { type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { Problem } from '@tidewatch/core/error.ts'
import type { ConfigFollower, LoadedConfig, Parsed } from './port.ts'

/** Editors write a file in several steps; a change is read once they are done, in ms. */
const settleMs = 300

export interface ReloadResult {
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

export interface ConfigHolderOptions<P, R> {
  readonly load: () => Parsed<LoadedConfig<P, R>>
  readonly nowMs: () => number
  readonly onReload: (result: ReloadResult) => void
}

/** Holds the configuration in force. A broken new one leaves the old one running. */
export class ConfigHolder<P, R> implements Disposable {
  #current: LoadedConfig<P, R>
  readonly #options: ConfigHolderOptions<P, R>
  readonly #followers: ConfigFollower<LoadedConfig<P, R>>[] = []
  readonly #watchers: FSWatcher[] = []
  #reloading: Promise<ReloadResult> | undefined
  #timer: NodeJS.Timeout | undefined
  #lastReload: { readonly atMs: number; readonly result: ReloadResult }

  constructor(first: LoadedConfig<P, R>, options: ConfigHolderOptions<P, R>) {
    this.#current = first
    this.#options = options
    this.#lastReload = { atMs: options.nowMs(), result: { ok: true, problems: [] } }
  }

  get current(): LoadedConfig<P, R> {
    return this.#current
  }
  /** When it was last read, and whether that went well: what `tidewatch_config_last_reload_*` says. */
  get lastReload(): { readonly atMs: number; readonly result: ReloadResult } {
    return this.#lastReload
  }

  /** Followers are told in the order in which they were added, the first time now. */
  async follow(follower: ConfigFollower<LoadedConfig<P, R>>): Promise<void> {
    this.#followers.push(follower)
    await follower.apply(this.#current)
  }

  /** Reads everything again. Calls that come while one runs share its end. */
  reload(): Promise<ReloadResult> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined
    })
    return this.#reloading
  }

  async #reload(): Promise<ReloadResult> {
    const result = await this.#tryReload()
    this.#lastReload = { atMs: this.#options.nowMs(), result }
    this.#options.onReload(result)
    return result
  }

  async #tryReload(): Promise<ReloadResult> {
    let loaded: Parsed<LoadedConfig<P, R>>
    try {
      loaded = this.#options.load()
    } catch (error) {
      return { ok: false, problems: [{ message: (error as Error).message, where: {} }] }
    }
    if (!loaded.ok) return { ok: false, problems: loaded.problems }
    for (const follower of this.#followers) await follower.apply(loaded.value)
    this.#current = loaded.value
    return { ok: true, problems: [] }
  }

  /** Reads again when a file of the configuration changes. Folders are watched, since editors replace files. */
  watch(): void {
    const folders = new Set(this.#current.files.map((file) => dirname(file.path)))
    for (const folder of folders) {
      this.#watchers.push(
        watch(folder, () => {
          clearTimeout(this.#timer)
          this.#timer = setTimeout(() => void this.reload(), settleMs)
        }),
      )
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
  }
}
