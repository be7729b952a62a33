// Pushed groups in memory, and whether a push fits to the others: metrics of one name have one type everywhere, and no series is in two groups.
import { setImmediate } from 'node:timers/promises'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { FamilyType, PushedFamily } from './families.ts'

/** Labels of a group's path by name, `job` among them; values may be empty. */
export type Grouping = readonly (readonly [name: string, value: string])[]

export interface GroupSeries {
  /** With the grouping's. */
  readonly labels: Labels
  readonly value: number
  /** Of native histograms, whose value is their count. The text format shows their classic form, which is beside them. */
  readonly histogram?: NativeHistogram
}

export interface GroupFamily {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  /** When it was pushed. */
  readonly atMs: number
  readonly series: readonly GroupSeries[]
}

export interface GroupContent {
  readonly project: ProjectId
  readonly grouping: Grouping
  /** Without the times of pushes. */
  readonly families: readonly GroupFamily[]
  /** Of the last good push; 0: none was. */
  readonly pushedAtMs: number
  /** Of the last refused push; 0: none was. */
  readonly failedAtMs: number
}

/** A group as it is exposed. Never changed: a push makes another. */
export interface PushedGroup extends GroupContent {
  readonly key: string
  /** With those of the times of pushes. */
  readonly exposed: readonly GroupFamily[]
  readonly seriesCount: number
}

export const pushTimeMetric = 'push_time_seconds'
export const failureTimeMetric = 'push_failure_time_seconds'

export function groupKey(project: ProjectId, grouping: Grouping): string {
  return JSON.stringify([project, ...grouping])
}

export function createGroup(content: GroupContent): PushedGroup {
  const { project, grouping, families, pushedAtMs, failedAtMs } = content
  const timeFamily = (name: string, outcome: string, atMs: number): GroupFamily => ({
    ...{ name, type: 'gauge', help: `Last Unix time when changing this group in the Pushgateway ${outcome}.`, atMs },
    series: [{ labels: withGrouping([metricNameLabel, name], grouping), value: atMs / 1000 }],
  })
  const exposed = [
    ...families,
    timeFamily(pushTimeMetric, 'succeeded', pushedAtMs),
    timeFamily(failureTimeMetric, 'failed', failedAtMs),
  ]
  const seriesCount = exposed.reduce((sum, { series }) => sum + series.length, 0)
  return { ...content, key: groupKey(project, grouping), exposed, seriesCount }
}

/** Series between two turns of the thread: about 4 ms. */
const sliceSeries = 512

/** What a push brings, with the labels of its path. Throws the signal's reason, and `ingest.too_many_series`. */
export async function groupFamilies(
  pushed: readonly PushedFamily[],
  { grouping, atMs, signal }: { readonly grouping: Grouping; readonly atMs: number; readonly signal: AbortSignal },
): Promise<readonly GroupFamily[]> {
  checkGroupSize(pushed.reduce((sum, { samples }) => sum + samples.length, 0))
  const families: GroupFamily[] = []
  let left = sliceSeries
  for (const { samples, ...family } of pushed) {
    const series: GroupSeries[] = []
    families.push({ ...family, atMs, series })
    for (const { flat, ...valued } of samples) {
      series.push({ labels: withGrouping(flat, grouping), ...valued })
      if (--left > 0) continue
      await setImmediate()
      signal.throwIfAborted()
      left = sliceSeries
    }
  }
  return families
}

/** The path's labels stand above those of the body. */
function withGrouping(flat: readonly string[], grouping: Grouping): Labels {
  const labels = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) labels.set(flat[i], flat[i + 1])
  for (const [name, value] of grouping) labels.set(name, value)
  return Labels.from(labels)
}

const maxGroups = 10_000
const maxGroupSeries = 10_000
const maxSeries = 100_000

const fix = 'Push less, or delete groups that are not needed any more (DELETE to the path they were pushed to).'

function checkGroupSize(series: number): void {
  if (series > maxGroupSeries)
    throw new AppError('ingest.too_many_series', `the group has more than ${maxGroupSeries} series`, { fix })
}

/** All groups of this installation. */
export class GroupTable {
  readonly #groups = new Map<string, PushedGroup>()
  /** By project and name: the groups that have the family, by type. */
  readonly #types = new Map<string, Map<FamilyType, Set<string>>>()
  /** By project and labels: the group that has the series. */
  readonly #owners = new Map<string, string>()
  #series = 0

  get(key: string): PushedGroup | undefined {
    return this.#groups.get(key)
  }

  all(): readonly PushedGroup[] {
    return [...this.#groups.values()]
  }

  set(group: PushedGroup): void {
    this.delete(group.key)
    this.#groups.set(group.key, group)
    this.#series += group.seriesCount
    for (const { name, type, series } of group.exposed) {
      const byType = getOrAdd(this.#types, `${group.project} ${name}`, () => new Map<FamilyType, Set<string>>())
      getOrAdd(byType, type, () => new Set()).add(group.key)
      for (const { labels } of series) this.#owners.set(seriesKey(group, labels), group.key)
    }
  }

  delete(key: string): void {
    const group = this.#groups.get(key)
    if (group === undefined) return
    this.#groups.delete(key)
    this.#series -= group.seriesCount
    for (const { name, type, series } of group.exposed) {
      const id = `${group.project} ${name}`
      const byType = this.#types.get(id)
      byType?.get(type)?.delete(key)
      if (byType?.get(type)?.size === 0) byType.delete(type)
      if (byType?.size === 0) this.#types.delete(id)
      for (const { labels } of series) {
        const id = seriesKey(group, labels)
        if (this.#owners.get(id) === key) this.#owners.delete(id)
      }
    }
  }

  /** Throws `ingest.too_many_series` where the group, put in, would be one too many or too large. */
  checkRoom(group: PushedGroup): void {
    const before = this.#groups.get(group.key)
    checkGroupSize(group.seriesCount)
    if (before === undefined && this.#groups.size >= maxGroups)
      throw new AppError('ingest.too_many_series', `more than ${maxGroups} groups`, { fix })
    if (this.#series - (before?.seriesCount ?? 0) + group.seriesCount > maxSeries)
      throw new AppError('ingest.too_many_series', `more than ${maxSeries} pushed series`, { fix })
  }

  /** Why the group, put in, would not fit to itself and the others; undefined where it would. */
  inconsistency(group: PushedGroup): string | undefined {
    const own = new Map(group.exposed.map((family) => [family.name, family.type]))
    const seen = new Set<string>()
    for (const { name, type, series } of group.exposed) {
      const other = this.#otherType(group, name, type)
      if (other !== undefined) return `metric ${quoteValue(name)} is a ${type}, but a ${other} in another group`
      const collision = this.#collision(group, { name, type, own })
      if (collision !== undefined) return collision
      for (const { labels } of series) {
        const id = seriesKey(group, labels)
        const owner = this.#owners.get(id)
        if (seen.has(id)) return `${labels} comes twice with the same name and label values`
        if (owner !== undefined && owner !== group.key) return `${labels} is in another group already`
        seen.add(id)
      }
    }
    return undefined
  }

  #otherType({ project, key }: PushedGroup, name: string, type: FamilyType): FamilyType | undefined {
    for (const [other, keys] of this.#types.get(`${project} ${name}`) ?? [])
      if (other !== type && keys.size > (keys.has(key) ? 1 : 0)) return other
    return undefined
  }

  /** The type that the name has in the group or, without it, in the others. */
  #typeOf({ project, key }: PushedGroup, name: string, own: ReadonlyMap<string, FamilyType>): FamilyType | undefined {
    const type = own.get(name)
    if (type !== undefined) return type
    for (const [other, keys] of this.#types.get(`${project} ${name}`) ?? [])
      if (keys.size > (keys.has(key) ? 1 : 0)) return other
    return undefined
  }

  /** A histogram or summary brings series of other names, which no other metric may have. */
  #collision(
    group: PushedGroup,
    {
      name,
      type,
      own,
    }: { readonly name: string; readonly type: FamilyType; readonly own: ReadonlyMap<string, FamilyType> },
  ): string | undefined {
    const suffix = /_(?:count|sum|bucket)$/.exec(name)?.[0]
    if (suffix !== undefined) {
      const base = name.slice(0, -suffix.length)
      const baseType = this.#typeOf(group, base, own)
      if (baseType !== undefined && suffixesOf(baseType).includes(suffix))
        return `metric ${quoteValue(name)} collides with the ${baseType} ${quoteValue(base)}`
    }
    for (const taken of suffixesOf(type))
      if (this.#typeOf(group, name + taken, own) !== undefined)
        return `${type} ${quoteValue(name)} collides with the metric ${quoteValue(name + taken)}`
    return undefined
  }
}

function suffixesOf(type: FamilyType): readonly string[] {
  if (type === 'histogram') return ['_count', '_sum', '_bucket']
  return type === 'summary' ? ['_count', '_sum'] : []
}

function seriesKey({ project }: PushedGroup, labels: Labels): string {
  return `${project} ${labels.key()}`
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
