import { useQuery } from '@tanstack/react-query'
import type { Deploy } from '@tidewatch/api/deploys.ts'
import type { logPatterns } from '@tidewatch/api/logs.ts'
import { useState } from 'react'
import type { z } from 'zod'
import { toLoadable } from '../../data/loadable.ts'
import { type LogQuestion, type LogSpan, logPatternsQuery } from '../../data/logs.ts'
import { searchText } from '../../data/search.ts'
import { usePageSearch } from '../../data/use-range.ts'
import { Age } from '../../ui/age.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatNumber } from '../../ui/units.ts'
import { DeployChoice, latest } from './deploy-choice.tsx'
import { levelState } from './line-model.ts'
import { newWords, sparkPath, templateParts, unusualWords, worstLevel } from './pattern-model.ts'

type Pattern = z.infer<typeof logPatterns>['patterns'][number]

interface PatternsTabProps {
  readonly question: LogQuestion
  readonly onQuery: (query: string) => void
}

/** Similar lines as one, with how many there are and when; a click finds them. */
export function PatternsTab({ question, onQuery }: PatternsTabProps) {
  const deploy = searchText(usePageSearch(), 'deploy') ?? latest
  const result = useQuery(logPatternsQuery(question, deploy))
  const [onlyNew, setOnlyNew] = useState(false)
  return (
    <Loaded
      of={toLoadable(result)}
      what="patterns"
      height={400}
      isEmpty={({ patterns }) => patterns.length === 0}
      empty={<p className="log-nothing second">No lines of this time fit the query, so there is nothing alike.</p>}
    >
      {({ patterns, looked, total, span, deploys }) => {
        const fresh = patterns.filter(({ isNew }) => isNew)
        const shown = onlyNew ? fresh : patterns
        return (
          <section aria-label="Patterns">
            <div className="row wrap small log-result-bar">
              <span className="label">
                {formatNumber(patterns.length)} {patterns.length === 1 ? 'pattern' : 'patterns'}
              </span>
              <span className="third">
                {looked < total
                  ? `of the newest ${formatNumber(looked)} of ${formatNumber(total)} lines`
                  : `of ${formatNumber(total)} lines`}
              </span>
              <DeployChoice question={question} chosen={deploy} known={deploys} />
              <label className="row end">
                <input type="checkbox" checked={onlyNew} onChange={({ target }) => setOnlyNew(target.checked)} /> Only
                new ones ({formatNumber(fresh.length)})
              </label>
            </div>
            <DataTable
              name="Patterns, the most frequent first"
              columns={patternColumns({ span, deploys, onQuery })}
              rows={shown}
              rowKey={({ query, template }) => `${query} ${template}`}
              initialSort={{ column: 'count', descending: true }}
              onOpen={({ query }) => onQuery(query)}
            />
          </section>
        )
      }}
    </Loaded>
  )
}

interface ColumnParts {
  readonly span: LogSpan
  readonly deploys: readonly Deploy[]
  readonly onQuery: (query: string) => void
}

function patternColumns({ span, deploys, onQuery }: ColumnParts): Column<Pattern>[] {
  return [
    {
      key: 'count',
      title: 'Lines',
      numeric: true,
      width: '80px',
      sortBy: ({ count }) => count,
      cell: ({ count }) => formatNumber(count),
    },
    {
      key: 'trend',
      title: 'When',
      width: '140px',
      wideOnly: true,
      cell: (pattern) => <Spark pattern={pattern} span={span} />,
    },
    {
      key: 'template',
      title: 'Pattern',
      sortBy: ({ template }) => template,
      cell: (pattern) => <Template pattern={pattern} deploys={deploys} onQuery={onQuery} />,
    },
    ...(deploys.length === 0 ? [] : sinceColumns),
    {
      key: 'last',
      title: 'Last',
      numeric: true,
      width: '90px',
      sortBy: ({ lastMs }) => lastMs,
      cell: ({ lastMs }) => <Age atMs={lastMs} />,
    },
  ]
}

const sinceColumns: Column<Pattern>[] = [
  {
    key: 'before',
    title: 'Before',
    numeric: true,
    width: '80px',
    wideOnly: true,
    sortBy: ({ before }) => before,
    cell: ({ before }) => formatNumber(before),
  },
  {
    key: 'since',
    title: 'Since',
    numeric: true,
    width: '80px',
    wideOnly: true,
    sortBy: ({ since }) => since,
    cell: ({ since }) => formatNumber(since),
  },
]

interface TemplateProps {
  readonly pattern: Pattern
  readonly deploys: readonly Deploy[]
  readonly onQuery: (query: string) => void
}

function Template({ pattern, deploys, onQuery }: TemplateProps) {
  const { zone } = usePreferences()
  const word = worstLevel(pattern.severities)
  const state = word === undefined ? undefined : levelState(word)
  return (
    <button type="button" className="log-template mono" title={pattern.example} onClick={() => onQuery(pattern.query)}>
      {state !== undefined && <Glyph state={state} name={word ?? ''} />}{' '}
      {pattern.isNew && <span className="chip log-new">{newWords(pattern, deploys)}</span>}{' '}
      {pattern.unusual !== undefined && (
        <span className="chip log-unusual" title={unusualWords(pattern.unusual, zone)}>
          {pattern.unusual.kind}
        </span>
      )}{' '}
      {templateParts(pattern.template).map(({ text, isFree, at }) => (
        <span key={at} className={isFree ? 'log-free' : undefined}>
          {isFree ? '…' : text}
        </span>
      ))}
    </button>
  )
}

function Spark({ pattern: { counts, firstMs, lastMs }, span }: { readonly pattern: Pattern; readonly span: LogSpan }) {
  const { zone } = usePreferences()
  const from = formatMoment(Math.max(firstMs, span.fromMs), zone)
  const most = Math.max(...counts, 0)
  return (
    <svg
      className="log-spark"
      viewBox={`0 0 ${Math.max(counts.length, 1)} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`From ${from} to ${formatMoment(lastMs, zone)}, at most ${formatNumber(most)} in a fiftieth of the time`}
    >
      <path d={sparkPath(counts, 20)} />
    </svg>
  )
}
