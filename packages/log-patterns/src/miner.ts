// Similar lines folded into templates, as Drain does it (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", 2017): by the number of
// tokens, by the first of them, then the most similar template. The same lines in the same order make the same templates. Called per line;
// bench/src/log-patterns.ts.
import { MinuteCounts } from './minute-counts.ts'
import { type Pattern, type PatternSummary, printPattern, severityClassOf } from './pattern.ts'
import { Tokens, variable } from './tokens.ts'

export interface MinerOptions {
  /** Templates that are kept; the longest unseen make room. */
  readonly maxPatterns?: number
  /** Tokens of a line that are compared; the rest counts as one that changes. */
  readonly maxTokens?: number
  /** Share of equal tokens, 0 to 1, from which on a line belongs to a template. */
  readonly similarity?: number
  /** Minutes for which counts are kept by template. */
  readonly maxMinutes?: number
}

export interface PatternMiner {
  /** `severity` as OpenTelemetry counts it, 0 to 24. Answers the template's number, which stays as long as the template is kept. */
  add(body: string, severity: number, timeMs: number): number
  /** Counts a template of another miner as its lines. */
  addPattern(pattern: Pattern): void
  /** Whether a line belongs to a template: every word that does not change is the line's. */
  matches(id: number, body: string): boolean
  /** What lines of a template have in common; undefined where it had to make room. */
  template(id: number): Pick<Pattern, 'words' | 'gaps'> | undefined
  summary(): PatternSummary
  readonly size: number
}

interface Template {
  readonly id: number
  readonly leaf: number
  /** A hash a token, `variable` where lines differ. */
  readonly ids: Int32Array
  readonly words: (string | undefined)[]
  readonly gaps: readonly string[]
  readonly counts: MinuteCounts
  /** Number of the last line that belonged here. */
  lastUse: number
}

/** Distinct first words of lines with the same number of tokens; more share one leaf. */
const maxLeavesOfLength = 100
/** Templates that a line is compared with; a full leaf takes the most similar, however little that is. */
const maxTemplatesOfLeaf = 48
/** Lines whose template is remembered by their hash. */
const maxRemembered = 16384
/** Longest text between two words, or of a word, that a template keeps. */
const maxPieceLength = 200
/** First tokens that choose the leaf. */
const leafTokens = 2

export function createPatternMiner(options: MinerOptions = {}): PatternMiner {
  return new Miner(options)
}

class Miner implements PatternMiner {
  readonly #maxPatterns: number
  readonly #similarity: number
  readonly #maxMinutes: number
  readonly #tokens: Tokens
  readonly #templates = new Map<number, Template>()
  readonly #leaves = new Map<number, Template[]>()
  readonly #leavesOfLength = new Map<number, number>()
  readonly #remembered = new Map<number, Template>()
  #nextId = 1
  #lines = 0
  #otherCount = 0

  constructor({ maxPatterns = 1000, maxTokens = 64, similarity = 0.5, maxMinutes = 180 }: MinerOptions) {
    this.#maxPatterns = Math.max(1, Math.floor(maxPatterns))
    this.#similarity = similarity
    this.#maxMinutes = Math.max(1, Math.floor(maxMinutes))
    this.#tokens = new Tokens(Math.max(2, Math.floor(maxTokens)))
  }

  get size(): number {
    return this.#templates.size
  }

  add(body: string, severity: number, timeMs: number): number {
    this.#tokens.read(body)
    const template = this.#templateOf(body)
    template.counts.add(severityClassOf(severity), timeMs, 1)
    return template.id
  }

  addPattern(pattern: Pattern): void {
    // its text is a line of which what changes is a number
    const text = printPattern(pattern, '0')
    this.#tokens.read(text)
    this.#templateOf(text).counts.merge(pattern)
  }

  matches(id: number, body: string): boolean {
    const template = this.#templates.get(id)
    if (template === undefined) return false
    this.#tokens.read(body)
    return template.ids.length === this.#tokens.count && this.#equalTokens(template, true) === this.#tokens.count
  }

  template(id: number): Pick<Pattern, 'words' | 'gaps'> | undefined {
    const template = this.#templates.get(id)
    return template === undefined ? undefined : { words: [...template.words], gaps: template.gaps }
  }

  summary(): PatternSummary {
    const patterns = [...this.#templates.values()].map(
      ({ words, gaps, counts }): Pattern => ({ words: [...words], gaps, ...counts.snapshot() }),
    )
    return { patterns: patterns.sort((a, b) => b.count - a.count), otherCount: this.#otherCount }
  }

  #templateOf(body: string): Template {
    this.#lines++
    const { hash, count } = this.#tokens
    const known = this.#remembered.get(hash)
    if (known !== undefined && known.ids.length === count && this.#equalTokens(known, true) === count) {
      known.lastUse = this.#lines
      return known
    }
    const leaf = this.#leafOf()
    const template = this.#mostSimilar(leaf) ?? this.#create(leaf, body)
    template.lastUse = this.#lines
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear()
    this.#remembered.set(hash, template)
    return template
  }

  /** Number of tokens that are equal; with `wild`, those that change in the template are equal to any. */
  #equalTokens(template: Template, wild: boolean): number {
    const ours = template.ids
    const { ids, count } = this.#tokens
    let equal = 0
    for (let i = 0; i < count; i++) if (ours[i] === ids[i] || (wild && ours[i] === variable)) equal++
    return equal
  }

  #leafOf(): number {
    const { ids, count } = this.#tokens
    let key = count
    for (let i = 0; i < Math.min(count, leafTokens); i++) key = Math.imul(key ^ ids[i], 0x01000193) ^ (key >>> 15)
    // one key for each length is for what finds no room
    if (this.#leaves.has(key)) return key
    const leaves = this.#leavesOfLength.get(count) ?? 0
    if (leaves >= maxLeavesOfLength) return -1 - count
    return key
  }

  /** The template with most equal tokens; what differs then changes. */
  #mostSimilar(leaf: number): Template | undefined {
    const templates = this.#leaves.get(leaf) ?? []
    const { ids, count } = this.#tokens
    let best: Template | undefined
    let bestEqual = -1
    for (const template of templates) {
      if (template.ids.length !== count) continue
      const equal = this.#equalTokens(template, false)
      if (equal <= bestEqual) continue
      best = template
      bestEqual = equal
    }
    if (best === undefined) return undefined
    if (bestEqual < count * this.#similarity && templates.length < maxTemplatesOfLeaf) return undefined
    for (let i = 0; i < count; i++) {
      if (best.ids[i] === ids[i]) continue
      best.ids[i] = variable
      best.words[i] = undefined
    }
    return best
  }

  #create(leaf: number, body: string): Template {
    if (this.#templates.size >= this.#maxPatterns) this.#makeRoom()
    const { ids, starts, ends, count } = this.#tokens
    const words: (string | undefined)[] = []
    const gaps: string[] = []
    let at = 0
    for (let i = 0; i < count; i++) {
      gaps.push(piece(body, at, starts[i]))
      words.push(ids[i] === variable ? undefined : piece(body, starts[i], ends[i]))
      at = ends[i]
    }
    gaps.push(piece(body, at, body.length))
    const counts = new MinuteCounts(this.#maxMinutes)
    const id = this.#nextId++
    const template: Template = { id, leaf, ids: ids.slice(0, count), words, gaps, counts, lastUse: this.#lines }
    this.#templates.set(id, template)
    const siblings = this.#leaves.get(leaf)
    if (siblings === undefined) {
      this.#leaves.set(leaf, [template])
      this.#leavesOfLength.set(count, (this.#leavesOfLength.get(count) ?? 0) + 1)
    } else siblings.push(template)
    return template
  }

  /** A tenth at once, so that looking for the longest unseen is paid by many lines. */
  #makeRoom(): void {
    const oldest = [...this.#templates.values()].sort((a, b) => a.lastUse - b.lastUse)
    for (const template of oldest.slice(0, Math.ceil(this.#maxPatterns / 10))) this.#remove(template)
    this.#remembered.clear()
  }

  #remove(template: Template): void {
    this.#otherCount += template.counts.count
    this.#templates.delete(template.id)
    const left = (this.#leaves.get(template.leaf) ?? []).filter((other) => other !== template)
    if (left.length > 0) this.#leaves.set(template.leaf, left)
    else {
      this.#leaves.delete(template.leaf)
      const length = template.ids.length
      const leaves = (this.#leavesOfLength.get(length) ?? 1) - 1
      if (leaves === 0) this.#leavesOfLength.delete(length)
      else this.#leavesOfLength.set(length, leaves)
    }
  }
}

/** A copy: a slice would keep the whole line alive. */
function piece(body: string, from: number, to: number): string {
  return Buffer.from(body.slice(from, Math.min(to, from + maxPieceLength)), 'utf8').toString('utf8')
}

/** Summaries of several miners, or of the same one over several times, as one. */
export function mergeSummaries(summaries: readonly PatternSummary[], options: MinerOptions = {}): PatternSummary {
  const miner = createPatternMiner(options)
  let otherCount = 0
  for (const summary of summaries) {
    otherCount += summary.otherCount
    for (const pattern of summary.patterns) miner.addPattern(pattern)
  }
  const merged = miner.summary()
  return { ...merged, otherCount: merged.otherCount + otherCount }
}
