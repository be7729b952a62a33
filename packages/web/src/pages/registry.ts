import {
  Bell,
  CalendarDays,
  ChartLine,
  Layers,
  type LucideIcon,
  Plug,
  ScrollText,
  Settings,
  SlidersHorizontal,
  Waves,
} from 'lucide-react'
import type { ComponentType } from 'react'

export type PageGroup = '' | 'Respond' | 'Explore' | 'Set up'

export interface PageEntry {
  readonly path: string
  /** Further addresses that it answers: `/alerts/$fingerprint`. */
  readonly within?: readonly string[]
  readonly title: string
  /** The head under which it stands in the rail. */
  readonly group: PageGroup
  readonly icon: LucideIcon
  /** `g` and then this letter opens it. */
  readonly letter: string
  /** What else a person may search it by. */
  readonly words: string
  /** Parts of it that a person may look for by name. */
  readonly places?: readonly PagePlace[]
  readonly load: () => Promise<{ readonly Page: ComponentType }>
}

interface PagePlace {
  readonly title: string
  /** What the address says of it. */
  readonly search: Readonly<Record<string, string>>
  readonly words: string
}

/** Every page: one folder and one line. */
export const pages: readonly PageEntry[] = [
  {
    path: '/',
    title: 'Now',
    group: '',
    icon: Waves,
    letter: 'n',
    words: 'overview home host cpu memory',
    load: () => import('./now/page.tsx'),
  },
  {
    path: '/alerts',
    within: ['/alerts/$fingerprint'],
    title: 'Alerts',
    group: 'Respond',
    icon: Bell,
    letter: 'a',
    words: 'firing pending fire silence silences history acknowledge mute mttr mtta noise',
    load: () => import('./alerts/page.tsx'),
  },
  {
    path: '/oncall',
    title: 'On-call',
    group: 'Respond',
    icon: CalendarDays,
    letter: 'o',
    words: 'schedule shifts override escalation people calendar fire drill heartbeat',
    load: () => import('./oncall/page.tsx'),
  },
  {
    path: '/explore',
    title: 'Metrics',
    group: 'Explore',
    icon: ChartLine,
    letter: 'm',
    words: 'explorer promql query graph',
    load: () => import('./metrics/page.tsx'),
  },
  {
    path: '/logs',
    title: 'Logs',
    group: 'Explore',
    icon: ScrollText,
    letter: 'l',
    words: 'lines search kql lucene logql tail follow',
    places: [
      { title: 'errors of the last hour', search: { q: 'level: error or level: fatal', range: '1h' }, words: 'failed' },
      { title: 'patterns', search: { tab: 'patterns' }, words: 'templates similar new anomalies' },
      { title: 'try a pipeline', search: { tab: 'pipelines' }, words: 'logstash grok playground filter' },
      { title: 'storage', search: { tab: 'storage' }, words: 'retention archive index disk cost' },
    ],
    load: () => import('./logs/page.tsx'),
  },
  {
    path: '/cardinality',
    title: 'Cardinality',
    group: 'Explore',
    icon: Layers,
    letter: 'c',
    words: 'series labels values churn limits memory tsdb status drop',
    load: () => import('./cardinality/page.tsx'),
  },
  {
    path: '/sources',
    title: 'Sources',
    group: 'Set up',
    icon: Plug,
    letter: 's',
    words: 'targets scrape remote write ingest health service discovery relabel',
    load: () => import('./sources/page.tsx'),
  },
  {
    path: '/rules',
    title: 'Rules',
    group: 'Set up',
    icon: SlidersHorizontal,
    letter: 'r',
    words: 'recording alerting groups',
    load: () => import('./rules/page.tsx'),
  },
  {
    path: '/settings',
    title: 'Settings',
    group: 'Set up',
    icon: Settings,
    letter: 'e',
    words: 'account users tokens keys sessions password audit',
    load: () => import('./settings/page.tsx'),
  },
]
