// Redaction before storage: one for every receiver of every signal. A line is scanned as bytes; only what may hold a secret is taken apart, and in
// a record only the texts that may.
import { AppError } from '@tidewatch/core/error.ts'
import { type AttributeValue, type LogRecord, logIdentityFields } from '@tidewatch/core/log-record.ts'
import { cardEnd } from './cards.ts'
import { type CustomPattern, compileCustom, customSpans } from './custom.ts'
import {
  type Finding,
  isKeyKind,
  type Redacted,
  type RedactedRecord,
  type Redactor,
  type RedactorOptions,
} from './kinds.ts'
import { kindOf, type NameLookup, namedSpans } from './named-values.ts'
import { isHarmless, meaningOf, type NameMeaning, squash } from './names.ts'
import { type Needle, usualNeedles } from './needles.ts'
import { createScan, type Scan } from './scan.ts'
import { findSeedPhrases } from './seed-phrase.ts'
import { keySpans, shapeSpans } from './shapes.ts'
import { cutOut, mark, mergeSpans, type Span } from './spans.ts'

/** What `text` and `record` work with. */
interface Rules {
  readonly scan: Scan
  readonly tells: RegExp
  readonly lookup: NameLookup
  readonly off: ReadonlySet<string>
  readonly custom: readonly CustomPattern[]
}

const nothing: readonly Finding[] = []
const encoder = new TextEncoder()
// a mark of byte order within a text is a letter like others
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const customMeaning: NameMeaning = { kind: 'custom', holdsKey: false, onlyKey: false, maybeCoin: false }

/** Throws an AppError for an expression that RE2 does not take, and for names and texts that are too short to look for. */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const custom = (options.patterns ?? []).map(compileCustom)
  const fields = (options.fields ?? []).map(ownField)
  const rules: Rules = {
    scan: createScan(extraNeedles(fields, options)),
    tells: tellsOf(fields),
    lookup: lookupOf(fields, new Set((options.allow ?? []).map(squash))),
    off: new Set(options.off ?? []),
    custom,
  }
  const readsAll = custom.some(({ contains }) => contains.length === 0)
  return {
    mayHold: readsAll ? () => true : rules.scan,
    hidesName: (name) => rules.lookup(name) !== undefined,
    text: (value, field = '') => redactText(rules, value, { field, name: field }, readsAll),
    record: (record) => redactRecord(rules, record, readsAll),
  }
}

/** A name of the options: how it is compared, and the letters by which it is found in a line. */
interface OwnField {
  readonly squashed: string
  readonly needle: string
}

function ownField(field: string): OwnField {
  const squashed = squash(field)
  const words = field
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[_\- .]+/)
  const longest = words.toSorted((a, b) => b.length - a.length)[0] ?? ''
  if (longest.length >= 3 && /^[a-z0-9.]+$/.test(squashed)) return { squashed, needle: longest.slice(0, 4) }
  throw new AppError(
    'config.invalid',
    `redaction: "${field.slice(0, 60)}" cannot be looked for as the name of a field`,
    {
      fix: 'Write a name with a word of three letters or digits (a-z, 0-9) or more; _, - and blanks between words are ignored.',
    },
  )
}

function extraNeedles(fields: readonly OwnField[], options: RedactorOptions): readonly Needle[] {
  const byText = new Map<string, Needle>()
  for (const { needle } of fields) {
    const usual = usualNeedles.find(({ text }) => text === needle)?.check ?? 'name'
    const check = usual === 'name_or_hex' ? usual : /name|key/.test(usual) ? 'name' : 'always'
    byText.set(needle, { text: needle, check })
  }
  for (const text of (options.patterns ?? []).flatMap(({ contains }) => contains ?? [])) {
    byText.set(text.toLowerCase(), { text: text.toLowerCase(), check: 'always' })
  }
  return [...byText.values()]
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function tellsOf(fields: readonly OwnField[]): RegExp {
  const usual = usualNeedles.filter(({ check }) => /name|key/.test(check)).map(({ text }) => text)
  const words = [...usual, ...fields.map(({ needle }) => needle)].toSorted((a, b) => b.length - a.length)
  return new RegExp(words.map(escapePattern).join('|'), 'gi')
}

function lookupOf(fields: readonly OwnField[], allowed: ReadonlySet<string>): NameLookup {
  const own = new Map(fields.map(({ squashed, needle }) => [squashed, needle]))
  return (name) => {
    const whole = squash(name)
    const last = whole.slice(whole.lastIndexOf('.') + 1)
    if (allowed.has(whole) || allowed.has(last)) return undefined
    const needle = own.get(last) ?? own.get(whole)
    return needle !== undefined && name.toLowerCase().includes(needle) ? customMeaning : meaningOf(name)
  }
}

/** The name that tells what a value is may be another than the one by which it is reported. */
interface Place {
  readonly field: string
  readonly name: string
}

function redactText(rules: Rules, value: string, place: Place, readsAll: boolean): Redacted {
  const meaning = place.name === '' ? undefined : rules.lookup(place.name)
  const bytes = encoder.encode(value)
  const mayHold = readsAll || rules.scan(bytes, 0, bytes.length)
  const whole = meaning === undefined ? undefined : wholeSpan(rules, value, meaning)
  if (!mayHold && whole === undefined) return { value, found: nothing }
  const spans = mayHold ? spansIn(rules, value, bytes) : []
  const merged = mergeSpans(whole === undefined ? spans : [...spans, whole])
  if (merged.length === 0) return { value, found: nothing }
  return { value: cutOut(value, merged), found: merged.map(({ kind }) => ({ kind, field: place.field })) }
}

/** A text under the name of something secret goes whole; `Bearer` may stay before it. */
function wholeSpan(rules: Rules, value: string, meaning: NameMeaning): Span | undefined {
  if (isHarmless(value, meaning)) return undefined
  const scheme = meaning.kind === 'authorization' ? /^(?:Bearer|Basic) +/i.exec(value) : null
  const start = scheme === null ? 0 : scheme[0].length
  const secret = value.slice(start)
  if (isHarmless(secret, meaning)) return undefined
  const kind = kindOf(secret, meaning)
  return rules.off.has(kind) ? undefined : { start, end: value.length, kind }
}

function spansIn(rules: Rules, value: string, bytes: Uint8Array): readonly Span[] {
  const spans = [
    ...shapeSpans(value),
    ...keySpans(value),
    ...namedSpans(value, rules.tells, rules.lookup),
    ...byteSpans(value, bytes),
    ...customSpans(value, rules.custom),
  ]
  return spans.filter(({ kind }) => !rules.off.has(kind))
}

/** Cards and phrases are looked for in bytes, as the scan does it. */
function byteSpans(value: string, bytes: Uint8Array): readonly Span[] {
  const at = placesIn(value, bytes)
  const spans: Span[] = findSeedPhrases(bytes, 0, bytes.length).map(({ start, end }) => {
    return { start: at(start), end: at(end), kind: 'seed_phrase' }
  })
  const bounds = { from: 0, to: bytes.length }
  for (let i = 0; i + 13 <= bytes.length; i++) {
    const isDigit = bytes[i] >= 48 && bytes[i] <= 57
    if (!isDigit || (i > 0 && bytes[i - 1] >= 48 && bytes[i - 1] <= 57)) continue
    const end = cardEnd(bytes, i, bounds)
    if (end === 0) continue
    spans.push({ start: at(i), end: at(end), kind: 'card_number' })
    i = end - 1
  }
  return spans
}

/** Where a byte is in the text. What is asked in ascending order is counted on from the place before, not from the start. */
function placesIn(value: string, bytes: Uint8Array): (byte: number) => number {
  if (bytes.length === value.length) return (byte) => byte
  let known = 0
  let place = 0
  return (byte) => {
    if (byte < known) [known, place] = [0, 0]
    place += decoder.decode(bytes.subarray(known, byte)).length
    known = byte
    return place
  }
}

function append(found: Finding[], more: readonly Finding[]): void {
  // a line may have more of them than a call takes arguments
  for (const one of more) found.push(one)
}

const textFields = ['body', 'severityText', ...logIdentityFields] as const

function redactRecord(rules: Rules, record: LogRecord, readsAll: boolean): RedactedRecord {
  const found: Finding[] = []
  const texts: Partial<Record<(typeof textFields)[number], string>> = {}
  for (const field of textFields) {
    if (record[field] === '') continue
    const result = redactText(rules, record[field], { field, name: '' }, readsAll)
    if (result.found.length === 0) continue
    append(found, result.found)
    texts[field] = result.value
  }
  const clean = (
    values: ReadonlyMap<string, AttributeValue>,
    under: string,
  ): Map<string, AttributeValue> | undefined => {
    let changed: Map<string, AttributeValue> | undefined
    for (const [name, value] of values) {
      const result = redactValue(rules, value, { field: `${under}.${name}`, name }, readsAll)
      if (result === undefined) continue
      append(found, result.found)
      changed ??= new Map(values)
      changed.set(name, result.value)
    }
    return changed
  }
  const attributes = clean(record.attributes, 'attributes')
  const resource = clean(record.resource, 'resource')
  if (found.length === 0) return { record, found: nothing }
  const resourceTexts =
    resource === undefined ? record.resource : new Map([...resource].map(([name, value]) => [name, String(value)]))
  return {
    record: { ...record, ...texts, attributes: attributes ?? record.attributes, resource: resourceTexts },
    found,
  }
}

interface RedactedValue {
  readonly value: AttributeValue
  readonly found: readonly Finding[]
}

/** Undefined where it stays as it is. */
function redactValue(rules: Rules, value: AttributeValue, place: Place, readsAll: boolean): RedactedValue | undefined {
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'string') return changedOnly(redactText(rules, value, place, readsAll))
  if (typeof value === 'number') return changedOnly(redactText(rules, String(value), place, readsAll))
  return redactArray(rules, value, place, readsAll)
}

const changedOnly = (result: Redacted): Redacted | undefined => (result.found.length === 0 ? undefined : result)

/** A phrase may stand in an array, word by word; then all of it goes. So does a key as a row of numbers. */
function redactArray(
  rules: Rules,
  values: Exclude<AttributeValue, string | number | boolean>,
  place: Place,
  readsAll: boolean,
): RedactedValue | undefined {
  const joined = encoder.encode(values.join(' '))
  if (findSeedPhrases(joined, 0, joined.length).length > 0) {
    return { value: mark('seed_phrase'), found: [{ kind: 'seed_phrase', field: place.field }] }
  }
  const isBytes = values.length >= 32 && values.every((item) => typeof item === 'number' && item >= 0 && item <= 255)
  if (isBytes && rules.lookup(place.name)?.holdsKey === true) {
    return { value: mark('private_key'), found: [{ kind: 'private_key', field: place.field }] }
  }
  const found: Finding[] = []
  const cleaned = values.map((item) => {
    if (typeof item === 'boolean') return item
    const result = redactText(rules, String(item), place, readsAll)
    if (result.found.length === 0) return item
    append(found, result.found)
    return result.value
  })
  return found.length === 0 ? undefined : { value: cleaned, found }
}

/** The findings that raise an alert. */
export const keyFindings = (found: readonly Finding[]): readonly Finding[] =>
  found.filter(({ kind }) => isKeyKind(kind))
