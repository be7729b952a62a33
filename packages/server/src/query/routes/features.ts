// What this server can, by the names that newer Prometheus servers answer at `/api/v1/features`: clients need not guess from a version.
import { aggregationNames } from '@tidewatch/promql/parse-expression.ts'
import { signatures } from '@tidewatch/promql/signatures.ts'
import { ruleFunctions } from '@tidewatch/template/rule-functions.ts'

/** Words and signs between expressions; aggregations come from the parser. */
const operators = [
  '!=',
  '!~',
  '%',
  '*',
  '+',
  '-',
  '/',
  '<',
  '</',
  '<=',
  '==',
  '=~',
  '>',
  '>/',
  '>=',
  '@',
  '^',
  'and',
  'atan2',
  'or',
  'unless',
]

const all = (names: readonly string[]): Record<string, true> => Object.fromEntries(names.map((name) => [name, true]))

/** Every function and operator there is is on: none is behind a flag. `reloads`: whether changed files are read by themselves. */
export function features({
  reloads,
  wantsZeroSamples,
}: {
  readonly reloads: boolean
  readonly wantsZeroSamples: () => boolean
}): object {
  return {
    api: {
      ...all(['admin', 'exclude_alerts', 'label_values_match', 'lifecycle', 'openapi_3.1', 'openapi_3.2']),
      ...all(['otlp_write_receiver', 'query_stats', 'query_warnings', 'remote_write_receiver', 'time_range_labels']),
      ...all(['time_range_series']),
    },
    otlp_receiver: { delta_conversion: true, native_delta_ingestion: false },
    prometheus: { agent_mode: false, auto_reload_config: reloads, server_mode: true },
    promql: {
      ...all(['anchored', 'at_modifier', 'bool', 'by', 'delayed_name_removal', 'duration_expr', 'fill', 'fill_left']),
      ...all(['fill_right', 'group_left', 'group_right', 'ignoring', 'negative_offset', 'offset', 'on']),
      ...all(['per_query_lookback_delta', 'per_step_stats', 'smoothed', 'subqueries', 'without']),
      type_and_unit_labels: false,
    },
    promql_functions: all(Object.keys(signatures)),
    promql_operators: all([...operators, ...aggregationNames].sort()),
    rules: all(['concurrent_rule_eval', 'keep_firing_for', 'query_offset']),
    scrape: {
      extra_scrape_metrics: true,
      start_timestamp_zero_ingestion: wantsZeroSamples(),
      type_and_unit_labels: false,
    },
    service_discovery_providers: all(['dns', 'file', 'http', 'static']),
    templating_functions: all(Object.keys(ruleFunctions('', () => ''))),
    tsdb: all(['exemplar_storage', 'native_histograms']),
  }
}
