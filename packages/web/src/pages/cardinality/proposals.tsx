import type { DropProposal } from '@tidewatch/api/cardinality.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { formatNumber } from '../../ui/units.ts'
import '../../ui/code-block.css'

/** Labels that no rule speaks of and that make many series, each with the rule that takes them out. */
export function Proposals({ proposals }: { readonly proposals: readonly DropProposal[] }) {
  return (
    <section className="section" aria-label="Labels that could go">
      <div className="section-head">
        <h2>Labels that could go</h2>
        <span className="third small">with many values, and named by no rule</span>
      </div>
      {proposals.length === 0 ? (
        <p className="second">
          None: no label that the rules do without has 100 values or more in a job and makes as many series.
        </p>
      ) : (
        <ul className="proposals">
          {proposals.map((proposal) => (
            <Proposal key={`${proposal.job} ${proposal.label} ${proposal.metric ?? ''}`} proposal={proposal} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Proposal({ proposal }: { readonly proposal: DropProposal }) {
  const { kind, job, label, metric, values, series, saved, rule } = proposal
  return (
    <li className="proposal">
      <div className="proposal-words">
        <p>
          <span className="label mono break">{label}</span>
          <span className="second">{job === '' ? ' of series without a job' : ` in the job ${job}`}</span>
        </p>
        <p>
          <span className="label">{formatNumber(saved)} series less</span>
          <span className="third small">
            {' '}
            of {formatNumber(series)}; {formatNumber(values)} values
          </span>
        </p>
        <p className="second small">
          {kind === 'labeldrop'
            ? 'Its values follow one another: without it a series simply goes on.'
            : 'It tells series apart that live side by side, so without it they would be mixed up. No rule reads the metric '}
          {kind === 'drop' && <span className="mono break">{metric}</span>}
          {kind === 'drop' && '; a dashboard elsewhere may.'}
        </p>
        <p>
          <CopyButton text={rule}>Copy the rule</CopyButton>
        </p>
      </div>
      <div className="code-block">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls sideways must be reachable by keyboard */}
        <pre tabIndex={0}>{rule}</pre>
      </div>
    </li>
  )
}
