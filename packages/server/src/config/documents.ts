// YAML text to its first document: what follows a `---` is not read, as Prometheus does not read it.
import type { Problem } from '@tidewatch/core/error.ts'
import { Document, LineCounter, parseAllDocuments } from 'yaml'
import { indentFlowLines } from './flow-indent.ts'
import type { ConfigFile } from './port.ts'

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

export function syntaxProblem(file: ConfigFile, lines: LineCounter, message: string, offset: number): Problem {
  const { line, col } = lines.linePos(offset)
  const text = message.replace(/ at line \d+, column \d+:[\s\S]*$/, '')
  return { message: `this is not valid YAML: ${text}`, where: { file: file.name, line, column: col } }
}
