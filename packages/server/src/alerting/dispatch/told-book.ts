// Who was told what, by group and integration.
import type { AlertGroup } from './alert-group.ts'
import type { Told } from './told.ts'

/** One entry as it is kept. */
export interface ToldRow extends Told {
  readonly groupId: string
  /** The integration's key. */
  readonly integration: string
}

const sweepEveryMs = 3_600_000

export class ToldBook {
  readonly #byGroup = new Map<string, Map<string, Told>>()
  readonly #changed: (groupId: string, integration: string, told: Told | undefined) => void
  #sweptAtMs = 0

  constructor(changed: (groupId: string, integration: string, told: Told | undefined) => void) {
    this.#changed = changed
  }

  /** What was kept. */
  restore(rows: Iterable<ToldRow>): void {
    for (const { groupId, integration, ...told } of rows) this.#put(groupId, integration, told)
  }

  get(groupId: string, integration: string): Told | undefined {
    return this.#byGroup.get(groupId)?.get(integration)
  }

  /** By integration. */
  ofGroup(groupId: string): ReadonlyMap<string, Told> {
    return this.#byGroup.get(groupId) ?? new Map()
  }

  set(groupId: string, integration: string, told: Told): void {
    this.#put(groupId, integration, told)
    this.#changed(groupId, integration, told)
  }

  /** Whether anybody believes that the alert fires. */
  believesFiring(groupId: string, fingerprint: string): boolean {
    const told = this.#byGroup.get(groupId)
    if (told === undefined) return false
    for (const { firing } of told.values()) if (firing.has(fingerprint)) return true
    return false
  }

  /** A group is gone: of those who know that nothing fires there is nothing to remember. */
  release(groupId: string): void {
    this.#drop(groupId, ({ firing }) => firing.size === 0)
  }

  /** Forgets what is too old of groups that are gone; now and then. */
  sweep(groups: ReadonlyMap<string, AlertGroup>, nowMs: number): void {
    if (nowMs - this.#sweptAtMs < sweepEveryMs) return
    this.#sweptAtMs = nowMs
    for (const groupId of this.#byGroup.keys())
      if (!groups.has(groupId)) this.#drop(groupId, ({ expiresAtMs }) => expiresAtMs <= nowMs)
  }

  #put(groupId: string, integration: string, told: Told): void {
    const ofGroup = this.#byGroup.get(groupId)
    if (ofGroup === undefined) this.#byGroup.set(groupId, new Map([[integration, told]]))
    else ofGroup.set(integration, told)
  }

  #drop(groupId: string, isOver: (told: Told) => boolean): void {
    const ofGroup = this.#byGroup.get(groupId)
    if (ofGroup === undefined) return
    for (const [integration, told] of ofGroup) {
      if (!isOver(told)) continue
      ofGroup.delete(integration)
      this.#changed(groupId, integration, undefined)
    }
    if (ofGroup.size === 0) this.#byGroup.delete(groupId)
  }
}
