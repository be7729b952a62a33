import type { RouteTree } from '@tidewatch/api/routing.ts'

/** Which alerts keep which others quiet. */
export function InhibitRules({ rules }: { readonly rules: RouteTree['inhibitRules'] }) {
  return (
    <section className="section" aria-label="Inhibition">
      <div className="section-head">
        <h2>Inhibition</h2>
        <span className="third small">an alert that fires keeps others quiet</span>
      </div>
      {rules.length === 0 ? (
        <p className="second small">
          None. <code>inhibit_rules</code> in alertmanager.yml keeps warnings quiet while the critical alert of the same
          service fires.
        </p>
      ) : (
        <ul className="inhibit-rules small">
          {rules.map(({ source, target, equal }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rules may be the same in all they say
            <li key={i} className="break">
              While <Matchers of={source} /> fires, <Matchers of={target} /> is quiet
              {equal.length > 0 && (
                <>
                  {' '}
                  where <b>{equal.join(', ')}</b> {equal.length === 1 ? 'is' : 'are'} the same
                </>
              )}
              .
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const Matchers = ({ of }: { readonly of: readonly string[] }) =>
  of.length === 0 ? 'any alert' : <code>{of.join(', ')}</code>
