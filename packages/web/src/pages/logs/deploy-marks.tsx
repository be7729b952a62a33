import { useQuery } from '@tanstack/react-query'
import { deploysQuery } from '../../data/deploys.ts'
import { usePageRange, useSetSearch } from '../../data/use-range.ts'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { type DeployMark, deployMarks, deployTitle } from './deploy-model.ts'

const mostNamed = 6

/** The deploys between two moments of the page's range. */
export function useDeployMarks(startMs: number, endMs: number): readonly DeployMark[] {
  const { range } = usePageRange()
  const { data = [] } = useQuery(deploysQuery(range))
  return deployMarks(data, { startMs, endMs })
}

/** Lines down through a chart. */
export function DeployLines({ marks }: { readonly marks: readonly DeployMark[] }) {
  const { zone } = usePreferences()
  return marks.map(({ deploy, share }) => (
    <span
      key={deploy.id}
      className="log-deploy"
      style={{ left: `${share * 100}%` }}
      title={`${deployTitle(deploy)}, ${formatMoment(deploy.atMs, zone)}`}
      aria-hidden
    />
  ))
}

/** The same by name: each leads to what is new since then. */
export function DeployNames({ marks }: { readonly marks: readonly DeployMark[] }) {
  const { zone } = usePreferences()
  const setSearch = useSetSearch()
  if (marks.length === 0) return null
  const named = marks.slice(-mostNamed)
  return (
    <p className="log-deploys small third">
      {marks.length === 1 ? 'Deploy' : 'Deploys'}:{' '}
      {marks.length > named.length && `${marks.length - named.length} more, `}
      {named.map(({ deploy }) => (
        <button
          key={deploy.id}
          type="button"
          className="link"
          title={`Patterns that are new since then, ${formatMoment(deploy.atMs, zone)}`}
          onClick={() => setSearch({ tab: 'patterns', deploy: deploy.id, line: undefined })}
        >
          {deployTitle(deploy)}
        </button>
      ))}
    </p>
  )
}
