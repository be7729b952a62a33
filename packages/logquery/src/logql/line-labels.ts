// The labels of the line that a pipeline has in hand: those of its stream, those sent with it, and those that stages made.
import { Labels } from '@tidewatch/core/labels.ts'

export const errorLabel = '__error__'
export const errorDetailsLabel = '__error_details__'
const extractedSuffix = '_extracted'

export type PipelineError =
  | 'JSONParserErr'
  | 'LogfmtParserErr'
  | 'SampleExtractionErr'
  | 'LabelFilterErr'
  | 'TemplateFormatErr'

/** Labels that stages made of one line; a line of many thousand fields gets no more. */
const maxMade = 10_000

/** Reused from line to line. */
export class LineLabels {
  #stream = Labels.empty
  #streamNames: ReadonlySet<string> = new Set()
  /** What came with the line and what stages made, by which the stream's labels are hidden. */
  readonly #made = new Map<string, string>()
  readonly #metadata = new Map<string, string>()
  readonly #hidden = new Set<string>()
  /** What a name is called beside the stream's labels: looked up once a name and stream. */
  readonly #free = new Map<string, string>()
  readonly #wanted: ReadonlySet<string> | undefined
  /** The first error of the line and what it says; '' for none. */
  error: PipelineError | '' = ''
  errorDetails = ''

  /** `wanted`: only these labels are ever asked for, so parsers need not keep others; undefined: all are. */
  constructor(wanted?: ReadonlySet<string>) {
    this.#wanted = wanted
  }

  /** Begins with another line. */
  reset(stream: Labels, metadata: Labels): void {
    if (stream !== this.#stream) {
      this.#stream = stream
      const names = new Set<string>()
      for (let i = 0; i < stream.flat.length; i += 2) names.add(stream.flat[i])
      this.#streamNames = names
      this.#free.clear()
    }
    if (this.#made.size > 0) this.#made.clear()
    if (this.#metadata.size > 0) this.#metadata.clear()
    if (this.#hidden.size > 0) this.#hidden.clear()
    this.error = ''
    this.errorDetails = ''
    const { flat } = metadata
    for (let i = 0; i < flat.length; i += 2) this.#metadata.set(this.#freeName(flat[i]), flat[i + 1])
  }

  /** Keeps the first error of a line: later ones mostly follow from it. */
  fail(error: PipelineError, details: string): void {
    if (this.error !== '') return
    this.error = error
    this.errorDetails = details
  }

  /** The value, undefined where there is no such label. */
  get(name: string): string | undefined {
    const made = this.#made.get(name) ?? this.#metadata.get(name)
    if (made !== undefined) return made
    if (name === errorLabel) return this.error === '' ? undefined : this.error
    if (name === errorDetailsLabel) return this.errorDetails === '' ? undefined : this.errorDetails
    return this.#streamNames.has(name) && !this.#hidden.has(name) ? this.#stream.get(name) : undefined
  }

  /** A label that a parser found. One that the stream has gets `_extracted`; of several the first stays. */
  extract(name: string, value: string): void {
    const free = this.#freeName(name)
    if (this.#wanted !== undefined && !this.#wanted.has(free)) return
    if (this.#made.has(free) || this.#made.size >= maxMade) return
    if (this.#metadata.size > 0) this.#metadata.delete(free)
    this.#made.set(free, value)
  }

  /** As `extract`, where the query names the label: the latest stays. */
  extractNamed(name: string, value: string): void {
    this.set(this.#freeName(name), value)
  }

  /** Whether the stream has such a label: parsers do not overwrite it. */
  streamHas(name: string): boolean {
    return this.#streamNames.has(name)
  }

  /** Sets a label, whatever had that name before. */
  set(name: string, value: string): void {
    if (name === errorDetailsLabel) {
      this.errorDetails = value
      return
    }
    this.#metadata.delete(name)
    if (this.#streamNames.has(name)) this.#hidden.add(name)
    this.#made.set(name, value)
  }

  delete(name: string): void {
    if (name === errorLabel) this.error = ''
    else if (name === errorDetailsLabel) this.errorDetails = ''
    else {
      this.#made.delete(name)
      this.#metadata.delete(name)
      if (this.#streamNames.has(name)) this.#hidden.add(name)
    }
  }

  /** Calls with every label, in no certain order. The error's are left out. */
  forEach(visit: (name: string, value: string) => void): void {
    const { flat } = this.#stream
    for (let i = 0; i < flat.length; i += 2) if (!this.#hidden.has(flat[i])) visit(flat[i], flat[i + 1])
    for (const [name, value] of this.#metadata) visit(name, value)
    for (const [name, value] of this.#made) visit(name, value)
  }

  /** All of them, the error's included. */
  toMap(): Map<string, string> {
    const all = new Map<string, string>()
    this.forEach((name, value) => {
      all.set(name, value)
    })
    if (this.error !== '') all.set(errorLabel, this.error)
    if (this.errorDetails !== '') all.set(errorDetailsLabel, this.errorDetails)
    return all
  }

  toLabels(): Labels {
    const isStream = this.#made.size === 0 && this.#metadata.size === 0 && this.#hidden.size === 0
    return isStream && this.error === '' && this.errorDetails === '' ? this.#stream : Labels.from(this.toMap())
  }

  /** Where each label of the line is from, as Loki's clients may ask. Without the error's. */
  byOrigin(): LabelOrigins {
    const isWhole = this.#hidden.size === 0
    return {
      stream: isWhole ? this.#stream : this.#stream.without(this.#hidden),
      metadata: this.#metadata.size === 0 ? Labels.empty : Labels.from(this.#metadata),
      parsed: this.#made.size === 0 ? Labels.empty : Labels.from(this.#made),
    }
  }

  /** A text that is equal for lines of equal labels; lines of the same labels in another order may differ. */
  roughKey(): string {
    let key = this.#stream.key()
    for (const name of this.#hidden) key += `\u0001${name}`
    for (const [name, value] of this.#metadata) key += `\u0002${name}\u0000${value}`
    for (const [name, value] of this.#made) key += `\u0002${name}\u0000${value}`
    return key
  }

  #freeName(name: string): string {
    let free = this.#free.get(name)
    if (free === undefined) {
      free = this.#streamNames.has(name) ? name + extractedSuffix : name
      if (this.#free.size >= maxMade) this.#free.clear()
      this.#free.set(name, free)
    }
    return free
  }
}

export interface LabelOrigins {
  readonly stream: Labels
  /** What was sent beside the line (structured metadata). */
  readonly metadata: Labels
  readonly parsed: Labels
}

const cache = new Map<string, string>()
const maxCached = 10_000

/** A field's name as a label's: what no label may have becomes `_`, a digit in front gets one before it. '' for nothing but blanks. */
export function labelName(field: string): string {
  const known = cache.get(field)
  if (known !== undefined) return known
  const trimmed = field.trim()
  const first = trimmed.charCodeAt(0)
  const name = (first >= 48 && first <= 57 ? '_' : '') + trimmed.replace(/[^a-zA-Z0-9_]/gu, '_')
  if (cache.size >= maxCached) cache.clear()
  cache.set(field, name)
  return name
}
