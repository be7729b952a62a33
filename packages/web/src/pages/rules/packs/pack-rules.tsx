import type { RulePack } from '@tidewatch/api/rule-packs.ts'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Glyph, severityState } from '../../../ui/glyph.tsx'
import { formatSeconds } from '../../../ui/units.ts'

type PackRule = RulePack['rules'][number]

export function PackRules({ pack: { rules, title } }: { readonly pack: RulePack }) {
  return (
    <section className="section" aria-label="Rules of the pack">
      <div className="section-head">
        <h2>Its rules</h2>
      </div>
      <DataTable
        name={`Rules of ${title}`}
        columns={columns}
        rows={rules}
        rowKey={({ name, severity }) => `${name} ${severity}`}
      />
    </section>
  )
}

const columns: readonly Column<PackRule>[] = [
  {
    key: 'rule',
    title: 'Rule',
    cell: ({ name, severity, summary, query }) => (
      <div className="pack-cell">
        <Glyph state={severityState(severity)} name={severity} /> <span className="label break">{name}</span>{' '}
        <span className="second break">{summary}</span>
        <div className="mono second break">{query}</div>
      </div>
    ),
  },
  {
    key: 'needs',
    title: 'Needs',
    width: '260px',
    cell: ({ metrics }) => (
      <ul className="small">
        {metrics.map(({ name, exists }) => (
          <li key={name} className={`break ${exists ? 'second' : 'third'}`}>
            <Glyph state={exists ? 'fine' : 'no-data'} name={exists ? 'there' : 'missing'} /> {name}
          </li>
        ))}
      </ul>
    ),
  },
  {
    key: 'for',
    title: 'For',
    numeric: true,
    wideOnly: true,
    width: '80px',
    cell: ({ forMs }) => (forMs === 0 ? '' : formatSeconds(forMs / 1000)),
  },
]
