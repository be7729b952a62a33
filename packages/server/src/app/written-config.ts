// An alertmanager.yml as it is shown: what was written, with secrets concealed. Without the defaults, since an amtool that is older than some of
// them could not read it.
import { readTolerantly } from '@tidewatch/yaml/documents.ts'
import { Document, parse, parseAllDocuments, stringify } from 'yaml'

const forms = { version: '1.1', merge: true } as const

/** Of the effective configuration, in which secrets are concealed, the keys that the file has. */
export function writtenConfig(text: string, effective: string): string {
  return stringify(writtenPart(parse(effective, forms), written(text)), { lineWidth: 0 })
}

/** The first document, as the reader of the configuration takes it; that reader has bounded the aliases already. */
function written(text: string): unknown {
  const { document } = readTolerantly(text, (from, lineCounter) => {
    const options = { ...forms, lineCounter, uniqueKeys: false, logLevel: 'silent' } as const
    return parseAllDocuments(from, options)[0] ?? new Document(null)
  })
  return document.toJS({ maxAliasCount: -1 })
}

function writtenPart(effective: unknown, written: unknown): unknown {
  if (Array.isArray(effective)) {
    if (!Array.isArray(written) || written.length !== effective.length) return effective
    return effective.map((item, i) => writtenPart(item, written[i]))
  }
  if (!isMapping(effective) || !isMapping(written)) return effective
  return Object.fromEntries(
    Object.entries(effective)
      .filter(([key]) => Object.hasOwn(written, key))
      .map(([key, value]) => [key, writtenPart(value, written[key])]),
  )
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
