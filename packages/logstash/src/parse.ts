// Text of a pipeline file to its tree. The grammar is Logstash's published one; it has no state, so one pass with one step back is enough.

import type { Problem } from '@tidewatch/core/error.ts'
import type { BranchNode, IfNode, Section, SectionType, Statement } from './ast.ts'
import { parseCondition } from './parse-conditions.ts'
import { parsePlugin } from './parse-values.ts'
import { Scanner, TooDeep } from './scanner.ts'
import { explain } from './syntax-advice.ts'

/** Characters of one file. */
const maxCharacters = 4 << 20

export type ParseResult =
  | { readonly ok: true; readonly sections: readonly Section[] }
  | { readonly ok: false; readonly problem: Problem }

/** Reads a file. A broken one has the place that Logstash would name: the furthest that reading came to. */
export function parsePipeline(text: string, file: string): ParseResult {
  if (text.length > maxCharacters)
    return failed(file, { line: 1, column: 1 }, `the file has more than ${maxCharacters} characters`, 'Split it.')
  const scanner = new Scanner(text)
  try {
    const sections = parseSections(scanner)
    if (sections !== undefined) return { ok: true, sections }
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    return failed(file, scanner.place(error.at), `${error.message} stand in one another here`, 'Write it flatter.')
  }
  const { message, fix } = explain(text, scanner.furthest, scanner.expected)
  return failed(file, scanner.place(scanner.furthest), message, fix)
}

function failed(file: string, place: { line: number; column: number }, message: string, fix: string): ParseResult {
  return { ok: false, problem: { message, where: { file, ...place }, fix } }
}

function parseSections(scanner: Scanner): Section[] | undefined {
  const sections: Section[] = []
  for (;;) {
    scanner.skip()
    const section = parseSection(scanner)
    if (section === undefined) break
    sections.push(section)
  }
  return sections.length > 0 && scanner.at === scanner.text.length ? sections : undefined
}

const sectionTypes: readonly SectionType[] = ['input', 'filter', 'output']

function parseSection(scanner: Scanner): Section | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    const type = sectionTypes.find((name) => scanner.take(name))
    if (type === undefined) return undefined
    const body = parseBlock(scanner)
    return body === undefined ? undefined : { type, place: scanner.place(start), body }
  })
}

function parseBlock(scanner: Scanner): Statement[] | undefined {
  scanner.skip()
  if (!scanner.take('{')) return undefined
  const body: Statement[] = []
  for (;;) {
    scanner.skip()
    const statement = parseIf(scanner) ?? parsePlugin(scanner)
    if (statement === undefined) break
    body.push(statement)
  }
  return scanner.take('}') ? body : undefined
}

function parseIf(scanner: Scanner): IfNode | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    const first = parseBranch(scanner, ['if'])
    if (first === undefined) return undefined
    const branches = [first]
    for (;;) {
      const next = parseBranch(scanner, ['else', 'if'])
      if (next === undefined) break
      branches.push(next)
    }
    const last = parseBranch(scanner, ['else'])
    if (last !== undefined) branches.push(last)
    return { type: 'if', place: scanner.place(start), branches }
  })
}

function parseBranch(scanner: Scanner, words: readonly string[]): BranchNode | undefined {
  return scanner.rule(() => {
    for (const word of words) {
      scanner.skip()
      if (!scanner.take(word)) return undefined
    }
    scanner.skip()
    const condition = words.includes('if') ? parseCondition(scanner) : undefined
    if (condition === undefined && words.includes('if')) return undefined
    const body = parseBlock(scanner)
    return body === undefined ? undefined : { condition, body }
  })
}
