// file_sd_configs: prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
import { glob, readFile, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import type { Logger } from '../../self/port.ts'
import { type TargetGroup, targetGroupSchema } from '../config.ts'
import type { ScrapeJob } from './job.ts'

/** Files are looked at this often, in place of the system's notices, which network file systems and containers lose. */
const lookMs = 5000
const maxFileBytes = 16 << 20

const groupsSchema = z
  .array(targetGroupSchema)
  .nullish()
  .transform((value) => value ?? [])

interface KnownFile {
  readonly stamp: string
  readonly groups: readonly TargetGroup[]
}

export interface FileTargetsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly onChange: (groups: readonly TargetGroup[]) => Promise<void>
}

/** The target groups in the files of a job. A file that cannot be read keeps what it said before. */
export class FileTargets implements AsyncDisposable {
  readonly #job: ScrapeJob
  readonly #options: FileTargetsOptions
  readonly #stop = new AbortController()
  #known = new Map<string, KnownFile>()
  #running: Promise<void> | undefined

  constructor(job: ScrapeJob, options: FileTargetsOptions) {
    this.#job = job
    this.#options = options
  }

  /** Reads all once, and then again whenever they change. */
  async start(): Promise<readonly TargetGroup[]> {
    if (this.#job.files.length === 0) return []
    await this.#look()
    this.#running = this.#watch(this.#stop.signal)
    return this.#groups()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, logger, onChange } = this.#options
    const everyMs = Math.min(lookMs, ...this.#job.files.map((file) => file.refreshMs))
    for (;;) {
      try {
        await clock.sleep(everyMs, { signal })
      } catch {
        // the signal: the owner is done
        return
      }
      try {
        if (await this.#look()) await onChange(this.#groups())
      } catch (error) {
        logger.warn('files with targets could not be read', { job: this.#job.name, error })
      }
    }
  }

  #groups(): readonly TargetGroup[] {
    return [...this.#known.values()].flatMap((file) => file.groups)
  }

  /** Whether anything changed. */
  async #look(): Promise<boolean> {
    const known = new Map<string, KnownFile>()
    let changed = false
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
    for (const { files } of this.#job.files) {
      for (const pattern of files) {
        const path = isAbsolute(pattern) ? pattern : join(this.#job.baseDir, pattern)
        for await (const found of glob(path)) paths.add(found)
      }
    }
    return [...paths].sort()
  }

  async #read(path: string, before: KnownFile | undefined): Promise<KnownFile | undefined> {
    try {
      const { mtimeMs, size } = await stat(path)
      const stamp = `${mtimeMs} ${size}`
      if (before?.stamp === stamp) return before
      if (size > maxFileBytes) throw new Error(`it has ${size} bytes; ${maxFileBytes} are allowed`)
      const text = await readFile(path, 'utf8')
      const parsed: unknown = path.toLowerCase().endsWith('.json') ? JSON.parse(text) : parseYaml(text)
      const groups = groupsSchema.parse(parsed)
      return {
        stamp,
        groups: groups.map((group) => ({ ...group, labels: { ...group.labels, __meta_filepath: path } })),
      }
    } catch (error) {
      this.#options.logger.warn('a file with targets cannot be read; what it said before stays', {
        job: this.#job.name,
        path,
        error,
      })
      return before
    }
  }
}
