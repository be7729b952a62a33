import type { BacktestPage, BacktestReport } from '@tidewatch/api/backtest.ts'
import { Moon } from 'lucide-react'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Glyph, severityState } from '../../../ui/glyph.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { formatDay, formatMinute, formatMoment, type Zone } from '../../../ui/times.ts'

const reasons = { firing: 'new', changed: 'more of them', repeat: 'repeat' } as const

/** The pages one by one, as many as the report lists. */
export function PageTable({ report: { firstPages, pages } }: { readonly report: BacktestReport }) {
  const { zone } = usePreferences()
  if (firstPages.length === 0) return null
  const words =
    firstPages.length === pages
      ? 'all of them'
      : `the first ${firstPages.length.toLocaleString('en-US')} of ${pages.toLocaleString('en-US')}`
  return (
    <section className="section" aria-label="Pages">
      <details>
        <summary>
          <h3>Pages one by one</h3> <span className="small third">{words}</span>
        </summary>
        <DataTable
          name="Pages"
          columns={columns(zone)}
          rows={firstPages.map((page, i) => ({ ...page, key: String(i) }))}
          rowKey={({ key }) => key}
        />
      </details>
    </section>
  )
}

const columns = (zone: Zone): readonly Column<BacktestPage & { readonly key: string }>[] => [
  {
    key: 'at',
    title: 'When',
    width: '130px',
    sortBy: ({ atMs }) => atMs,
    cell: ({ atMs, atNight }) => (
      <span className="nowrap" title={formatMoment(atMs, zone)}>
        {formatDay(atMs, zone)} {formatMinute(atMs, zone)}{' '}
        {atNight && <Moon className="icon third" role="img" aria-label="at night" />}
      </span>
    ),
  },
  {
    key: 'what',
    title: 'What',
    cell: ({ alertNames, alerts, severity, groupLabels, reason }) => (
      <div className="break">
        <Glyph state={severityState(severity)} name={severity === '' ? 'no severity' : severity} />{' '}
        <span className="label">{alertNames.join(', ')}</span>{' '}
        <span className="second small">
          {alerts > 1 && `${alerts} alerts, `}
          {reasons[reason]}
          {Object.entries(groupLabels)
            .filter(([name]) => name !== 'alertname')
            .map(([name, value]) => `, ${name}=${value}`)
            .join('')}
        </span>
      </div>
    ),
  },
  {
    key: 'to',
    title: 'To',
    sortBy: ({ receiver }) => receiver,
    cell: ({ receiver, people }) => (
      <span className="break">
        {receiver}
        {people.length > 0 && <span className="second small"> ({people.join(', ')})</span>}
      </span>
    ),
  },
]
