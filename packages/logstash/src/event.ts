// One event on its way through a pipeline. Hot: every method is called several times per event.
import type { Delivery } from './delivery.ts'
import { type FieldPath, fieldPath } from './field-path.ts'
import { cloneValue, getKey, isMap, setKey, Timestamp, type Value, type ValueMap } from './values.ts'

/** A list grows by at most this many empty places when one behind its end is set. */
const maxPadding = 1000

/** A value cannot stand where it is to be set: its parent is a text, a number or the like. */
export class FieldError extends Error {}

const tagsPath = fieldPath('tags')

export class LogEvent {
  data: ValueMap
  metadata: ValueMap
  /** Set by drop; it goes no further. */
  isCancelled = false
  /** Outputs that it has come to. */
  readonly deliveries: Delivery[] = []

  constructor(data: ValueMap, metadata: ValueMap = {}) {
    this.data = data
    this.metadata = metadata
  }

  get(path: FieldPath): Value | undefined {
    const keys = path.keys
    if (keys.length === 1 && !path.isMetadata) return getKey(this.data, keys[0] as string)
    let value: Value | undefined = path.isMetadata ? this.metadata : this.data
    for (const key of keys) {
      value = childOf(value, key)
      if (value === undefined) return undefined
    }
    return value
  }

  has(path: FieldPath): boolean {
    return this.get(path) !== undefined
  }

  /** Makes the maps on the way. Throws FieldError where something else stands in it. */
  set(path: FieldPath, value: Value): void {
    const { keys } = path
    let parent: Value = path.isMetadata ? this.metadata : this.data
    if (keys.length === 0) {
      if (!isMap(value)) throw new FieldError('[@metadata] can only be a map')
      this.metadata = value
      return
    }
    for (let i = 0; i < keys.length - 1; i++) {
      const key = keys[i] as string
      let next = childOf(parent, key)
      if (next === undefined || next === null) {
        next = {}
        setChild(parent, key, next, path)
      }
      parent = next
    }
    setChild(parent, keys[keys.length - 1] as string, value, path)
  }

  /** What was there. */
  remove(path: FieldPath): Value | undefined {
    const { keys } = path
    if (keys.length === 0) {
      const former = this.metadata
      this.metadata = {}
      return former
    }
    let parent: Value | undefined = path.isMetadata ? this.metadata : this.data
    for (let i = 0; i < keys.length - 1; i++) parent = childOf(parent, keys[i] as string)
    const key = keys[keys.length - 1] as string
    const former = childOf(parent, key)
    if (former === undefined) return undefined
    if (Array.isArray(parent)) parent.splice(indexIn(parent, key) as number, 1)
    else if (isMap(parent)) delete parent[key]
    return former
  }

  tag(name: string): void {
    const tags = this.get(tagsPath)
    if (Array.isArray(tags)) {
      if (!tags.includes(name)) tags.push(name)
    } else if (tags === undefined || tags === null) this.set(tagsPath, [name])
    else if (tags !== name) this.set(tagsPath, [tags, name])
  }

  untag(name: string): void {
    const tags = this.get(tagsPath)
    if (Array.isArray(tags)) {
      const kept = tags.filter((tag) => tag !== name)
      if (kept.length !== tags.length) this.set(tagsPath, kept)
    } else if (tags === name) this.remove(tagsPath)
  }

  get timestamp(): Timestamp | undefined {
    const value = getKey(this.data, '@timestamp')
    return value instanceof Timestamp ? value : undefined
  }

  clone(): LogEvent {
    const copy = new LogEvent(copyMap(this.data), copyMap(this.metadata))
    copy.deliveries.push(...this.deliveries)
    return copy
  }
}

function copyMap(map: ValueMap): ValueMap {
  const copy: ValueMap = {}
  for (const key of Object.keys(map)) setKey(copy, key, cloneValue(map[key] as Value))
  return copy
}

function childOf(parent: Value | undefined, key: string): Value | undefined {
  if (Array.isArray(parent)) {
    const index = indexIn(parent, key)
    return index === undefined ? undefined : parent[index]
  }
  return isMap(parent) ? getKey(parent, key) : undefined
}

/** Also from the end: -1 is the last. */
function indexIn(list: readonly Value[], key: string): number | undefined {
  if (!/^-?\d{1,9}$/.test(key)) return undefined
  const index = Number(key)
  return index < 0 ? (list.length + index >= 0 ? list.length + index : undefined) : index
}

function setChild(parent: Value, key: string, value: Value, path: FieldPath): void {
  if (Array.isArray(parent)) {
    const index = indexIn(parent, key)
    if (index === undefined || index > parent.length + maxPadding)
      throw new FieldError(`${path.text}: ${key} is no place in a list of ${parent.length}`)
    while (parent.length < index) parent.push(null)
    parent[index] = value
  } else if (isMap(parent)) setKey(parent, key, value)
  else throw new FieldError(`${path.text}: what it is to be put into is no map`)
}
