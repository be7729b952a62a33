import type { OnCallNow, OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { type PersonColours, PersonName } from '../person.tsx'
import { afterText, courseOf, type Policy, type Target } from './policy-steps.ts'

interface PoliciesProps {
  readonly plan: OnCallPlanAnswer
  readonly now: OnCallNow | undefined
  readonly colours: PersonColours
}

/** Each policy as its steps, with whom they would call now. */
export function Policies({ plan, now, colours }: PoliciesProps) {
  return (
    <section className="section" aria-label="Escalation policies">
      <div className="section-head">
        <h2>Who is called after whom</h2>
      </div>
      {plan.policies.length === 0 ? (
        <p className="second">
          No escalation policy is written: add one under <code>oncall.policies</code> in tidewatch.yml.
        </p>
      ) : (
        <div className="policies">
          {plan.policies.map((policy) => (
            <OnePolicy key={policy.name} policy={policy} now={now} colours={colours} />
          ))}
        </div>
      )}
    </section>
  )
}

function OnePolicy({ policy, now, colours }: Omit<PoliciesProps, 'plan'> & { readonly policy: Policy }) {
  const { steps, repeats, againAfterMs, missedAfterMs } = courseOf(policy)
  return (
    <section aria-label={`Policy ${policy.name}`}>
      <h3 className="break">{policy.name}</h3>
      <ol className="policy-steps">
        {steps.map(({ number, afterMs, targets }) => (
          <li key={number}>
            <span className="label">{afterText(afterMs)}</span>
            <TargetList targets={targets} now={now} colours={colours} />
          </li>
        ))}
        {againAfterMs !== undefined && (
          <li className="future">
            <span className="label">{afterText(againAfterMs)}</span>
            <p className="second">again from the first, {repeats === 1 ? 'once' : `${repeats} times`} more</p>
          </li>
        )}
        <li className="missed">
          <span className="label">{afterText(missedAfterMs)}</span>
          <p className="second">if nobody took it: missed, which is an alert of its own</p>
        </li>
      </ol>
    </section>
  )
}

const kindWords = { person: '', schedule: 'schedule', channel: 'channel' } as const

/** Whom a step calls; of a schedule, who it is now. */
export function TargetList({
  targets,
  now,
  colours,
}: {
  readonly targets: readonly Target[]
  readonly now: OnCallNow | undefined
  readonly colours: PersonColours
}) {
  return (
    <ul>
      {targets.map(({ kind, name }) => {
        const turn = kind === 'schedule' ? now?.schedules.find(({ schedule }) => schedule === name) : undefined
        return (
          <li key={`${kind} ${name}`} className="break">
            {kind === 'person' ? (
              <PersonName person={name} colours={colours} />
            ) : (
              <span className="second">
                {kindWords[kind]} {name}
              </span>
            )}
            {turn !== undefined && (
              <span className="second">
                : now <PersonName person={turn.now.person} colours={colours} />
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
