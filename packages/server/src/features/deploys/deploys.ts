// Deploys as lines show them, and as somebody says: which of them are one, and which are none.
import type { Deploy, DeploysQuery, PostedDeploy } from '@tidewatch/api/deploys.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Deploys } from './port.ts'
import { type SeenRelease, SeenReleases } from './seen-releases.ts'
import { type DeployKey, type DeployRow, type DeployRows, deployId } from './state.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const keptMs = 400 * dayMs
const maxKept = 10_000
/** Of one service in one environment; what changes more often is no release but an id of something. */
const maxSeenOfDay = 50
/** A first line and what somebody says are one deploy where they are no further apart. */
const togetherMs = hourMs
/** The same said again without a time is the same. */
const repeatMs = 10 * 60_000
const writeEveryMs = 1000
const trimEveryMs = hourMs

export interface DeployStats {
  /** Found in lines, and said by somebody. */
  readonly found: { lines: number; told: number }
  /** New releases that are none, being too many. */
  ignored: number
}

export class DeployBook implements Deploys {
  readonly stats: DeployStats = { found: { lines: 0, told: 0 }, ignored: 0 }
  readonly #rows: DeployRows
  readonly #clock: Clock
  readonly #seen = new SeenReleases()
  /** By service and environment, of the day. */
  readonly #foundOfDay = new Map<string, number>()
  #day = 0
  #trimmedAtMs = Number.NEGATIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()

  constructor(rows: DeployRows, clock: Clock) {
    this.#rows = rows
    this.#clock = clock
  }

  see(project: ProjectId, batch: LogBatch): void {
    this.#seen.add(project, batch)
  }

  async list(projects: readonly ProjectId[], query: DeploysQuery): Promise<readonly Deploy[]> {
    await this.write()
    return (await this.#rows.list(projects, query)).map(shown)
  }

  async find(projects: readonly ProjectId[], id: string): Promise<Deploy | undefined> {
    await this.write()
    const row = await this.#rows.find(projects, id)
    return row === undefined ? undefined : shown(row)
  }

  async record(project: ProjectId, { at, ...posted }: PostedDeploy, by: string) {
    const nowMs = this.#clock.nowMs()
    const atMs = at ?? nowMs
    if (atMs > nowMs + hourMs || atMs < nowMs - keptMs)
      throw new AppError('http.invalid', `${new Date(atMs).toISOString()} is no time of a deploy that is kept.`, {
        where: { key: 'body.at' },
        fix: 'Give the time at which it began, within the last 400 days; leave it out for now.',
      })
    await this.write()
    const key: DeployKey = { project, ...posted }
    const rows = await this.#rows.ofRelease(key)
    const id = deployId(key, atMs)
    const known =
      rows.find((row) => row.id === id) ??
      (at === undefined ? rows.find((row) => row.source === 'told' && row.atMs > nowMs - repeatMs) : undefined)
    if (known !== undefined) return { deploy: shown(known), isNew: false }
    // its lines may have come before it was said: then they are the beginning
    const first = rows.find((row) => row.source === 'lines' && Math.abs(row.atMs - atMs) <= togetherMs)
    const row: DeployRow = { ...key, id, by, source: 'told', atMs: Math.min(atMs, first?.atMs ?? atMs) }
    await this.#rows.add(row)
    if (first !== undefined) await this.#rows.remove(first.id)
    this.stats.found.told++
    return { deploy: shown(row), isNew: true }
  }

  /** Keeps what was seen in lines until it is stopped. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(writeEveryMs, { signal }).catch(() => undefined)
      await this.write()
      if (!signal.aborted && this.#clock.nowMs() - this.#trimmedAtMs >= trimEveryMs) await this.#trim()
    }
  }

  /** What was seen so far is kept. One after the other: two would both find that a release is new. */
  write(): Promise<void> {
    const done = this.#writing.then(async () => {
      const seen = this.#seen.take()
      try {
        for (const one of seen) await this.#keep(one)
      } catch (error) {
        this.#seen.forget()
        throw error
      }
    })
    this.#writing = done.catch(() => undefined)
    return done
  }

  async #keep({ key, atMs }: SeenRelease): Promise<void> {
    // one of the databases keeps no text with it, and no release is called so
    if (`${key.service}${key.environment}${key.release}`.includes('\0')) return
    const oldest = (await this.#rows.ofRelease(key)).at(-1)
    if (oldest !== undefined && oldest.atMs <= atMs) return
    const isOne = oldest !== undefined && (oldest.source === 'lines' || oldest.atMs - atMs <= togetherMs)
    if (isOne) await this.#rows.moveBack(oldest.id, atMs)
    else if (this.#mayBeOne(key)) {
      await this.#rows.add({ ...key, id: deployId(key), atMs, by: '', source: 'lines' })
      this.stats.found.lines++
    }
  }

  #mayBeOne({ project, service, environment }: DeployKey): boolean {
    const day = Math.floor(this.#clock.nowMs() / dayMs)
    if (day !== this.#day) this.#foundOfDay.clear()
    this.#day = day
    const place = JSON.stringify([project, service, environment])
    const found = this.#foundOfDay.get(place) ?? 0
    this.#foundOfDay.set(place, found + 1)
    if (found < maxSeenOfDay) return true
    this.stats.ignored++
    return false
  }

  async #trim(): Promise<void> {
    const nowMs = this.#clock.nowMs()
    await this.#rows.trim(nowMs - keptMs, maxKept)
    this.#trimmedAtMs = nowMs
    this.stats.ignored += this.#seen.leftOut
    this.#seen.leftOut = 0
  }
}

const shown = ({ project: _, ...deploy }: DeployRow): Deploy => deploy
