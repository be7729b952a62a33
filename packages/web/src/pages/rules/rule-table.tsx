import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { asksLogs, linesHref } from '../../data/rule-place.ts'
import { linkSearch } from '../../data/search.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { StateWord } from '../../ui/glyph.tsx'
import { formatSeconds } from '../../ui/units.ts'
import { type Rule, ruleState } from './rule-state.ts'

export function RuleTable({
  rules,
  name,
  actions,
}: {
  readonly rules: readonly Rule[]
  readonly name: string
  readonly actions: (rule: Rule) => ReactNode
}) {
  return (
    <DataTable
      name={`Rules of ${name}`}
      columns={[...columns, { key: 'actions', title: 'Actions', titleHidden: true, width: '84px', cell: actions }]}
      rows={rules}
      rowKey={(rule) => `${rule.type} ${rule.name} ${rule.query} ${JSON.stringify(rule.labels ?? {})}`}
    />
  )
}

function RuleQuery({ query }: { readonly query: string }) {
  const look = 'rule-query mono second break'
  if (asksLogs(query))
    return (
      <a href={linesHref(query)} className={look} title="Open its lines in Logs">
        {query}
      </a>
    )
  return (
    <Link to="/explore" search={linkSearch({ q: query })} className={look} title="Open the query in Metrics">
      {query}
    </Link>
  )
}

const columns: readonly Column<Rule>[] = [
  {
    key: 'state',
    title: 'Now',
    width: '110px',
    cell: (rule) => {
      const { state, word } = ruleState(rule)
      return <StateWord state={state}>{word}</StateWord>
    },
  },
  {
    key: 'rule',
    title: 'Rule',
    cell: (rule) => (
      <div className="rule-cell">
        <span className="label break">{rule.name}</span>
        {rule.type === 'alerting' && rule.labels?.severity !== undefined && (
          <span className="third small">{rule.labels.severity}</span>
        )}
        <RuleQuery query={rule.query} />
        {rule.lastError !== undefined && rule.lastError !== '' && (
          <div className="crit small break">{rule.lastError}</div>
        )}
      </div>
    ),
  },
  {
    key: 'for',
    title: 'For',
    numeric: true,
    wideOnly: true,
    width: '90px',
    cell: (rule) => (rule.type === 'alerting' && rule.duration > 0 ? formatSeconds(rule.duration) : ''),
  },
  {
    key: 'took',
    title: 'Took',
    numeric: true,
    wideOnly: true,
    width: '90px',
    cell: (rule) =>
      rule.evaluationTime === undefined ? '' : <span className="third">{formatSeconds(rule.evaluationTime)}</span>,
  },
]
