import type { HeartbeatState } from '@tidewatch/api/drills.ts'
import { Age } from '../../../ui/age.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { type State, StateWord } from '../../../ui/glyph.tsx'
import { formatSeconds } from '../../../ui/units.ts'
import { heartbeatSnippets } from '../teach.ts'

const states: Record<'sent' | 'failed' | 'withheld', { readonly state: State; readonly word: string }> = {
  sent: { state: 'fine', word: 'heard' },
  failed: { state: 'critical', word: 'not heard' },
  withheld: { state: 'critical', word: 'withheld on purpose' },
}

/** Who hears when Tidewatch itself is gone, and whether they hear it now. */
export function HeartbeatSection({ heartbeat }: { readonly heartbeat: HeartbeatState | null }) {
  return (
    <section className="section" aria-label="Heartbeat">
      <div className="section-head">
        <h2>Heartbeat</h2>
        <span className="small third">
          Somebody else raises the alarm when it stops: then Tidewatch itself is gone.
        </span>
      </div>
      {heartbeat === null ? <NoHeartbeat /> : <Beats heartbeat={heartbeat} />}
    </section>
  )
}

function NoHeartbeat() {
  return (
    <>
      <p className="second" style={{ paddingBottom: 8 }}>
        Nobody would hear that Tidewatch is gone. Make a check at healthchecks.io, Dead Man's Snitch or a second Uptime
        Kuma, and write its address into tidewatch.yml.
      </p>
      <CodeBlock name="A heartbeat" snippets={heartbeatSnippets} />
    </>
  )
}

function Beats({ heartbeat: { receiver, intervalMs, last, lastSentAtMs } }: { readonly heartbeat: HeartbeatState }) {
  const now = last === null ? undefined : states[last.outcome]
  return (
    <dl className="facts left heartbeat-facts">
      <dt>State</dt>
      <dd>
        {now === undefined ? (
          <StateWord state="no-data">none sent yet by the process that answers here</StateWord>
        ) : (
          <StateWord state={now.state}>{now.word}</StateWord>
        )}
        {last !== null && last.reason !== '' && <p className="second">{last.reason}</p>}
      </dd>
      <dt>Last heard</dt>
      <dd>
        <Age atMs={lastSentAtMs} never="not since the start" />
      </dd>
      <dt>Goes to</dt>
      <dd>
        {receiver}, every {formatSeconds(intervalMs / 1000)}
      </dd>
    </dl>
  )
}
