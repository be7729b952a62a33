// YAML text to its first document: what follows a `---` is not read, as Prometheus does not read it.
import type { Problem } from '@tidewatch/core/error.ts'
import { Document, isCollection, LineCounter, parseAllDocuments, visit } from 'yaml'
import { indentFlowLines } from './flow-indent.ts'
import { badEscape, controlCharacterAt, resolveScalar } from './resolve.ts'

/** A text with the name that its problems are told under. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/** A document, and the text it was read from: the file's own, or that with lines in brackets moved to the right. */
export interface ReadDocument {
  readonly document: Document
  readonly lines: LineCounter
  readonly text: string
}

/** The first document with its keys as they stand: given twice, merged by `<<`, all are the reader's matter. */
export function firstDocument(text: string): ReadDocument {
  return readTolerantly(text, (from, lineCounter) => {
    const documents = parseAllDocuments(from, {
      lineCounter,
      uniqueKeys: false,
      version: '1.1',
      merge: false,
      logLevel: 'silent',
    })
    return documents[0] ?? new Document(null)
  })
}

/** What is wrong only in how far lines in brackets are indented is right, as it is for Go's decoder. */
export function readTolerantly(text: string, read: (text: string, lines: LineCounter) => Document): ReadDocument {
  const readFrom = (from: string): ReadDocument => {
    const lines = new LineCounter()
    return { document: read(from, lines), lines, text: from }
  }
  const asWritten = readFrom(text)
  if (asWritten.document.errors.length === 0) return asWritten
  const indented = indentFlowLines(text)
  if (indented === text) return asWritten
  const again = readFrom(indented)
  return again.document.errors.length === 0 ? again : asWritten
}

export function syntaxProblem(file: NamedText, lines: LineCounter, message: string, offset: number): Problem {
  const { line, col } = lines.linePos(offset)
  const text = message.replace(/ at line \d+, column \d+:[\s\S]*$/, '')
  return { message: `this is not valid YAML: ${text}`, where: { file: file.name, line, column: col } }
}

interface TextFault {
  readonly message: string
  readonly offset: number
}

/** What Go's decoder refuses in the text of a file, before it asks what is in it. */
export function textFaults({ text, document }: ReadDocument): TextFault[] {
  const faults: TextFault[] = []
  const control = controlCharacterAt(text)
  if (control !== undefined) faults.push({ message: 'a control character is not allowed.', offset: control })
  visit(document, {
    Pair(_, { key }) {
      if (isCollection(key))
        faults.push({
          message: 'a key must be plain text. Is it a template without quotes?',
          offset: key.range?.[0] ?? 0,
        })
    },
    Scalar(_, node) {
      const [start, end] = node.range ?? [0, 0]
      const escaped = node.type === 'QUOTE_DOUBLE' ? badEscape(text.slice(start, end)) : undefined
      if (escaped !== undefined) faults.push({ message: `${escaped} is no escape of a character.`, offset: start })
      const resolved = resolveScalar(node)
      if (resolved.kind === 'fault') faults.push({ message: resolved.message, offset: start })
    },
  })
  return faults
}
