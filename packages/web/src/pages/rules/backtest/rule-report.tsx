import type { BacktestedRule, BacktestReport } from '@tidewatch/api/backtest.ts'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { StateWord } from '../../../ui/glyph.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { TideStrip } from '../../../ui/tide-strip.tsx'
import type { Zone } from '../../../ui/times.ts'
import { formatSeconds } from '../../../ui/units.ts'
import { noiseOf } from './noise.ts'
import { counted, episodeBars } from './report-words.ts'

/** A row a rule: how often it fired and when, whom it would have woken, whether that is noise. */
export function BacktestedRules({ report }: { readonly report: BacktestReport }) {
  const { zone } = usePreferences()
  // groups of two files may have one name
  const rows = report.rules.map((rule, i) => ({ ...rule, key: `${i} ${rule.rule}` }))
  return (
    <section className="section" aria-label="Rules">
      <div className="section-head">
        <h3>Rules</h3>
        <span className="small third">
          {counted(report.rules.length, 'rule')}, {report.rules.filter(({ fired }) => fired > 0).length} of them fired
        </span>
      </div>
      <DataTable
        name="What each rule would have done"
        columns={columns(report, zone)}
        rows={rows}
        rowKey={({ key }) => key}
      />
    </section>
  )
}

const counts: readonly Column<BacktestedRule>[] = [
  {
    key: 'fired',
    title: 'Fired',
    numeric: true,
    width: '76px',
    sortBy: ({ fired }) => fired,
    cell: ({ fired, alerts }) => <span title={`${counted(alerts, 'different alert')}`}>{fired}</span>,
  },
  {
    key: 'pages',
    title: 'Pages',
    numeric: true,
    width: '70px',
    sortBy: ({ pages }) => pages,
    cell: ({ pages }) => <span className="label">{pages}</span>,
  },
  {
    key: 'night',
    title: 'At night',
    numeric: true,
    width: '76px',
    sortBy: ({ atNight }) => atNight,
    cell: ({ atNight }) => atNight,
  },
  {
    key: 'length',
    title: 'Median, longest',
    numeric: true,
    wideOnly: true,
    width: '150px',
    sortBy: ({ medianMs }) => medianMs,
    cell: ({ fired, medianMs, longestMs }) =>
      fired === 0 ? '' : `${formatSeconds(medianMs / 1000)}, ${formatSeconds(longestMs / 1000)}`,
  },
  {
    key: 'short',
    title: 'Below 5 min',
    numeric: true,
    wideOnly: true,
    width: '96px',
    sortBy: ({ shortLived }) => shortLived,
    cell: ({ shortLived, fired }) => (fired === 0 ? '' : shortLived),
  },
]

const columns = (report: BacktestReport, zone: Zone): readonly Column<BacktestedRule>[] => [
  {
    key: 'rule',
    title: 'Rule',
    sortBy: ({ rule }) => rule,
    cell: (rule) => <RuleCell rule={rule} report={report} />,
  },
  {
    key: 'when',
    title: 'When',
    width: '200px',
    wideOnly: true,
    cell: (rule) =>
      rule.fired === 0 ? (
        <span className="third small">never</span>
      ) : (
        <TideStrip bars={episodeBars(rule, report, zone)} name={`When ${rule.rule} fired`} />
      ),
  },
  ...counts,
]

function RuleCell({ rule, report }: { readonly rule: BacktestedRule; readonly report: BacktestReport }) {
  const { word, state, why, proposal } = noiseOf(rule, report)
  return (
    <div className="backtested-rule">
      <span className="label break">{rule.rule}</span> <StateWord state={state}>{word}</StateWord>{' '}
      <span className="small third">{why}</span>
      {proposal !== undefined && <div className="small second break">{proposal}.</div>}
      {rule.failure !== undefined && <div className="small crit break">Could not be evaluated: {rule.failure}</div>}
    </div>
  )
}
