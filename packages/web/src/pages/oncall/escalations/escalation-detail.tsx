import type { EscalationItem, OnCallNow, OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { problemOf } from '../../../data/client.ts'
import { useTakeGroup } from '../../../data/oncall.ts'
import { useMay } from '../../../data/session.ts'
import { Ahead } from '../../../ui/age.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { formatMoment } from '../../../ui/times.ts'
import { useToast } from '../../../ui/toasts.tsx'
import { formatSeconds } from '../../../ui/units.ts'
import { type PersonColours, PersonName } from '../person.tsx'
import { EscalationState, labelText } from './escalation-words.tsx'
import { TargetList } from './policies.tsx'
import { nextTargets } from './policy-steps.ts'

interface EscalationDetailProps {
  readonly escalation: EscalationItem
  readonly plan: OnCallPlanAnswer
  readonly now: OnCallNow | undefined
  readonly colours: PersonColours
  readonly onClose: () => void
}

/** One escalation as its steps: whom each called, who took it, what comes next. */
export function EscalationDetail({ escalation, plan, now, colours, onClose }: EscalationDetailProps) {
  const policy = plan.policies.find(({ name }) => name === escalation.policy)
  const next = policy === undefined ? undefined : nextTargets(policy, escalation.steps.length)
  return (
    <section className="section" aria-label={`Escalation of ${labelText(escalation)}`}>
      <div className="section-head">
        <h3 className="break">{labelText(escalation)}</h3>
        <EscalationState escalation={escalation} />
        <button type="button" className="button bare square end" aria-label="Close" onClick={onClose}>
          <X className="icon" aria-hidden />
        </button>
      </div>
      <ol className="policy-steps escalation-facts">
        {escalation.steps.map(({ number, atMs, targets, recipients }) => (
          <li key={number}>
            <Moment atMs={atMs} sinceMs={escalation.openedAtMs}>
              step {number}
            </Moment>
            <TargetList targets={targets} now={undefined} colours={colours} />
            <p className="second">
              {recipients.length === 0 ? (
                <span className="warn label">reached nobody: nobody was on call</span>
              ) : (
                <>
                  called{' '}
                  {recipients.map(({ kind, name }, i) => (
                    <span key={`${kind} ${name}`}>
                      {i > 0 && ', '}
                      {kind === 'person' ? <PersonName person={name} colours={colours} /> : `channel ${name}`}
                    </span>
                  ))}
                </>
              )}
            </p>
          </li>
        ))}
        <Ending escalation={escalation} />
        {escalation.status === 'open' && escalation.nextAtMs !== null && (
          <li className="future">
            <span className="label">
              <Ahead atMs={escalation.nextAtMs} />
            </span>
            {next === undefined ? (
              <p className="second">missed, if nobody takes it</p>
            ) : (
              <TargetList targets={next} now={now} colours={colours} />
            )}
          </li>
        )}
      </ol>
      <TakeButton escalation={escalation} />
    </section>
  )
}

function Moment({
  atMs,
  sinceMs,
  children,
}: {
  readonly atMs: number
  readonly sinceMs: number
  readonly children: ReactNode
}) {
  const { zone } = usePreferences()
  return (
    <p>
      <span className="label">{children}</span>{' '}
      <span className="third small">
        {formatMoment(atMs, zone)}, {formatSeconds(Math.max(0, atMs - sinceMs) / 1000)} after it began
      </span>
    </p>
  )
}

function Ending({ escalation }: { readonly escalation: EscalationItem }) {
  const { status, endedAtMs, acknowledgedBy, openedAtMs } = escalation
  if (status === 'open' || endedAtMs === null) return null
  const words = {
    acknowledged: `${acknowledgedBy ?? 'somebody'} took it`,
    resolved: acknowledgedBy === null ? 'the alerts ended' : `${acknowledgedBy} had taken it, and the alerts ended`,
    missed: 'missed: nobody took it',
  } as const
  return (
    <li className={status === 'missed' ? 'missed' : 'taken'}>
      <Moment atMs={endedAtMs} sinceMs={openedAtMs}>
        {words[status]}
      </Moment>
    </li>
  )
}

function TakeButton({ escalation }: { readonly escalation: EscalationItem }) {
  const take = useTakeGroup()
  const toast = useToast()
  const mayEdit = useMay('editor')
  const isWanted = escalation.status === 'open' || escalation.status === 'missed'
  if (!isWanted || !mayEdit) return null
  return (
    <button
      type="button"
      className="button primary"
      disabled={take.isPending}
      onClick={() =>
        take.mutate(escalation.groupKey, {
          onSuccess: () => toast({ text: 'You have it. Nobody else is called.' }),
          onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
        })
      }
    >
      Acknowledge
    </button>
  )
}
