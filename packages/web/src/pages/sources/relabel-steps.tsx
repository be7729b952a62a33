import { useQuery } from '@tanstack/react-query'
import { toLoadable } from '../../data/loadable.ts'
import { relabelStepsQuery } from '../../data/targets.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import type { Discovered } from './discovered.ts'
import { type LabelChange, ruleText, type ToldStep, tellSteps } from './relabel-changes.ts'

/** Each rule of the job and what it did to this target's labels. */
export function RelabelSteps({ found }: { readonly found: Discovered }) {
  const steps = toLoadable(useQuery(relabelStepsQuery(found.pool, found.discovered)))
  return (
    <section className="section" aria-label="Relabelling">
      <div className="section-head">
        <h2>Relabelling</h2>
        <span className="third small">relabel_configs of the job {found.pool}, in their order</span>
      </div>
      <Loaded
        of={steps}
        what="the rules"
        height={160}
        isEmpty={(list) => list.length === 0}
        empty={<p className="second">The job has no relabel_configs: the target is taken as it was found.</p>}
      >
        {(list) => (
          <ol className="relabel-steps">
            {tellSteps(found.discovered, list).map((step, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rules have no name but their place, and do not move
              <li key={i} className={`relabel-step ${step.outcome}`}>
                <pre className="relabel-rule">{ruleText(step.rule)}</pre>
                <StepOutcome step={step} />
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </section>
  )
}

function StepOutcome({ step }: { readonly step: ToldStep }) {
  switch (step.outcome) {
    case 'dropped':
      return (
        <p className="row label warn">
          <Glyph state="warning" /> Dropped by this rule
        </p>
      )
    case 'skipped':
      return <p className="third small">Not reached: the target was dropped before.</p>
    case 'unchanged':
      return <p className="third small">{isFilter(step) ? 'Kept, nothing changed' : 'Nothing changed'}</p>
    case 'changed':
      return (
        <ul className="relabel-changes">
          {step.changes.map((change) => (
            <li key={change.name}>
              <Change change={change} />
            </li>
          ))}
        </ul>
      )
    default:
      return step.outcome satisfies never
  }
}

const isFilter = ({ rule }: ToldStep): boolean => ['keep', 'drop', 'keepequal', 'dropequal'].includes(rule.action)

function Change({ change: { kind, name, before, after } }: { readonly change: LabelChange }) {
  const words = { set: 'Sets', changed: 'Changes', removed: 'Removes' } as const
  return (
    <>
      <span className="third small">{words[kind]}</span>{' '}
      <span className="chip">
        {name}
        {kind !== 'removed' && (
          <>
            =<b>{after}</b>
          </>
        )}
      </span>
      {kind !== 'set' && <span className="third small break"> was {before}</span>}
    </>
  )
}
