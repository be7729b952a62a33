// A stored record as LogQL sees it: the labels of its stream, what is beside the line, and the document that it came as. Called per line.

import { Labels } from '@tidewatch/core/labels.ts'
import { logFieldNames, readSpelling } from '@tidewatch/core/log-fields.ts'
import { type AttributeValue, type LogRecord, logIdentityFields } from '@tidewatch/core/log-record.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import type { SourceLine } from '@tidewatch/logquery/logql/pipeline.ts'

/** A column that a label may stand for. */
export type LabelColumn = 'severity' | (typeof logIdentityFields)[number]

export const serviceNameLabel = 'service_name'
export const levelLabel = 'level'
export const detectedLevelLabel = 'detected_level'
/** As Loki calls what names no service: every stream has a label so. */
export const unknownService = 'unknown_service'
export const unknownLevel = 'unknown'

const columns: readonly LabelColumn[] = ['severity', ...logIdentityFields]

/** The columns by all names that senders give them, as labels. */
const columnByLabel: ReadonlyMap<string, LabelColumn> = new Map([
  ...columns.flatMap((column) => logFieldNames[column].map((name) => [labelName(name), column] as const)),
  [detectedLevelLabel, 'severity'] as const,
])

/** The column that a label is where no resource has it; undefined for one that only a resource or an attribute may have. */
export const columnOfLabel = (label: string): LabelColumn | undefined => columnByLabel.get(label)

/** What the label is where the column is empty. */
export function missingText(label: string): string {
  if (label === serviceNameLabel) return unknownService
  return label === detectedLevelLabel ? unknownLevel : ''
}

/** The value of a label that a column stands for. */
export function columnText(record: LogRecord, label: string, column: LabelColumn): string {
  const text = column === 'severity' ? (severityWord(record.severity) ?? '') : record[column]
  return text === '' ? missingText(label) : text
}

/** Which labels a query speaks of. */
export interface LabelNeeds {
  /** Named by selectors: they are labels of the stream. */
  readonly selected: ReadonlySet<string>
  /** What is asked for beside the line; `all` where lines themselves are answered. */
  readonly wanted: 'all' | ReadonlySet<string>
  /** Whether a stage looks into documents. */
  readonly readsDocuments: boolean
}

/** Distinct streams that are remembered; more only cost time. */
const maxStreams = 10_000

/** Makes lines of records; streams of the same labels are the same object. */
export class LineMaker {
  readonly #needs: LabelNeeds
  readonly #streams = new Map<string, Labels>()

  constructor(needs: LabelNeeds) {
    this.#needs = needs
  }

  line(record: LogRecord): SourceLine {
    const stream = this.stream(record)
    const line = { timeNs: record.timeNs, line: record.body, stream, metadata: this.#metadata(record, stream) }
    return this.#needs.readsDocuments && isDocument(record) ? { ...line, document: () => documentOf(record) } : line
  }

  stream(record: Pick<LogRecord, 'resource'> & LogRecord): Labels {
    const { selected } = this.#needs
    let key = record.service
    for (const [name, value] of record.resource) key += `\u0000${name}\u0001${value}`
    for (const name of selected) {
      const column = columnOfLabel(name)
      if (column !== undefined) key += `\u0002${columnText(record, name, column)}`
    }
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = streamLabels(record, selected)
      if (this.#streams.size >= maxStreams) this.#streams.clear()
      this.#streams.set(key, stream)
    }
    return stream
  }

  #metadata(record: LogRecord, stream: Labels): Labels {
    const { wanted } = this.#needs
    if (wanted !== 'all' && wanted.size === 0) return Labels.empty
    const found = new Map<string, string>()
    const names = wanted === 'all' ? shownColumns(record) : wanted
    for (const name of names) {
      const column = columnOfLabel(name)
      if (column === undefined || stream.has(name)) continue
      const text = columnText(record, name, column)
      if (text !== '') found.set(name, text)
    }
    for (const [name, value] of record.attributes) {
      const label = labelName(name)
      if (wanted === 'all' || wanted.has(label)) found.set(label, textOf(value))
    }
    return found.size === 0 ? Labels.empty : Labels.from(found)
  }
}

/** Columns that stand with a line by themselves, by our names. */
const standing = logIdentityFields.filter((name) => name !== 'service').map((name) => logFieldNames[name][0] as string)

/** How bad a line is stands with each; as `level` where its sender said so. */
const shownColumns = ({ severityText }: LogRecord): readonly string[] =>
  severityText === '' ? [detectedLevelLabel, ...standing] : [detectedLevelLabel, levelLabel, ...standing]

/** `selected`: labels for which columns stand, to be among them. */
export function streamLabels(record: LogRecord, selected: ReadonlySet<string>): Labels {
  const labels = new Map<string, string>()
  for (const [name, value] of record.resource) labels.set(labelName(name), value)
  for (const name of [serviceNameLabel, ...selected]) {
    const column = columnOfLabel(name)
    if (column !== undefined && !labels.has(name)) labels.set(name, columnText(record, name, column))
  }
  return Labels.from([...labels].filter(([name, value]) => name !== '' && value !== ''))
}

export const textOf = (value: AttributeValue): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value)

/** Whether more than a message came: then its fields are what a document's would be. */
const isDocument = ({ attributes, severityText, spelling }: LogRecord): boolean =>
  attributes.size > 0 || severityText !== '' || spelling !== ''

/** The leaves of the document that a record came as, under the names that its sender gave them. Lists are left out, as Loki does. */
export function* documentOf(record: LogRecord): Generator<readonly [path: string, value: string]> {
  const spelled = new Map(readSpelling(record.spelling).map(({ column, name }) => [column, name]))
  yield [spelled.get('body') ?? (logFieldNames.body[0] as string), record.body]
  for (const column of columns) {
    const text = column === 'severity' ? record.severityText : record[column]
    if (text !== '') yield [spelled.get(column) ?? (logFieldNames[column][0] as string), text]
  }
  for (const [name, value] of record.attributes) if (typeof value !== 'object') yield [name, String(value)]
  // whoever asks for an id by our name finds it, however it was written
  for (const [column, name] of spelled) {
    if (column === 'time' || column === 'body' || column === 'severity') continue
    const own = logFieldNames[column][0] as string
    if (own !== name && record[column] !== '') yield [own, record[column]]
  }
}
