import { useQueries } from '@tanstack/react-query'
import type { MatrixSeries } from '@tidewatch/api/prometheus.ts'
import type { CheckedRule } from '@tidewatch/api/rules.ts'
import { useMemo, useState } from 'react'
import { toChartData } from '../../../charts/series.ts'
import { TimeChart } from '../../../charts/time-chart.tsx'
import { unitOfQuery } from '../../../charts/unit-of-query.ts'
import { problemOf } from '../../../data/client.ts'
import { type RangeAnswer, rangeQuery } from '../../../data/prometheus.ts'
import { chooseStepMs, describeRange } from '../../../data/range.ts'
import { usePageRange } from '../../../data/use-range.ts'
import { SelectField } from '../../../ui/field.tsx'
import { type Loadable, Loaded } from '../../../ui/loaded.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { formatSeconds } from '../../../ui/units.ts'
import { firingsOf, firingWords, limitsOf, planPreview, spansOf } from './preview-model.ts'

/** The rule's value over the page's range, with its limit and where it would have fired. */
export function Preview({ rules }: { readonly rules: readonly CheckedRule[] }) {
  const [chosen, setChosen] = useState(0)
  const rule = rules[Math.min(chosen, rules.length - 1)]
  const { zone } = usePreferences()
  const { range } = usePageRange()
  return (
    <section className="section" aria-label="Preview">
      <div className="section-head">
        <h2>Preview</h2>
        <span className="third small">{describeRange(range, zone)}; the time range above changes it</span>
      </div>
      {rules.length > 1 && (
        <div className="preview-choice">
          <SelectField
            label="Rule"
            value={Math.min(chosen, rules.length - 1)}
            options={rules.map(({ name, labels }, i) => ({
              value: i,
              title: labels.severity === undefined ? name : `${name}, ${labels.severity}`,
            }))}
            onValue={setChosen}
          />
        </div>
      )}
      {rule === undefined ? (
        <p className="second">Drawn as soon as the text is right.</p>
      ) : (
        <RulePreview key={rule.query} rule={rule} rules={rules} />
      )}
    </section>
  )
}

interface PreviewAnswer {
  readonly value: RangeAnswer
  readonly condition: RangeAnswer
  readonly others: readonly { readonly name: string; readonly matrix: readonly MatrixSeries[] }[]
}

function usePreview(rule: CheckedRule): Loadable<PreviewAnswer> {
  const { range, refetchInterval } = usePageRange()
  // finer than a chart needs: whether it fires hangs on how often it is looked at
  const stepMs = chooseStepMs(range, { points: 720 })
  const plan = planPreview(rule)
  const queries = [plan.measured, rule.query, ...plan.others.map(({ query }) => query)]
  return useQueries({
    queries: queries.map((query) => ({ ...rangeQuery({ query, range, stepMs }), refetchInterval })),
    combine: (results): Loadable<PreviewAnswer> => {
      const [value, condition] = [results[0]?.data, results[1]?.data]
      const failed = results.find(({ error }) => error !== null)?.error
      const isWhole = value !== undefined && condition !== undefined && results.every(({ data }) => data !== undefined)
      const others = plan.others.map(({ name }, i) => ({ name, matrix: results[i + 2]?.data?.matrix ?? [] }))
      return {
        data: isWhole ? { value, condition, others } : undefined,
        dataAtMs: Math.min(...results.map(({ dataUpdatedAt }) => dataUpdatedAt)),
        problem: failed === null || failed === undefined ? undefined : problemOf(failed),
        asking: results.some(({ isFetching }) => isFetching),
        askAgain: () => {
          for (const { refetch } of results) void refetch()
        },
      }
    },
  })
}

function RulePreview({ rule, rules }: { readonly rule: CheckedRule; readonly rules: readonly CheckedRule[] }) {
  const answer = usePreview(rule)
  return (
    <>
      <CompiledQuery query={rule.query} />
      <Loaded
        of={answer}
        what="the preview"
        height={260}
        isEmpty={({ value }) => value.matrix.length === 0}
        empty={
          <p className="second">
            {rule.kind === 'sql'
              ? 'The database is asked once the rule is in force; until then there is nothing to draw.'
              : 'The query has no value in this range: the rule would be quiet. Look at a longer one, or at its names.'}
          </p>
        }
      >
        {(data) => <PreviewChart rule={rule} rules={rules} answer={data} />}
      </Loaded>
    </>
  )
}

const longQuery = 300

/** What is evaluated; folded where a kind makes much of little. */
function CompiledQuery({ query }: { readonly query: string }) {
  if (query.length <= longQuery) return <pre className="code-line">{query}</pre>
  return (
    <details className="small">
      <summary>The query that it is, {query.length.toLocaleString('en-US')} characters</summary>
      <pre className="code-line">{query}</pre>
    </details>
  )
}

function PreviewChart({
  rule,
  rules,
  answer,
}: {
  readonly rule: CheckedRule
  readonly rules: readonly CheckedRule[]
  readonly answer: PreviewAnswer
}) {
  const { zoom, zoomOut } = usePageRange()
  const { measured } = planPreview(rule)
  const { grid } = answer.value
  const drawn = useMemo(() => {
    const further = answer.others.flatMap(({ name, matrix }) =>
      matrix.map((series) => ({ ...series, metric: { ...series.metric, __name__: name } })),
    )
    return {
      data: further.length === 0 ? answer.value.chart : toChartData([...answer.value.matrix, ...further], grid),
      limits: limitsOf(rules, measured),
    }
  }, [answer, grid, rules, measured])
  const firings = useMemo(
    () => (rule.kind === 'record' ? [] : firingsOf(answer.condition.matrix, answer.condition.grid, rule)),
    [answer, rule],
  )
  const spans = useMemo(() => spansOf(firings), [firings])
  return (
    <>
      {rule.kind !== 'record' && (
        <p className="preview-words" role="status">
          {firingWords(firings)}
        </p>
      )}
      <TimeChart
        title={rule.name}
        data={drawn.data}
        grid={grid}
        unit={unitOfQuery(measured)}
        height={260}
        limits={drawn.limits}
        spans={spans}
        onZoom={zoom}
        onZoomOut={zoomOut}
      />
      <p className="small third">
        {answer.value.chart.total} series, looked at every {formatSeconds(grid.stepMs / 1000)}
        {drawn.data.total > drawn.data.series.length && `; ${drawn.data.series.length} drawn, highest first`}.
      </p>
    </>
  )
}
