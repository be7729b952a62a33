// YAML text to its first document: what follows a `---` is not read, as Prometheus does not read it.
import type { Problem } from '@tidewatch/core/error.ts'
import { Document, LineCounter, parseAllDocuments } from 'yaml'
import type { ConfigFile } from './port.ts'

/** The first document with its keys as they stand: given twice, merged by `<<`, all are the reader's matter. */
export function firstDocument(text: string): { readonly document: Document; readonly lines: LineCounter } {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: false,
    version: '1.1',
    merge: false,
    logLevel: 'silent',
  })
  return { document: documents[0] ?? new Document(null), lines }
}

export function syntaxProblem(file: ConfigFile, lines: LineCounter, message: string, offset: number): Problem {
  const { line, col } = lines.linePos(offset)
  const text = message.replace(/ at line \d+, column \d+:[\s\S]*$/, '')
  return { message: `this is not valid YAML: ${text}`, where: { file: file.name, line, column: col } }
}
