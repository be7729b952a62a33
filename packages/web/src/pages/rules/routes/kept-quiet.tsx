import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { alertHref } from '../../../data/alerts.ts'
import { linkSearch } from '../../../data/search.ts'
import { silencesQuery } from '../../../data/silences.ts'

/** The silences that hide it, by what their makers wrote. */
export function Silences({ ids }: { readonly ids: readonly string[] }) {
  const { data = [] } = useQuery({ ...silencesQuery, enabled: ids.length > 0 })
  if (ids.length === 0) return null
  return (
    <div className="small">
      <p>Silenced by</p>
      <ul>
        {ids.map((id) => {
          const silence = data.find((one) => one.id === id)
          return (
            <li key={id} className="break">
              <Link to="/alerts" search={linkSearch({ tab: 'silences' })} className="link">
                {silence === undefined || silence.comment === '' ? id : silence.comment}
              </Link>
              {silence !== undefined && <span className="third"> by {silence.createdBy}</span>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

const maxShown = 10

/** The alerts that hold it back, by inhibition. */
export function Holders({ fingerprints, rules }: { readonly fingerprints: readonly string[]; readonly rules: number }) {
  if (fingerprints.length === 0) return null
  return (
    <div className="small">
      <p>
        Held back by {fingerprints.length === 1 ? 'an alert that fires' : `${fingerprints.length} alerts that fire`}, by
        one of {rules} inhibition {rules === 1 ? 'rule' : 'rules'}
      </p>
      <ul>
        {fingerprints.slice(0, maxShown).map((fingerprint) => (
          <li key={fingerprint}>
            <Link to={alertHref(fingerprint)} search={linkSearch()} className="link mono">
              {fingerprint}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
