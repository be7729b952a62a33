// file_sd_configs: prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
import { glob, readFile, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { parse as parseYaml } from 'yaml'
import type { TargetGroup } from '../config.ts'
import type { FileDiscovery } from '../scrape/job.ts'
import type { Discovery, DiscoveryParts } from './discovery.ts'
import { Refreshing } from './refreshing.ts'
import { readGroups } from './target-groups.ts'

/** Files are looked at this often, in place of the system's notices, which network file systems and containers lose. */
const lookMs = 5000
const maxFileBytes = 16 << 20

interface KnownFile {
  readonly stamp: string
  readonly groups: readonly TargetGroup[]
}

/** The target groups in files. A file that cannot be read keeps what it said before; one that is gone takes its targets along. */
export class FileTargets implements Discovery {
  readonly #config: FileDiscovery
  readonly #parts: DiscoveryParts
  readonly #refreshing: Refreshing
  #known = new Map<string, KnownFile>()
  /** Files that could not be read, with the stamp for which that has been told. */
  #told = new Map<string, string>()
  #failed = 0

  constructor(config: FileDiscovery, parts: DiscoveryParts) {
    this.#config = config
    this.#parts = parts
    const everyMs = Math.min(lookMs, config.refreshMs)
    this.#refreshing = new Refreshing({ mechanism: 'file', everyMs, parts, refresh: () => this.#refresh() })
  }

  get groups(): readonly TargetGroup[] {
    return [...this.#known.values()].flatMap((file) => file.groups)
  }

  async start(): Promise<void> {
    const startMs = this.#parts.clock.monotonicMs()
    await this.#look()
    const seconds = (this.#parts.clock.monotonicMs() - startMs) / 1000
    this.#parts.onRefresh({ mechanism: 'file', job: this.#parts.job, ok: this.#failed === 0, seconds })
    this.#refreshing.start({ at: 'next interval' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refreshing[Symbol.asyncDispose]()
  }

  async #refresh(): Promise<boolean> {
    const changed = await this.#look()
    if (this.#failed > 0) this.#parts.onRefresh({ mechanism: 'file', job: this.#parts.job, ok: false, seconds: 0 })
    return changed
  }

  /** Whether anything changed. */
  async #look(): Promise<boolean> {
    const known = new Map<string, KnownFile>()
    let changed = false
    this.#failed = 0
    for (const path of await this.#paths()) {
      const before = this.#known.get(path)
      const now = await this.#read(path, before)
      if (now !== before) changed = true
      if (now !== undefined) known.set(path, now)
    }
    changed ||= known.size !== this.#known.size
    this.#known = known
    return changed
  }

  async #paths(): Promise<readonly string[]> {
    const paths = new Set<string>()
    for (const pattern of this.#config.files) {
      const path = isAbsolute(pattern) ? pattern : join(this.#parts.baseDir, pattern)
      for await (const found of glob(path)) paths.add(found)
    }
    return [...paths].sort()
  }

  async #read(path: string, before: KnownFile | undefined): Promise<KnownFile | undefined> {
    let stamp = ''
    try {
      const { mtimeMs, size } = await stat(path)
      stamp = `${mtimeMs} ${size}`
      if (before?.stamp === stamp) return before
      if (size > maxFileBytes) throw tooLarge(path, size)
      const text = await readFile(path, 'utf8')
      // as text, whatever it looks like: Prometheus reads a label 1.10 as it is written
      const parsed: unknown = /\.json$/i.test(path) ? JSON.parse(text) : parseYaml(text, { schema: 'failsafe' })
      const groups = readGroups(parsed, { __meta_filepath: path })
      this.#told.delete(path)
      return { stamp, groups }
    } catch (error) {
      this.#failed++
      if (this.#told.get(path) !== stamp) {
        this.#parts.logger.warn('a file with targets cannot be read; what it said before stays', {
          job: this.#parts.job,
          path,
          error,
        })
      }
      this.#told.set(path, stamp)
      return before
    }
  }
}

function tooLarge(path: string, size: number): AppError {
  return new AppError('config.unreadable', `${quoteValue(path)} has ${size} bytes; ${maxFileBytes} are allowed`)
}
