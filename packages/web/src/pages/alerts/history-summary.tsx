import type { AlertSummary, NoiseProposal } from '@tidewatch/api/alert-history.ts'
import { useSetSearch } from '../../data/use-range.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Glyph, StateWord, severityState } from '../../ui/glyph.tsx'
import { formatNumber, formatSeconds } from '../../ui/units.ts'

type SeverityTimes = AlertSummary['severities'][number]
type RuleTimes = AlertSummary['rules'][number]

/** A rule may fire with several severities, and is counted by each. */
const keyOf = ({ rule, severity }: RuleTimes): string => `${severity} ${rule}`

/** Rules that are shown with their proposals; the rest stands in the table. */
const maxProposals = 5

export function HistorySummary({ summary }: { readonly summary: AlertSummary }) {
  const setSearch = useSetSearch()
  const noisy = summary.rules.filter(({ proposals }) => proposals.length > 0).slice(0, maxProposals)
  return (
    <>
      <p className="small second history-words">
        Fired {formatNumber(summary.fired)} {summary.fired === 1 ? 'time' : 'times'},{' '}
        {formatNumber(summary.notifications)} messages, {formatNumber(summary.acknowledged)} taken by somebody.
        {summary.truncated && ' More happened than was looked at: the oldest are left out.'}
      </p>
      <div className="history-two">
        <section className="section" aria-label="By severity">
          <div className="section-head">
            <h2>By severity</h2>
            <span className="third small">mean time to acknowledge and to the end</span>
          </div>
          <DataTable
            name="Times by severity"
            columns={severityColumns}
            rows={summary.severities}
            rowKey={({ severity }) => severity}
          />
        </section>
        {noisy.length > 0 && (
          <section className="section" aria-label="What would make less noise">
            <div className="section-head">
              <h2>What would make less noise</h2>
            </div>
            <ul className="proposals">
              {noisy.map((rule) => (
                <li key={keyOf(rule)}>
                  <p className="label break">
                    <Glyph state={severityState(rule.severity)} name={rule.severity} /> {rule.rule}{' '}
                    <span className="second small">
                      fired {formatNumber(rule.fired)} times, {formatNumber(rule.shortLived)} of them for less than 5
                      min
                    </span>
                  </p>
                  {rule.proposals.map((proposal) => (
                    <Proposal key={proposal.text} proposal={proposal} />
                  ))}
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      <section className="section" aria-label="By rule">
        <div className="section-head">
          <h2>By rule</h2>
          <span className="third small">the noisiest first; open one for its alerts</span>
        </div>
        <DataTable
          name="Times by rule"
          columns={ruleColumns}
          rows={summary.rules}
          rowKey={keyOf}
          onOpen={({ rule }) => setSearch({ rule })}
        />
      </section>
    </>
  )
}

function Proposal({ proposal: { text, saves, patch } }: { readonly proposal: NoiseProposal }) {
  return (
    <div className="proposal">
      <p className="second break">
        {text}
        {saves !== undefined && saves > 0 && <b> {formatNumber(saves)} messages less.</b>}
      </p>
      {patch !== undefined && (
        <>
          <p className="row small">
            <span className="third break grow">{patch.file}</span>
            <CopyButton text={patch.diff}>Copy the change</CopyButton>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls sideways must be reachable by keyboard */}
          <pre className="alert-rule" tabIndex={0}>
            {patch.diff}
          </pre>
        </>
      )}
    </div>
  )
}

const span = (ms: number | undefined): string => (ms === undefined ? 'none' : formatSeconds(Math.round(ms / 1000)))

const severityColumns: readonly Column<SeverityTimes>[] = [
  {
    key: 'severity',
    title: 'Severity',
    cell: ({ severity }) => <StateWord state={severityState(severity)}>{severity}</StateWord>,
  },
  { key: 'fired', title: 'Fired', numeric: true, cell: ({ fired }) => formatNumber(fired) },
  {
    key: 'mtta',
    title: 'MTTA',
    numeric: true,
    cell: ({ mttaMs, targetMs }) => (
      <>
        <span className={mttaMs !== undefined && targetMs !== undefined && mttaMs > targetMs ? 'crit label' : ''}>
          {span(mttaMs)}
        </span>
        {targetMs !== undefined && <span className="third small"> of {span(targetMs)}</span>}
      </>
    ),
  },
  {
    key: 'within',
    title: 'In time',
    numeric: true,
    wideOnly: true,
    cell: ({ withinTarget, fired }) => (withinTarget === undefined ? '' : `${withinTarget} of ${fired}`),
  },
  { key: 'mttr', title: 'MTTR', numeric: true, cell: ({ mttrMs }) => span(mttrMs) },
]

const ruleColumns: readonly Column<RuleTimes>[] = [
  {
    key: 'rule',
    title: 'Rule',
    sortBy: ({ rule }) => rule,
    cell: ({ rule, severity }) => (
      <span className="row">
        <Glyph state={severityState(severity)} name={severity} />
        <span className="label break">{rule}</span>
      </span>
    ),
  },
  {
    key: 'fired',
    title: 'Fired',
    numeric: true,
    sortBy: ({ fired }) => fired,
    cell: ({ fired }) => formatNumber(fired),
  },
  {
    key: 'messages',
    title: 'Messages',
    numeric: true,
    sortBy: ({ notifications }) => notifications,
    cell: ({ notifications }) => formatNumber(notifications),
  },
  {
    key: 'short',
    title: 'Below 5 min',
    numeric: true,
    wideOnly: true,
    sortBy: ({ shortLived }) => shortLived,
    cell: ({ shortLived }) => formatNumber(shortLived),
  },
  {
    key: 'median',
    title: 'Median',
    numeric: true,
    wideOnly: true,
    sortBy: ({ medianMs }) => medianMs ?? 0,
    cell: ({ medianMs }) => span(medianMs),
  },
  {
    key: 'mtta',
    title: 'MTTA',
    numeric: true,
    wideOnly: true,
    sortBy: ({ mttaMs }) => mttaMs ?? 0,
    cell: ({ mttaMs }) => span(mttaMs),
  },
  {
    key: 'mttr',
    title: 'MTTR',
    numeric: true,
    wideOnly: true,
    sortBy: ({ mttrMs }) => mttrMs ?? 0,
    cell: ({ mttrMs }) => span(mttrMs),
  },
]
