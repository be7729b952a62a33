// All silences: kept in the state store, asked from memory at each round for each alert.
import { randomUUID } from 'node:crypto'
import { toApiMatcher } from '@tidewatch/alertmanager/matcher.ts'
import type { ApiMatcher, MatcherMode } from '@tidewatch/alertmanager/port.ts'
import { silenceMatches, validateSilence } from '@tidewatch/alertmanager/silences.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { canBeChanged, ended, type ReadySilence, readySilence, type Silence, stateOf } from './silence.ts'
import type { SilenceRows } from './state.ts'

/** What is asked for. Without an id, or with that of one which cannot be changed so, a new one is made. */
export interface SilenceWish {
  readonly id: string | undefined
  readonly matcherSets: readonly (readonly ApiMatcher[])[]
  readonly startsAtMs: number | undefined
  readonly endsAtMs: number
  readonly createdBy: string
  readonly comment: string
  readonly annotations: Readonly<Record<string, string>>
}

/** Those that have ended are kept so long, as in Alertmanager. */
const retentionMs = 120 * 3_600_000
const maxSilences = 10_000
/** Bytes of one silence as JSON. */
const maxSilenceBytes = 64 * 1024

export interface SilenceBookOptions {
  readonly rows: SilenceRows
  readonly clock: Clock
  /** How names of labels are judged. */
  readonly mode: () => MatcherMode
}

export class SilenceBook {
  readonly #options: SilenceBookOptions
  #silences = new Map<string, ReadySilence>()
  /** Those that may hide something now or later. */
  #live: readonly ReadySilence[] = []

  constructor(options: SilenceBookOptions) {
    this.#options = options
  }

  /** From the table: at the start, and now and then where another process may have written. Those that ended long ago go. */
  async refresh(): Promise<void> {
    const { rows, clock } = this.#options
    await rows.removeEndedBefore(clock.nowMs() - retentionMs)
    const all = await rows.all()
    this.#silences = new Map(
      all.map((silence) => [silence.id, this.#silences.get(silence.id) ?? readySilence(silence)]),
    )
    for (const silence of all) {
      const known = this.#silences.get(silence.id)
      if (known?.silence.updatedAtMs !== silence.updatedAtMs) this.#silences.set(silence.id, readySilence(silence))
    }
    this.#sort()
  }

  get all(): readonly Silence[] {
    return [...this.#silences.values()].map(({ silence }) => silence)
  }

  find(id: string): Silence | undefined {
    return this.#silences.get(id)?.silence
  }

  /** Ids of those that hide it now. */
  silencesOf(labels: Labels, nowMs: number): readonly string[] {
    const { length } = this.#live
    let found: string[] | undefined
    for (let i = 0; i < length; i++) {
      const { silence, sets } = this.#live[i] as ReadySilence
      if (silence.startsAtMs > nowMs || silence.endsAtMs < nowMs || !silenceMatches(sets, labels)) continue
      found ??= []
      found.push(silence.id)
    }
    return found ?? none
  }

  /** Ids of those that hid it then, as far as ended ones are remembered: for the past. */
  silencesOfPast(): (labels: Labels, atMs: number) => readonly string[] {
    const all = [...this.#silences.values()]
    return (labels, atMs) =>
      all.flatMap(({ silence: { id, startsAtMs, endsAtMs }, sets }) =>
        startsAtMs <= atMs && endsAtMs >= atMs && silenceMatches(sets, labels) ? [id] : [],
      )
  }

  /** Makes or changes one; answers its id. Throws `alerts.bad_silence`, `state.not_found`. */
  async set(wish: SilenceWish): Promise<string> {
    const { rows, clock, mode } = this.#options
    const nowMs = clock.nowMs()
    const startsAtMs = wish.startsAtMs ?? nowMs
    const sets = validateSilence({ ...wish, startsAtMs }, mode())
    const former = wish.id === undefined ? undefined : this.find(wish.id)
    if (wish.id !== undefined && former === undefined) throw notFound(wish.id)
    const { endsAtMs, createdBy, comment, annotations } = wish
    const next: Silence = {
      ...{ id: wish.id ?? '', matcherSets: sets.map((set) => set.map(toApiMatcher)), startsAtMs, endsAtMs },
      ...{ updatedAtMs: nowMs, createdBy, comment, annotations },
    }
    if (former !== undefined && canBeChanged(former, next, nowMs)) {
      await this.#keep([next], nowMs)
      return next.id
    }
    if ((await rows.count()) >= maxSilences)
      throw new AppError('alerts.bad_silence', `there are ${maxSilences} silences already.`, {
        fix: 'Delete some, or wait until those that ended are forgotten.',
      })
    const made = { ...next, id: randomUUID(), startsAtMs: Math.max(startsAtMs, nowMs) }
    const isLive = former !== undefined && stateOf(former, nowMs) !== 'expired'
    await this.#keep(isLive ? [ended(former, nowMs), made] : [made], nowMs)
    return made.id
  }

  /** Ends one now. Throws `state.not_found`, `state.conflict` where it has ended already. */
  async end(id: string): Promise<void> {
    const nowMs = this.#options.clock.nowMs()
    const silence = this.find(id)
    if (silence === undefined) throw notFound(id)
    if (stateOf(silence, nowMs) === 'expired')
      throw new AppError('state.conflict', `the silence ${id} has ended already.`)
    await this.#keep([ended(silence, nowMs)], nowMs)
  }

  async #keep(silences: readonly Silence[], nowMs: number): Promise<void> {
    for (const silence of silences) {
      const bytes = Buffer.byteLength(JSON.stringify(silence))
      if (bytes > maxSilenceBytes)
        throw new AppError('alerts.bad_silence', `the silence has ${bytes} bytes; at most ${maxSilenceBytes}.`, {
          fix: 'Shorten its comment or its matchers.',
        })
    }
    await this.#options.rows.save(silences)
    for (const silence of silences) this.#silences.set(silence.id, readySilence(silence))
    this.#sort(nowMs)
  }

  #sort(nowMs = this.#options.clock.nowMs()): void {
    this.#live = [...this.#silences.values()].filter(({ silence }) => stateOf(silence, nowMs) !== 'expired')
  }
}

const none: readonly string[] = []

const notFound = (id: string): AppError =>
  new AppError('state.not_found', `there is no silence ${quoteValue(id)}.`, {
    where: { key: 'id' },
    fix: 'Leave the id out to make a new one.',
  })
