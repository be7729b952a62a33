// Releases that lines name: which of them are new here, or began earlier than was known. Called once a stored request, its loop once a line, and only
// where lines name a release at all.
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logIdentityFields } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { isEmptyList, TextNumbers, TextNumberWalk } from '@tidewatch/core/text-numbers.ts'
import type { DeployKey } from './state.ts'

/** A release, and the time of the first of its lines that was seen. */
export interface SeenRelease {
  readonly key: DeployKey
  readonly atMs: number
}

const maxServices = 4096
const maxEnvironments = 512
const maxReleases = 8192
/** Releases that wait to be looked up; more at once are no releases. */
const maxWaiting = 1000

const columns = {
  service: logIdentityFields.indexOf('service'),
  environment: logIdentityFields.indexOf('environment'),
  release: logIdentityFields.indexOf('release'),
}

export class SeenReleases {
  readonly #services = new TextNumbers(maxServices)
  readonly #environments = new TextNumbers(maxEnvironments)
  readonly #releases = new TextNumbers(maxReleases)
  /** By the numbers of all three: since when it is known to run. A line from then on says nothing new. */
  readonly #knownSinceMs = new Map<number, number>()
  readonly #waiting = new Map<number, SeenRelease>()
  /** Releases that were left out since too many came at once. */
  leftOut = 0

  constructor() {
    this.#clear()
  }

  add(project: ProjectId, batch: LogBatch): void {
    const [services, environments, releases] = [columns.service, columns.environment, columns.release].map(
      (i) => (batch.identity[i] as (typeof batch.identity)[number]).texts,
    ) as [TextTexts, TextTexts, TextTexts]
    if (isEmptyList(releases)) return
    const walkServices = new TextNumberWalk(services, this.#services)
    const walkEnvironments = new TextNumberWalk(environments, this.#environments)
    const walkReleases = new TextNumberWalk(releases, this.#releases)
    const { times, length } = batch
    let isFull = false
    for (let row = 0; row < length; row++) {
      const service = walkServices.next()
      const environment = walkEnvironments.next()
      const release = walkReleases.next()
      // 0 is the empty text: a line without a release, or of nobody
      if (service === 0 || release === 0) continue
      if (service < 0 || environment < 0 || release < 0) {
        isFull = true
        continue
      }
      const place = ((project * maxServices + service) * maxEnvironments + environment) * maxReleases + release
      const atMs = ((times[row * 2 + 1] as number) * 2 ** 32 + (times[row * 2] as number)) / 1e6
      if (atMs < (this.#knownSinceMs.get(place) ?? Number.POSITIVE_INFINITY))
        this.#see(place, { project, service, environment, release, atMs })
    }
    // what comes next begins anew; what is known is looked up again
    if (isFull) this.#clear()
  }

  #see(
    place: number,
    line: {
      readonly project: ProjectId
      readonly service: number
      readonly environment: number
      readonly release: number
      readonly atMs: number
    },
  ): void {
    const { project, atMs } = line
    if (!this.#waiting.has(place) && this.#waiting.size >= maxWaiting) {
      this.leftOut++
      return
    }
    this.#knownSinceMs.set(place, atMs)
    const key = {
      project,
      service: this.#services.text(line.service),
      environment: this.#environments.text(line.environment),
      release: this.#releases.text(line.release),
    }
    this.#waiting.set(place, { key, atMs: Math.floor(atMs) })
  }

  /** What was seen since it was asked last. */
  take(): readonly SeenRelease[] {
    if (this.#waiting.size === 0) return []
    const seen = [...this.#waiting.values()]
    this.#waiting.clear()
    return seen
  }

  /** To be looked up again with the next line of theirs: they could not be kept. */
  forget(): void {
    this.#clear()
  }

  #clear(): void {
    for (const numbers of [this.#services, this.#environments, this.#releases]) {
      numbers.clear()
      numbers.ofText('')
    }
    this.#knownSinceMs.clear()
  }
}

type TextTexts = LogBatch['identity'][number]['texts']
