// YAML with positions, checked by a schema: every problem names file, line, key, what was found and what is allowed.
import { type Problem, quoteValue } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import { firstDocument, readTolerantly, syntaxProblem, textFaults } from '@tidewatch/yaml/documents.ts'
import { resolveScalar } from '@tidewatch/yaml/resolve.ts'
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  type LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import type { z } from 'zod'
import { type ConfigFile, type Parsed, PlainScalar } from './port.ts'

/** Aliases are expanded at most so often in a file: more is a bomb, not a configuration. */
const maxAliases = 100

/**
 * Reads one YAML document by a schema. An empty file counts as an empty mapping, as Prometheus takes it.
 * With `values` the schema is given those instead, and what it finds wrong in them is shown at their place in the file.
 */
export function readYaml<T>(file: ConfigFile, schema: z.ZodType<T>, values?: unknown): Parsed<T> {
  return values === undefined ? readText(file, schema) : check(values, schema, { file, ...firstDocument(file.text) })
}

/** On which line of a file a key stands, from 1; undefined where it is not written there itself. */
export function lineOfKey({ text }: Pick<ConfigFile, 'text'>, path: readonly string[]): number | undefined {
  const { document, lines } = firstDocument(text)
  let target: Node | null | undefined = document.contents
  let key: Node | undefined
  for (const part of path) {
    const next = child(target, part)
    if (next.key === undefined) return undefined
    key = next.key
    target = next.value
  }
  return key?.range == null ? undefined : lines.linePos(key.range[0]).line
}

/** The same for files in which a key decides whether `1.10` is a number or text: numbers, booleans and times come to the schema as `PlainScalar`. */
export function readWrittenYaml<T>(file: ConfigFile, schema: z.ZodType<T>): Parsed<T> {
  return readText(file, schema, (document) => visit(document, { Scalar: (place, scalar) => keepText(place, scalar) }))
}

function readText<T>(file: ConfigFile, schema: z.ZodType<T>, prepare?: (document: Document) => void): Parsed<T> {
  const source = readTolerantly(file.text, (text, lineCounter) =>
    parseDocument(text, { lineCounter, uniqueKeys: true, version: '1.1', merge: true, logLevel: 'error' }),
  )
  const { document, lines } = source
  if (document.errors.length > 0) {
    return {
      ok: false,
      problems: document.errors.map((error) => syntaxProblem(file, lines, error.message, error.pos[0])),
    }
  }
  const faults = textFaults(source)
  if (faults.length > 0)
    return { ok: false, problems: faults.map(({ message, offset }) => syntaxProblem(file, lines, message, offset)) }
  prepare?.(document)
  let raw: unknown
  try {
    raw = document.toJS({ maxAliasCount: maxAliases }) ?? {}
  } catch (error) {
    return { ok: false, problems: [syntaxProblem(file, lines, (error as Error).message, 0)] }
  }
  return check(raw, schema, { file, document, lines })
}

function check<T>(
  raw: unknown,
  schema: z.ZodType<T>,
  source: { readonly file: ConfigFile; readonly document: Document; readonly lines: LineCounter },
): Parsed<T> {
  const result = schema.safeParse(raw)
  if (result.success) return { ok: true, value: result.data }
  return {
    ok: false,
    problems: result.error.issues.flatMap((issue) => issueProblems(issue, { ...source, raw, schema })),
  }
}

/** A number, a truth value or text, as Go's decoder has it; of a key the text is all that counts. */
function keepText(place: number | 'key' | 'value' | null, scalar: Scalar): void {
  const { value, source } = scalar
  if (value instanceof Uint8Array) scalar.value = new TextDecoder().decode(value)
  const resolved = resolveScalar(scalar)
  const isMore = resolved.kind === 'int' || resolved.kind === 'float' || resolved.kind === 'bool'
  if (source === undefined || (typeof value === 'string' && !isMore)) return
  if (place !== 'key' && isMore) {
    const plain = typeof resolved.value === 'bigint' ? Number(resolved.value) : resolved.value
    scalar.value = new PlainScalar(source, plain)
  } else if (place === 'key' || resolved.kind === 'text') scalar.value = source
}

interface Source {
  readonly file: ConfigFile
  readonly document: Document
  readonly lines: LineCounter
  readonly raw: unknown
  readonly schema: z.ZodType
}

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

function issueProblems(issue: Issue, source: Source): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key], key, issue, source))
  }
  if (issue.code === 'invalid_union') {
    // the branch that got furthest is the one that was meant
    const branches = issue.errors.filter((branch) => branch.length > 0)
    const best = branches.sort((a, b) => deepest(b) - deepest(a))[0]
    if (best !== undefined && deepest(best) > 0) {
      return best.flatMap((inner) => issueProblems({ ...inner, path: [...issue.path, ...inner.path] }, source))
    }
  }
  const { where, found: at } = place(issue.path, source, 'value', offsetOf(issue))
  const found = at instanceof PlainScalar ? at.text : at
  const isHidden = issue.code === 'custom' && issue.params?.hidesValue === true
  const shown = found === undefined || isHidden ? '' : `${quoteValue(found)}: `
  return [{ message: `${shown}${issue.message}`, where }]
}

/** Where in a text the fault is, for texts that have a grammar of their own. */
function offsetOf(issue: Issue): number {
  const offset: unknown = issue.code === 'custom' ? issue.params?.offset : undefined
  return typeof offset === 'number' ? offset : 0
}

const deepest = (branch: readonly Issue[]): number => Math.max(...branch.map((issue) => issue.path.length))

function unknownKey(path: Path, key: string, issue: Issue, source: Source): Problem {
  const { where } = place(path, source, 'key')
  const allowed = allowedKeys(source.schema, issue.path)
  const meant = nearest(key, allowed)
  const fix = meant === undefined ? listOf(allowed) : `Did you mean ${meant}?`
  return { message: 'there is no such key.', where, ...(fix === undefined ? {} : { fix }) }
}

const listOf = (keys: readonly string[]): string | undefined =>
  keys.length === 0 ? undefined : `Allowed: ${keys.join(', ')}.`

/** The keys of the object schema at a path, as far as the schema can be followed. */
function allowedKeys(schema: z.ZodType, path: Path): string[] {
  let current: unknown = schema
  for (const part of [...path, undefined]) {
    const def = unwrap(current)
    if (part === undefined) return isObjectDef(def) ? Object.keys(def.shape) : []
    if (isObjectDef(def)) current = def.shape[String(part)]
    else
      current =
        (def as { element?: unknown; valueType?: unknown } | undefined)?.element ??
        (def as { valueType?: unknown } | undefined)?.valueType
  }
  return []
}

function isObjectDef(def: unknown): def is { readonly shape: Record<string, unknown> } {
  return typeof def === 'object' && def !== null && 'shape' in def
}

type Definition = Readonly<Record<string, unknown>>

/** Looks through optional, default, transform, preprocess and the like to what a person wrote. */
function unwrap(schema: unknown): unknown {
  let def = definitionOf(schema)
  while (def !== undefined && !('shape' in def) && !('element' in def)) {
    // preprocess: what is read comes out of it; transform: what is read goes into it
    const piped = definitionOf(def.in)?.type === 'transform' ? def.out : def.in
    const inner = definitionOf(def.innerType ?? piped)
    if (inner === undefined) break
    def = inner
  }
  return def
}

const definitionOf = (schema: unknown): Definition | undefined =>
  (schema as { readonly def?: Definition } | undefined)?.def

function place(
  path: Path,
  source: Source,
  what: 'key' | 'value' = 'value',
  within = 0,
): { where: Problem['where']; found: unknown } {
  let node: Node | undefined
  let found = source.raw
  let target: Node | null | undefined = source.document.contents
  for (const part of path) {
    found = (found as Record<PropertyKey, unknown> | undefined)?.[part]
    const next: { key?: Node; value?: Node } = child(target, part)
    node = (what === 'key' ? next.key : next.value) ?? next.key ?? node
    target = next.value
  }
  const offset = node?.range?.[0] ?? target?.range?.[0] ?? 0
  const { line, col } = source.lines.linePos(offset + shiftWithin(node, within))
  const key = path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('')
  return { where: { file: source.file.name, line, column: col, ...(key === '' ? {} : { key }) }, found }
}

/** Only in what stands on one line as it is meant: folded and escaped texts have other offsets. */
function shiftWithin(node: Node | undefined, within: number): number {
  if (within === 0 || !isScalar(node) || node.source === undefined || node.range == null) return 0
  const [start, end] = node.range
  const quotes = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0
  return end - start === node.source.length + 2 * quotes ? within + quotes : 0
}

function child(parent: Node | null | undefined, part: PropertyKey): { key?: Node; value?: Node } {
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
    )
    if (pair === undefined) return {}
    return { ...(isNode(pair.key) ? { key: pair.key } : {}), ...(isNode(pair.value) ? { value: pair.value } : {}) }
  }
  if (parent !== null && typeof parent === 'object' && 'items' in parent) {
    const item = (parent.items as unknown[])[Number(part)]
    return isNode(item) ? { value: item } : {}
  }
  return {}
}
