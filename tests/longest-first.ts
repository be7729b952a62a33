// The order in which test files begin: those that take longest first, so that no processor waits for a long one that began last.
import { join, relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const root = join(import.meta.dirname, '..')

/** Files of more than 25 s on an idle machine of two processors, the longest first. */
const longest: readonly string[] = [
  'tests/kill/samples.test.ts',
  'tests/kill/deletion.test.ts',
  'tests/browser/page.test.ts',
  'tests/kill/files.test.ts',
  'tests/counterparts/backtest-demo.test.ts',
  'tests/browser/product.test.ts',
  'tests/browser/oncall.test.ts',
  'tests/counterparts/alerts.test.ts',
  'tests/browser/logs.test.ts',
  'tests/kill/notifications.test.ts',
  'tests/kill/engine-loads.test.ts',
  'tests/counterparts/cli.test.ts',
  'packages/server/src/store/erase.engine.test.ts',
  'tests/counterparts/postgres-state.test.ts',
  'tests/kill/alerts.test.ts',
  'tests/kill/histograms.test.ts',
  'tests/counterparts/promqltest.test.ts',
  'tests/counterparts/pushgateway.test.ts',
  'tests/kill/log-lines.test.ts',
  'tests/counterparts/backtest.test.ts',
  'tests/counterparts/elasticsearch-lucene.test.ts',
  'tests/kill/shutdown.test.ts',
  'tests/counterparts/prometheus.test.ts',
  'tests/counterparts/oncall.test.ts',
  'tests/kill/oncall.test.ts',
  'tests/counterparts/query-api.test.ts',
  'tests/browser/rollups.test.ts',
  'tests/browser/rules.test.ts',
  'tests/counterparts/rollups.test.ts',
  'tests/browser/many-alerts.test.ts',
  'tests/kill/beats.test.ts',
  'tests/kill/engine-away.test.ts',
  'tests/browser/explorer.test.ts',
  'tests/kill/engine-kill.test.ts',
]

/** Places among all files: 0 begins first. Files that are not named follow in Vitest's own order, the largest or, once known, the slowest first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const places = new Map(longest.map((path, place) => [path, place]))
    const placeOf = ({ moduleId }: TestSpecification): number => places.get(relative(root, moduleId)) ?? longest.length
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder
    return (await super.sort(files)).toSorted((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b))
  }
}
