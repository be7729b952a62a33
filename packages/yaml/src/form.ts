// Forms of values in a prometheus.yml: how one is read from YAML, what stands for none, and how it is printed.
// They take values as Go's YAML decoder does, since that decides what is a good file: text where a number would do,
// null for the zero of a type, merged mappings in their order.

import { nearest } from '@tidewatch/core/nearest.ts'
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import { type Complain, keyOf, keyText, type Path } from './place.ts'
import type { ReadContext } from './read-context.ts'
import { resolveScalar } from './resolve.ts'

/** A printed value: what the effective configuration has at its place. */
export type Printed =
  | { readonly kind: 'null' }
  | { readonly kind: 'text'; readonly text: string; readonly isFileName?: boolean }
  /** A number or truth value, written as it is. */
  | { readonly kind: 'word'; readonly text: string; readonly value: number | bigint | boolean }
  /** `shown` is what people see of it. */
  | { readonly kind: 'secret'; readonly text: string; readonly shown: string }
  | { readonly kind: 'list'; readonly items: readonly Printed[]; readonly flow: boolean }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Printed])[] }

export interface Form<T> {
  /** What null and nothing give. */
  zero(): T
  /** Undefined where it is wrong; the context has been told. */
  read(node: Node, path: Path, context: ReadContext): T | undefined
  /** Whether it is left out of the effective configuration. */
  isEmpty(value: T): boolean
  /** `whole`: with what is empty but has a meaning, which people are not shown. */
  print(value: T, whole?: boolean): Printed
}

export interface Field<T> {
  readonly form: Form<T>
  /** Undefined: the zero of the form. */
  readonly initial: (() => T) | undefined
  /** Printed though it is empty. */
  readonly always: boolean
  /** Handed on though it is empty: there emptiness is not the same as nothing. */
  readonly meaningful: boolean
}

interface FieldOptions<T> {
  readonly initial?: () => T
  readonly always?: boolean
  readonly meaningful?: boolean
}

export function field<T>(form: Form<T>, options: FieldOptions<T> = {}): Field<T> {
  return {
    form,
    initial: options.initial,
    always: options.always ?? false,
    meaningful: options.meaningful ?? false,
  }
}

export type Fields = Readonly<Record<string, Field<unknown>>>
export type Values<F extends Fields> = { -readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

export interface StructOptions<F extends Fields> {
  readonly check?: (values: Values<F>, complain: Complain) => void
  /** Keys that are known and refused, with what to say of them. */
  readonly refused?: ReadonlyMap<string, string>
  /** Such keys are passed over and noted in place of refused. */
  readonly passesOver?: boolean
}

/** A mapping with known keys. */
export class StructForm<F extends Fields> implements Form<Values<F>> {
  readonly fields: F
  readonly #options: StructOptions<F>

  constructor(fields: F, options: StructOptions<F> = {}) {
    this.fields = fields
    this.#options = options
  }

  zero(): Values<F> {
    return this.#fill((one) => one.form.zero())
  }

  initial(): Values<F> {
    return this.#fill((one) => one.initial?.() ?? one.form.zero())
  }

  #fill(make: (one: Field<unknown>) => unknown): Values<F> {
    const entries = Object.entries(this.fields).map(([key, one]) => [key, make(one)])
    return Object.fromEntries(entries) as Values<F>
  }

  read(node: Node, path: Path, context: ReadContext): Values<F> | undefined {
    if (!isMap(node)) {
      context.wrongType(node, path, 'a mapping')
      return undefined
    }
    const values = this.initial()
    const keys = new Map<string, Node>()
    const before = context.problems.length
    this.#readInto(values as Record<string, unknown>, node, path, context, keys)
    context.remember(values, { node, path, keys })
    if (context.problems.length > before) return undefined
    this.#options.check?.(values, context.complainAbout(values))
    return context.problems.length > before ? undefined : values
  }

  #readInto(
    values: Record<string, unknown>,
    map: YAMLMap,
    path: Path,
    context: ReadContext,
    keys: Map<string, Node>,
  ): void {
    const seen = new Set<string>()
    for (const { key: keyNode, value } of map.items) {
      if (!isScalar(keyNode)) {
        context.problem(map, path, 'a key must be plain text.')
        continue
      }
      const key = keyText(keyNode)
      if (isMerge(keyNode)) {
        for (const merged of context.merged(value as Node | null, path))
          context.nested(map, path, () => this.#readInto(values, merged, path, context, keys))
        continue
      }
      keys.set(key, keyNode)
      if (!Object.hasOwn(this.fields, key)) this.#unknown(key, keyNode, [...path, key], context)
      else if (seen.has(key)) context.problem(keyNode, [...path, key], 'this key is given twice.', 'Keep one of them.')
      else {
        const form = (this.fields[key] as Field<unknown>).form
        const read = readNode(form, value as Node | null, [...path, key], context)
        if (read !== undefined) values[key] = read.value
      }
      seen.add(key)
    }
  }

  #unknown(key: string, node: Node, path: Path, context: ReadContext): void {
    const refused = this.#options.refused
    const reason = refused?.get(key)
    if (reason !== undefined && this.#options.passesOver === true) {
      context.passedOver.push(keyOf(path))
      return
    }
    if (reason !== undefined) {
      context.problem(node, path, 'this is not supported here.', reason)
      return
    }
    const known = Object.keys(this.fields)
    const meant = nearest(key, known)
    context.problem(
      node,
      path,
      'there is no such key.',
      meant === undefined ? `Allowed: ${known.join(', ')}.` : `Did you mean ${meant}?`,
    )
  }

  isEmpty(values: Values<F>): boolean {
    return Object.entries(this.fields).every(([key, one]) => one.form.isEmpty((values as Record<string, unknown>)[key]))
  }

  print(values: Values<F>, whole = false): Printed {
    const entries: [string, Printed][] = []
    for (const [key, one] of Object.entries(this.fields)) {
      const value = (values as Record<string, unknown>)[key]
      const isShown = one.always || (whole && one.meaningful) || !one.form.isEmpty(value)
      if (isShown) entries.push([key, one.form.print(value, whole)])
    }
    return { kind: 'map', entries }
  }
}

/** Reads through aliases; null gives the zero. Undefined where it is wrong. */
export function readNode<T>(
  form: Form<T>,
  node: Node | null | undefined,
  path: Path,
  context: ReadContext,
): { readonly value: T } | undefined {
  const target = context.follow(node, path)
  if (target === null || isNull(target)) return { value: form.zero() }
  const value = form.read(target, path, context)
  return value === undefined ? undefined : { value }
}

/** Absent until it is written. */
export function optional<T>(form: Form<T>): Form<T | undefined> {
  return {
    zero: () => undefined,
    read: (node, path, context) => form.read(node, path, context),
    isEmpty: (value) => value === undefined,
    print: (value, whole) => (value === undefined ? { kind: 'null' } : form.print(value, whole)),
  }
}

interface ListOptions {
  readonly flow?: boolean
  /** What to say of an item that is null; without it null gives the zero of the item. */
  readonly nullItem?: string
}

/** Undefined is no list; an empty list is a list. */
export function list<T>(form: Form<T>, options: ListOptions = {}): Form<T[] | undefined> {
  return {
    zero: () => undefined,
    read(node, path, context) {
      if (!isSeq(node)) {
        context.wrongType(node, path, 'a list')
        return undefined
      }
      const before = context.problems.length
      const items: T[] = []
      for (const [i, raw] of (node.items as (Node | null)[]).entries()) {
        const target = context.follow(raw, [...path, i])
        if (options.nullItem !== undefined && (target === null || isNull(target))) {
          context.problem(target ?? node, [...path, i], options.nullItem, 'Fill it in, or take it out.')
          continue
        }
        const read = readNode(form, target, [...path, i], context)
        if (read !== undefined) items.push(read.value)
      }
      return context.problems.length > before ? undefined : items
    },
    isEmpty: (value) => value === undefined || value.length === 0,
    print: (value, whole) => ({
      kind: 'list',
      items: (value ?? []).map((item) => form.print(item, whole)),
      flow: options.flow ?? false,
    }),
  }
}

/** A mapping with any keys, printed in the order in which Go prints them. */
export function record<T>(
  form: Form<T>,
  checkKey: (key: string) => string | undefined = () => undefined,
): Form<Map<string, T> | undefined> {
  return {
    zero: () => undefined,
    read(node, path, context) {
      if (!isMap(node)) {
        context.wrongType(node, path, 'a mapping')
        return undefined
      }
      const before = context.problems.length
      const values = new Map<string, T>()
      readEntries(node, path, context, (key, keyNode, value) => {
        const fault = checkKey(key)
        if (fault !== undefined) context.problem(keyNode, [...path, key], fault)
        const read = readNode(form, value, [...path, key], context)
        if (read !== undefined) values.set(key, read.value)
      })
      return context.problems.length > before ? undefined : values
    },
    isEmpty: (value) => value === undefined || value.size === 0,
    print: (value, whole) => ({
      kind: 'map',
      entries: [...(value ?? [])]
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([key, item]) => [key, form.print(item, whole)] as const),
    }),
  }
}

function readEntries(
  map: YAMLMap,
  path: Path,
  context: ReadContext,
  take: (key: string, keyNode: Scalar, value: Node | null) => void,
): void {
  const seen = new Set<string>()
  for (const { key: rawKey, value } of map.items) {
    const keyNode = context.follow(rawKey as Node | null, path)
    if (!isScalar(keyNode)) {
      context.problem(map, path, 'a key must be plain text.')
      continue
    }
    if (isMerge(keyNode)) {
      for (const merged of context.merged(value as Node | null, path))
        context.nested(map, path, () => readEntries(merged, path, context, take))
      continue
    }
    const key = keyText(keyNode)
    if (seen.has(key)) context.problem(keyNode, [...path, key], 'this key is given twice.', 'Keep one of them.')
    seen.add(key)
    take(key, keyNode, value as Node | null)
  }
}

const isMerge = (key: Scalar): boolean => key.source === '<<' && (key.type === undefined || key.type === 'PLAIN')
const isNull = (node: Node): boolean => isScalar(node) && resolveScalar(node).kind === 'null'

/** Runs of digits by their number, letters after what is no letter, as Go's YAML writer sorts keys. */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [x, y] = [left[i] as string, right[i] as string]
    if (x === y) continue
    const [letterX, letterY] = [/\p{L}/u.test(x), /\p{L}/u.test(y)]
    if (letterX !== letterY) return letterX ? 1 : -1
    const [runX, runY] = [digitsAt(left, i), digitsAt(right, i)]
    if (runX !== '' && runY !== '' && Number(runX) !== Number(runY)) return Number(runX) - Number(runY)
    return x < y ? -1 : 1
  }
  return left.length - right.length
}

function digitsAt(text: readonly string[], from: number): string {
  let end = from
  while (end < text.length && /\d/.test(text[end] as string)) end++
  return text.slice(from, end).join('')
}
