// Lines as the hits of an answer.
import type { Predicate } from '@tidewatch/logquery/predicate.ts'
import type { StoredLog } from '../../../store/port.ts'
import { readFieldPicker } from './fields.ts'
import { readHighlighter } from './highlight.ts'
import { indexOf } from './indices.ts'
import type { ElasticScope } from './request.ts'
import type { SearchBody } from './search-body.ts'
import { sortValues } from './sort.ts'
import { documentOf, idOf } from './source.ts'

export function hitsOf(
  lines: readonly StoredLog[],
  body: Pick<SearchBody, 'plan' | 'source' | 'fields' | 'highlight' | 'hasVersion'>,
  asked: Predicate,
  { nowMs }: Pick<ElasticScope, 'nowMs'>,
): object[] {
  const { plan, source, hasVersion } = body
  const picker = readFieldPicker(...body.fields)
  const highlighter = readHighlighter(body.highlight, asked, nowMs)
  return lines.map((line) => {
    const { record } = line
    const highlight = highlighter?.(record)
    const fields = picker?.(record)
    return {
      _index: indexOf(record),
      _id: idOf(line),
      ...(hasVersion ? { _version: 1 } : {}),
      _score: plan.hasScore ? 1 : null,
      ...(source === undefined ? {} : { _source: source(documentOf(record)) }),
      ...(fields === undefined || Object.keys(fields).length === 0 ? {} : { fields }),
      ...(highlight === undefined ? {} : { highlight }),
      ...(plan.isGiven ? { sort: sortValues(plan, line) } : {}),
    }
  })
}
