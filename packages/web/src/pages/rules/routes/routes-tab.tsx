import { useQuery } from '@tanstack/react-query'
import type { RouteTree } from '@tidewatch/api/routing.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { routeTraceQuery, routeTreeQuery } from '../../../data/routing.ts'
import { searchTexts } from '../../../data/search.ts'
import { usePageSearch } from '../../../data/use-range.ts'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { counted } from '../backtest/report-words.ts'
import { InhibitRules } from './inhibit-rules.tsx'
import { RouteBranch } from './route-branch.tsx'
import { countRoutes, labelsOfSearch, pathTo } from './route-model.ts'
import { Trace } from './trace.tsx'
import './routes.css'

/** The way from an alert to people: the tree as it is now, and where one with given labels would go. */
export function RoutesTab() {
  const tree = toLoadable(useQuery({ ...routeTreeQuery, refetchInterval: 15_000 }))
  return (
    <Loaded of={tree} what="routes" height={320}>
      {(data) => <Whole tree={data} />}
    </Loaded>
  )
}

const noTexts: readonly string[] = []

function Whole({ tree }: { readonly tree: RouteTree }) {
  const labels = labelsOfSearch(searchTexts(usePageSearch(), 'label') ?? noTexts)
  const isAsked = Object.keys(labels).length > 0
  const trace = useQuery({ ...routeTraceQuery(labels), enabled: isAsked, refetchInterval: 15_000 })
  const path = isAsked && trace.data !== undefined ? pathTo(tree.root, trace.data.routes) : undefined
  return (
    <div className="columns routes">
      <div>
        <section className="section" aria-label="Routes">
          <div className="section-head">
            <h2>Routes</h2>
            <span className="third small">
              {counted(countRoutes(tree.root), 'route')}, {counted(tree.receivers.length, 'receiver')}; the first that
              fits takes an alert, unless it says continue
            </span>
          </div>
          <ul className="route-tree">
            <RouteBranch node={tree.root} path={path} ends={new Set(trace.data?.routes.map(({ id }) => id))} />
          </ul>
          {tree.isDefault && <DefaultNote />}
        </section>
        <InhibitRules rules={tree.inhibitRules} />
      </div>
      <aside className="aside" aria-label="Where would this go?">
        <Trace labels={labels} of={isAsked ? toLoadable(trace) : undefined} tree={tree} />
      </aside>
    </div>
  )
}

/** What it is without a file, and what a file would say. */
function DefaultNote() {
  return (
    <div className="routes-default">
      <p className="second small">
        No alertmanager.yml is there: every alert goes to all channels of tidewatch.yml. One beside the configuration
        takes its place, as Alertmanager has it:
      </p>
      <CodeBlock name="Routes of your own" snippets={[{ title: 'alertmanager.yml', text: exampleTree }]} />
    </div>
  )
}

const exampleTree = `route:
  receiver: team
  group_by: [alertname, cluster]
  routes:
    - matchers: [severity="critical"]
      receiver: pager
      group_wait: 0s
receivers:
  - name: team
    slack_configs:
      - api_url_file: secrets/slack
        channel: '#alerts'
  - name: pager
    pagerduty_configs:
      - routing_key_file: secrets/pagerduty
`
