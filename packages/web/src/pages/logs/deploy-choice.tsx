import { useQuery } from '@tanstack/react-query'
import type { Deploy } from '@tidewatch/api/deploys.ts'
import { deploysQuery } from '../../data/deploys.ts'
import type { LogQuestion } from '../../data/logs.ts'
import { rangeMs } from '../../data/range.ts'
import { useSetSearch } from '../../data/use-range.ts'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { deployTitle } from './deploy-model.ts'

/** Each service's last deploy: what is meant where none is chosen. */
export const latest = 'latest'
const none = 'none'
/** Deploys before the range that can be chosen. */
const leastBackMs = 86_400_000

interface DeployChoiceProps {
  readonly question: LogQuestion
  readonly chosen: string
  /** Those of the answer, which may be older than what is listed. */
  readonly known: readonly Deploy[]
}

/** Since which deploy patterns count as new. */
export function DeployChoice({ question: { range }, chosen, known }: DeployChoiceProps) {
  const { zone } = usePreferences()
  const setSearch = useSetSearch()
  const { data = [] } = useQuery(deploysQuery(range, Math.max(rangeMs(range), leastBackMs)))
  const all = [...known.filter(({ id }) => !data.some((one) => one.id === id)), ...data].sort((a, b) => b.atMs - a.atMs)
  return (
    <label className="row">
      <span className="third">New since</span>
      <select
        className="input"
        value={chosen}
        onChange={({ target: { value } }) =>
          setSearch({ deploy: value === latest ? undefined : value }, { replace: true })
        }
      >
        <option value={latest}>the last deploy of each service</option>
        <option value={none}>the range begins</option>
        {all.map((deploy) => (
          <option key={deploy.id} value={deploy.id}>
            {deployTitle(deploy)}, {formatMoment(deploy.atMs, zone)}
          </option>
        ))}
      </select>
    </label>
  )
}
