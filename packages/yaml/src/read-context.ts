// What reading a file by forms keeps: the problems found, and where each part stands.
import { type Problem, quoteValue, type Where } from '@tidewatch/core/error.ts'
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type YAMLMap } from 'yaml'
import { type NamedText, syntaxProblem } from './documents.ts'
import { type Complain, keyOf, keyText, type Path } from './place.ts'

/** Aliases of aliases grow without bound: a file of more than this many followed ones is a bomb. */
const maxFollowed = 10_000
/** Merged mappings that merge others: a mapping that merges itself would have no end. */
const maxMerged = 20

interface Place {
  readonly node: Node
  readonly path: Path
  readonly keys: ReadonlyMap<string, Node>
}

export class ReadContext {
  readonly problems: Problem[] = []
  /** Keys that are known, not supported, and have no effect. */
  readonly passedOver: string[] = []
  readonly #file: NamedText
  readonly #document: Document
  readonly #lines: LineCounter
  readonly #places = new WeakMap<object, Place>()
  #followed = 0
  #merged = 0

  constructor(file: NamedText, document: Document, lines: LineCounter) {
    this.#file = file
    this.#document = document
    this.#lines = lines
  }

  problem(node: Node | null, path: Path, message: string, fix?: string): void {
    this.problems.push({ message, where: this.#where(node, path), ...(fix === undefined ? {} : { fix }) })
  }

  #where(node: Node | null, path: Path): Where {
    const { line, col } = this.#lines.linePos(node?.range?.[0] ?? 0)
    const key = keyOf(path)
    return {
      file: this.#file.name,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      ...(key === '' ? {} : { key }),
    }
  }

  /** Where a struct that was read stands. */
  whereOf(value: object): Where {
    const place = this.#places.get(value)
    return this.#where(place?.node ?? null, place?.path ?? [])
  }

  syntax(message: string, offset: number): void {
    this.problems.push(syntaxProblem(this.#file, this.#lines, message, offset))
  }

  wrongType(node: Node, path: Path, wanted: string): void {
    this.problem(node, path, `${this.show(node)} is not ${wanted}.`)
  }

  show(node: Node): string {
    if (isMap(node)) return 'a mapping'
    if (isSeq(node)) return 'a list'
    return isScalar(node) ? quoteValue(keyText(node)) : 'this'
  }

  /** What an alias stands for; null where there is nothing. */
  follow(node: Node | null | undefined, path: Path): Node | null {
    if (!isAlias(node)) return node ?? null
    if (++this.#followed > maxFollowed) {
      if (this.#followed === maxFollowed + 1) this.problem(node, path, 'there are too many aliases in this file.')
      return null
    }
    const target = node.resolve(this.#document)
    if (target === undefined) this.problem(node, path, `there is no anchor &${node.source} before this.`)
    return target ?? null
  }

  /** The mappings that `<<` names. */
  merged(node: Node | null, path: Path): YAMLMap[] {
    const target = this.follow(node, path)
    if (isMap(target)) return [target]
    if (isSeq(target)) {
      // the first one wins, so it is read last
      const maps = (target.items as Node[]).map((item) => this.follow(item, path)).reverse()
      if (maps.every((map): map is YAMLMap => isMap(map))) return maps
    }
    this.problem(target, path, '<< takes a mapping, or a list of mappings.')
    return []
  }

  /** Reads what is merged, as deep as that is allowed. */
  nested(node: Node, path: Path, read: () => void): void {
    if (this.#merged >= maxMerged) {
      this.problem(node, path, 'mappings are merged too deeply here; does one merge itself?')
      return
    }
    this.#merged++
    read()
    this.#merged--
  }

  remember(value: object, place: Place): void {
    this.#places.set(value, place)
  }

  /** Whether a key of a struct stands in the file. */
  isWritten(value: object, key: string): boolean {
    return this.#places.get(value)?.keys.has(key) ?? false
  }

  /** Tells faults of a struct that was read, at the key or, where it is not written, at the struct. */
  complainAbout(value: object): Complain {
    const place = this.#places.get(value)
    return (key, message, fix) => {
      const path = place?.path ?? []
      this.problem(place?.keys.get(key) ?? place?.node ?? null, key === '' ? path : [...path, key], message, fix)
    }
  }
}
